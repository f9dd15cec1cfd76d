import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.estimates import Warned, costs, fair_share, seconds, warnings
from batchgen.domain.models import Submission, SubmittedItem, Upload
from batchgen.domain.pictures import Options
from batchgen.providers.catalogue import catalogue

MODELS = {e.capabilities.id: e.capabilities for s in catalogue().values() for e in s.models}
PRO, SEEDREAM, PAINT = MODELS["gemini-3-pro-image"], MODELS["doubao-seedream-5-5-261028"], MODELS["demo-paint"]


def image(width: int, height: int, *, see_through: bool = False) -> Upload:
    return Upload(f"u{width}x{height}", "o", "a.png", "0", "png", width, height, 9, 0, see_through)


def asked(*images: Upload, texts: int = 0, **more: object) -> tuple[Submission, dict[str, Upload]]:
    items = [SubmittedItem(one.id) for one in images] + [SubmittedItem()] * texts
    return Submission("p", tuple(items), **more), {one.id: one for one in images}  # type: ignore[arg-type]


def test_every_image_that_is_sent_along_is_in_the_cost():
    pile, _ = asked(image(10, 10), image(20, 20), variants=3, references=("r1", "r2"), options=Options(size="2K"))

    assert costs(pile, SEEDREAM) == (6 * (35_000 + 3 * 8_000),) * 2


def test_words_among_images_cost_less_and_the_most_is_what_is_held():
    pile, _ = asked(image(10, 10), texts=2)

    assert costs(pile, SEEDREAM) == (28_000 + 2 * 20_000, 3 * 28_000)


@given(count=st.integers(0, 50), variants=st.integers(1, 8), references=st.integers(0, 9), texts=st.integers(0, 9))
def test_at_least_is_never_more_than_at_most(count, variants, references, texts):
    pile, _ = asked(*[image(9, 9)] * count, texts=texts, variants=variants, references=("r",) * references)
    low, high = costs(pile, PRO)

    assert 0 <= low <= high
    assert low == high or (texts and count)


@pytest.mark.parametrize(
    ("pictures", "ahead", "slots", "each_ms", "per_minute", "wanted"),
    [
        (10, 0, 5, 2000, 0, 4), (10, 10, 5, 2000, 0, 8), (1, 0, 32, 300, 0, 1), (11, 0, 5, 2000, 0, 6),
        (0, 0, 5, 2000, 0, None), (10, 0, 0, 2000, 0, None), (10, 0, 5, 0, 0, None),
        (60, 0, 32, 1000, 60, 2), (61, 0, 32, 1000, 60, 61), (121, 0, 32, 1000, 60, 121),
    ],
)  # fmt: skip
def test_seconds_follow_from_the_slots_the_speed_and_the_rate(pictures, ahead, slots, each_ms, per_minute, wanted):
    assert seconds(pictures, ahead, slots=slots, each_ms=each_ms, per_minute=per_minute) == wanted


def test_one_picture_waits_for_one_turn_of_each_batch_and_not_for_all_of_them():
    assert fair_share(1, [500, 3]) == 2
    assert fair_share(100, [500, 3]) == 103


def test_a_ratio_that_is_not_offered_is_told_with_what_comes_out_instead():
    pile, uploads = asked(image(800, 600), *[image(4000 + n, 1000) for n in range(30)], image(300, 1200))

    assert warnings(pile, PRO, uploads) == [
        Warned("ratio_not_offered", {"ratio": "21:9", "count": 30}, tuple(range(1, 21)), 30),
        Warned("ratio_not_offered", {"ratio": "9:16", "count": 1}, (31,), 1),
    ]


def test_a_ratio_that_was_chosen_or_is_held_is_no_surprise():
    banner = image(4000, 1000)
    chosen, uploads = asked(banner, options=Options(aspect_ratio="1:1"))
    held, _ = asked(banner)
    words, _ = asked(texts=3)

    assert warnings(chosen, PRO, uploads) == []
    assert warnings(held, SEEDREAM, uploads) == []
    assert warnings(words, PRO, {}) == []


@pytest.mark.parametrize(
    ("size", "images", "small"),
    [(None, [(512, 512), (511, 511)], (1,)), ("4K", [(2048, 2048), (1000, 1000)], (1,)), (None, [(3000, 255)], (0,))],
)
def test_an_image_that_would_be_enlarged_more_than_twice_is_told(size, images, small):
    model = PRO if size else PAINT
    pile, uploads = asked(*[image(*one) for one in images], options=Options(size=size))

    assert [w.items for w in warnings(pile, model, uploads) if w.code == "image_too_small"] == [small]


def test_see_through_parts_are_told_where_the_model_does_not_take_them():
    pile, uploads = asked(image(900, 900), image(1024, 1024, see_through=True))
    only_reference, _ = asked(image(900, 900), references=("u1024x1024",))

    assert [(w.code, w.items) for w in warnings(pile, SEEDREAM, uploads)] == [("alpha_flattened", (1,))]
    assert [(w.code, w.count) for w in warnings(only_reference, SEEDREAM, uploads)] == [("alpha_flattened", 0)]
    assert warnings(pile, PAINT, uploads) == []


def test_a_model_that_ends_is_told_with_its_day():
    pile, _ = asked(texts=1)

    told = warnings(pile, MODELS["doubao-seedream-4-5-251128"], {})

    assert told == [Warned("model_deprecated", {"date": "2026-11-24", "count": 0})]
