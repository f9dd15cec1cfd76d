import pytest

from batchgen.domain.models import ImageFacts
from batchgen.domain.pictures import InputImage, Options, Picture, Request
from batchgen.domain.quality import Asked, Flag
from batchgen.engine.answers import Answer, answer_from, asked_of, note_of, result_fields
from batchgen.providers.catalogue import catalogue

BASE = InputImage(b"data", "image/jpeg", 400, 200, b"print")
LOGO = InputImage(b"data", "image/png", 40, 40, b"logo")
PICTURE = Picture(b"bytes", "image/png", "a fox", 7)
MODEL = catalogue()["demo"].models[0].capabilities
CALL = (f"demo/{MODEL.id}", 1)
FACTS = ImageFacts("jpeg", 1024, 768)


def test_an_answer_is_held_against_the_base_image_and_never_a_reference():
    assert asked_of(Request(MODEL.id, "p", (BASE, LOGO), references=1), MODEL) == Asked(2.0, b"print", 200)
    assert asked_of(Request(MODEL.id, "p", (LOGO,), references=1), MODEL) == Asked()


@pytest.mark.parametrize(("asked", "promised"), [("16:9", 16 / 9), ("1:1", 1.0), (None, 2.0)])
def test_it_is_held_against_the_ratio_that_was_promised(asked: str | None, promised: float):
    ratio = asked_of(Request(MODEL.id, "p", (BASE,), Options(asked)), MODEL).ratio

    assert ratio == pytest.approx(promised, rel=0.01)


def test_what_it_is_held_against_outlives_the_worker():
    answer = Answer(PICTURE, Asked(1.5, b"print", 200), 3, *CALL)

    assert answer_from(note_of(answer), b"bytes") == answer


def test_a_record_of_a_picture_as_asked_holds_no_more_than_it_must():
    fields = result_fields(FACTS, Answer(Picture(b"bytes", "image/png"), Asked(), 1, *CALL), (), {})

    assert fields == {"format": "jpeg", "width": 1024, "height": 768, "bytes": 5}


def test_nothing_of_a_marked_picture_clings_to_the_one_that_takes_its_place():
    before = {"flags": "blank", "marked": "1.png", "note": "white", "seed": "3"}
    fields = result_fields(FACTS, Answer(Picture(b"bytes", "image/png"), Asked(), 2, *CALL), (), before)

    assert (fields["flags"], fields["note"], fields["seed"]) == ("", "", "")
    assert "marked" not in fields  # its file may still have to be found


def test_a_marked_picture_is_noted_behind_those_before_it():
    fields = result_fields(FACTS, Answer(PICTURE, Asked(), 4, *CALL), (Flag.RATIO, Flag.SMALL), {"marked": "1.png"})

    assert (fields["flags"], fields["error"], fields["marked"]) == ("ratio small", "bad_output_ratio", "1.png 4.jpeg")
