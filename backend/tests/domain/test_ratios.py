from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.canvas import Canvas
from batchgen.domain.pictures import Capabilities, Options
from batchgen.domain.ratios import TOLERANCE, Promise, number, promised_ratio
from batchgen.providers.catalogue import RATIOS, catalogue

ROWS = [e.capabilities for s in catalogue().values() for e in s.models if e.available]
THREE = Capabilities("old", "old", "old", 1, aspect_ratios=RATIOS["R3"], canvas=Canvas("fixed"))
GEMINI = next(m for m in ROWS if m.id == "gemini-3-pro-image")
FLARE = next(m for m in ROWS if m.id == "gpt-image-2.5-flare")
SEEDREAM = next(m for m in ROWS if m.id == "doubao-seedream-5-5-261028")


@given(model=st.sampled_from([*ROWS, THREE]), wide=st.integers(1, 9000), high=st.integers(1, 9000))
def test_exact_means_within_two_percent_of_the_image(model, wide, high):
    promise = promised_ratio(model, Options(), (wide, high))

    assert promise.ratio is not None
    assert promise.exact == (abs(promise.ratio / (wide / high) - 1) <= TOLERANCE)


@given(model=st.sampled_from(ROWS), size=st.sampled_from(["1K", "2K", "4K"]), data=st.data())
def test_a_ratio_that_was_chosen_is_held_whatever_the_image(model, size, data):
    word = data.draw(st.sampled_from(model.aspect_ratios))
    options = Options(aspect_ratio=word, size=size if size in model.sizes else None)
    promise = promised_ratio(model, options, (123, 457))

    assert promise.exact
    assert promise.word == word
    assert promise.ratio == pytest.approx(number(word), rel=TOLERANCE)


@given(wide=st.integers(1, 9000), high=st.integers(1, 9000))
def test_of_named_ratios_the_nearest_is_asked_for(wide, high):
    promise = promised_ratio(GEMINI, Options(), (wide, high))

    assert promise.word is not None
    off = [abs(log(number(word) / (wide / high))) for word in GEMINI.aspect_ratios]
    assert abs(log(number(promise.word) / (wide / high))) == min(off)


@pytest.mark.parametrize("model", [*ROWS, THREE], ids=lambda m: m.id)
def test_text_without_a_ratio_is_promised_none(model):
    assert promised_ratio(model, Options(), None) == Promise(None, True, None, None)


def test_a_model_that_cannot_be_asked_promises_nothing():
    [seededit] = [e.capabilities for e in catalogue()["doubao"].models if "adaptive" in e.sends]
    [nano] = [e.capabilities for e in catalogue()["gemini"].models if e.capabilities.id == "gemini-2.5-flash-image"]

    for model in (seededit, nano):
        assert promised_ratio(model, Options(), (400, 300)) == Promise()


@pytest.mark.parametrize(
    ("model", "image", "word", "exact"),
    [
        (GEMINI, (4000, 3000), "4:3", True), (GEMINI, (1000, 1015), "1:1", True), (GEMINI, (400, 100), "21:9", False),
        (GEMINI, (100, 400), "9:16", False), (GEMINI, (1200, 1000), "5:4", False),
        (FLARE, (4000, 1000), "3:1", False), (FLARE, (1000, 4000), "1:3", False), (FLARE, (1150, 1000), None, True),
        (SEEDREAM, (4000, 1000), "4:1", True), (THREE, (4000, 3000), "3:2", False), (THREE, (99, 100), "1:1", True),
    ],
)  # fmt: skip
def test_what_comes_out_has_the_name_that_people_give_it(model, image, word, exact):
    promise = promised_ratio(model, Options(), image)

    assert (promise.word, promise.exact) == (word, exact)
