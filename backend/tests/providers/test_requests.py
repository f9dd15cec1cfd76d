"""What reaches the provider, and what becomes of its picture."""

import hashlib
import threading
from itertools import pairwise

import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.pictures import InputImage, Request
from batchgen.providers.base import mime_of
from tests.fakes.pictures import picture_for, plain
from tests.providers.conftest import BASE, DOUBAO, GEMINI, KEYS, REFERENCES, asked, failure_of

LITE = "doubao-seedream-5-0-260128"
V45 = "doubao-seedream-4-5-251128"


def sha256(image: InputImage) -> str:
    return hashlib.sha256(image.data).hexdigest()


@pytest.fixture(params=["gemini", "doubao"])
def both(request):
    """(adapter, its fake server, a model)."""
    fake, adapter = (request.getfixturevalue(f"{request.param}{end}") for end in ("_fake", ""))
    return adapter, fake, GEMINI if request.param == "gemini" else DOUBAO


def test_text_alone_gives_a_picture(both):
    adapter, fake, model = both

    picture = adapter.generate(asked(model, "一只红色的狐狸"), timeout_s=20)

    assert mime_of(picture.data) == picture.mime
    assert (picture.seed, picture.model_version) == (None, model)
    assert picture.usage
    [call] = fake.calls
    assert (call.model, call.prompt, call.images) == (model, "一只红色的狐狸", [])


def test_the_base_image_comes_first_then_the_references_then_the_prompt(both):
    adapter, fake, model = both

    adapter.generate(asked(model, "as in the references", BASE, *REFERENCES), timeout_s=20)

    [call] = fake.calls
    assert call.images == [sha256(image) for image in (BASE, *REFERENCES)]
    assert call.mimes == ["image/jpeg", "image/png", "image/jpeg"]


def test_gemini_is_given_the_prompt_after_the_images(gemini, gemini_fake):
    gemini.generate(asked(GEMINI, "x", BASE, *REFERENCES), timeout_s=20)

    assert gemini_fake.calls[0].order == ["image", "image", "image", "text"]


def test_one_image_gives_another_picture_for_each_prompt(both):
    adapter, _, model = both

    pictures = {adapter.generate(asked(model, prompt, BASE), timeout_s=20).data for prompt in ("a", "b", "c")}

    assert len(pictures) == 3


def test_gemini_takes_ratio_size_and_seed(gemini, gemini_fake):
    gemini.generate(asked(GEMINI, aspect_ratio="16:9", size="2K", seed=2**31 + 5), timeout_s=20)

    options = gemini_fake.calls[0].options
    assert options["imageConfig"] == {"aspectRatio": "16:9", "imageSize": "2K"}
    assert options["seed"] == 5  # the wire has 31 bits for it
    assert options["responseModalities"] == ["IMAGE"]


def test_gemini_is_not_sent_what_was_not_chosen(gemini, gemini_fake):
    gemini.generate(asked(GEMINI), timeout_s=20)

    assert gemini_fake.calls[0].options == {"responseModalities": ["IMAGE"]}


def test_gemini_is_told_the_named_ratio_that_is_nearest_to_the_base_image(gemini, gemini_fake):
    banner = InputImage(plain((700, 100)), "image/jpeg", 700, 100)

    gemini.generate(asked(GEMINI, "x", BASE, *REFERENCES), timeout_s=20)
    gemini.generate(asked(GEMINI, "x", banner), timeout_s=20)
    gemini.generate(Request(GEMINI, "x", REFERENCES, references=2), timeout_s=20)

    assert [call.options.get("imageConfig") for call in gemini_fake.calls] == [
        {"aspectRatio": "4:3"}, {"aspectRatio": "8:1"}, None,  # from text, whatever the references look like
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("behaviour", "description"),
    [("drafts", ""), ("late_draft", ""), ("text_and_picture", "Here it is."), ("new_field", "")],
)
def test_gemini_gives_the_final_picture_and_no_draft(gemini, gemini_fake, behaviour, description):
    gemini_fake.plan = [behaviour]

    picture = gemini.generate(asked(GEMINI, "x"), timeout_s=20)

    assert picture.data == picture_for("x", [])
    assert picture.description == description


def test_ark_is_asked_for_bytes_without_a_watermark(doubao, doubao_fake):
    doubao.generate(asked(DOUBAO), timeout_s=20)

    assert doubao_fake.calls[0].options == {"response_format": "b64_json", "watermark": False, "size": "1K"}


def test_ark_takes_a_watermark_and_a_format(doubao, doubao_fake):
    doubao.generate(asked(DOUBAO, watermark=True, format="png"), timeout_s=20)

    options = doubao_fake.calls[0].options
    assert (options["watermark"], options["output_format"]) == (True, "png")


def test_ark_is_told_a_ratio_in_pixels(doubao, doubao_fake):
    doubao.generate(asked(DOUBAO, "x", BASE, aspect_ratio="16:9"), timeout_s=20)
    doubao.generate(asked(LITE, "x", aspect_ratio="1:1"), timeout_s=20)

    assert [call.options["size"] for call in doubao_fake.calls] == ["1352x760", "2048x2048"]


def test_ark_keeps_the_ratio_of_the_base_image(doubao, doubao_fake):
    doubao.generate(asked(V45, "x", BASE, size="4K"), timeout_s=20)  # 4:3

    assert doubao_fake.calls[0].options["size"] == "4728x3544"


def test_ark_makes_one_picture_where_a_model_could_make_many(doubao, doubao_fake):
    doubao.generate(asked(V45), timeout_s=20)

    assert doubao_fake.calls[0].options["sequential_image_generation"] == "disabled"


def test_ark_is_given_lower_case_data_urls(doubao, doubao_fake):
    image = InputImage(BASE.data, "image/JPEG", 64, 48)

    doubao.generate(asked(DOUBAO, "x", image), timeout_s=20)

    assert doubao_fake.calls[0].mimes == ["image/jpeg"]


def test_a_picture_after_an_error_counts(doubao, doubao_fake):
    doubao_fake.plan = ["error_then_picture"]

    assert mime_of(doubao.generate(asked(DOUBAO), timeout_s=20).data) == "image/jpeg"


def test_a_result_by_url_is_fetched_without_the_key(doubao, doubao_fake):
    doubao_fake.plan = ["url"]

    picture = doubao.generate(asked(DOUBAO, "x"), timeout_s=20)

    assert picture.data == picture_for("x", [])
    assert picture.mime == "image/png"  # by its bytes; the header said octet-stream
    assert "authorization" not in doubao_fake.fetches[0]


def test_a_result_is_fetched_again_but_not_made_again(doubao, doubao_fake):
    doubao_fake.plan = ["url_flaky"]

    assert doubao.generate(asked(DOUBAO, "x"), timeout_s=20).data == picture_for("x", [])
    assert (len(doubao_fake.calls), len(doubao_fake.fetches)) == (1, 3)


def test_keys_take_turns(both):
    adapter, fake, model = both

    for _ in range(2 * len(KEYS)):
        adapter.generate(asked(model), timeout_s=20)

    turns = [call.key for call in fake.calls]
    assert sorted(turns) == sorted([0, 1, 2] * 2)
    assert all(before != after for before, after in pairwise(turns))


def test_one_adapter_serves_many_threads(both):
    adapter, fake, model = both
    pictures: dict[int, bytes] = {}

    def work(n: int) -> None:
        pictures[n] = adapter.generate(asked(model, f"prompt {n}"), timeout_s=60).data

    threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kind = "PNG" if model == GEMINI else "JPEG"
    assert pictures == {n: picture_for(f"prompt {n}", [], 1.0, kind) for n in range(32)}
    assert len(fake.calls) == 32


@pytest.mark.parametrize(
    ("options", "words"),
    [({"aspect_ratio": "5:7"}, "aspect_ratio 5:7"), ({"size": "9K"}, "size 9K"), ({"format": "gif"}, "format gif")],
)
def test_an_option_that_a_model_does_not_offer_is_refused_before_it_costs(both, options, words):
    adapter, fake, model = both

    failure = failure_of(lambda: adapter.generate(asked(model, **options), timeout_s=20))

    assert (failure.code, failure.charged) == ("invalid_input", Charged.NO)
    assert words in failure.detail
    assert fake.calls == []


@pytest.mark.parametrize(
    ("options", "words"), [({"format": "webp"}, "format webp"), ({"seed": 7}, "seed 7")], ids=["format", "seed"]
)
def test_what_ark_cannot_do_is_refused_and_not_left_out(doubao, doubao_fake, options, words):
    failure = failure_of(lambda: doubao.generate(asked(DOUBAO, **options), timeout_s=20))

    assert failure.code == "invalid_input"
    assert words in failure.detail
    assert doubao_fake.calls == []


@pytest.mark.parametrize("size", [(14, 100), (1700, 100)])
def test_an_image_that_ark_would_refuse_is_not_sent(doubao, doubao_fake, size):
    wrong = InputImage(plain(size), "image/jpeg", *size)

    first = failure_of(lambda: doubao.generate(asked(DOUBAO, "x", wrong), timeout_s=20))
    second = failure_of(lambda: doubao.generate(asked(DOUBAO, "x", BASE, wrong), timeout_s=20))

    assert first.detail == second.detail == f"{DOUBAO} does not take an image of {size[0]}x{size[1]}"
    assert doubao_fake.calls == []


def test_a_visible_watermark_is_refused_where_there_is_none(gemini, gemini_fake):
    failure = failure_of(lambda: gemini.generate(asked(GEMINI, watermark=True), timeout_s=20))

    assert "watermark true" in failure.detail
    assert gemini_fake.calls == []


def test_too_many_or_too_large_images_are_refused_before_they_cost(gemini, gemini_fake):
    small = InputImage(plain((8, 8)), "image/jpeg", 8, 8)
    large = InputImage(b"\xff" * 7_000_000, "image/jpeg", 4000, 4000)

    many = failure_of(lambda: gemini.generate(asked(GEMINI, "x", *[small] * 15), timeout_s=20))
    heavy = failure_of(lambda: gemini.generate(asked(GEMINI, "x", large, large), timeout_s=20))

    assert (many.code, heavy.code) == ("invalid_input", "invalid_input")
    assert "18 MB" in heavy.detail
    assert gemini_fake.calls == []


def test_a_model_that_nobody_knows_is_not_asked_for(both):
    adapter, fake, _ = both

    failure = failure_of(lambda: adapter.generate(asked("dall-e-3"), timeout_s=20))

    assert (failure.code, failure.charged) == ("model_unavailable", Charged.NO)
    assert fake.calls == []
