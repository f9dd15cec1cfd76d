import pytest

from batchgen.domain.offers import image_fault, most_references, not_offered
from batchgen.domain.pictures import Capabilities, Options

BARE = Capabilities("m", "m", "m", 1, max_images=4, max_references=3)
FULL = Capabilities(
    "m", "m", "m", 1, aspect_ratios=("1:1",), sizes=("1K",), formats=("png",), takes_seed=True, takes_watermark=True,
    min_input_side=15, widest_input=16,
)  # fmt: skip
EVERYTHING = Options("1:1", "1K", "png", 0, watermark=True)


def test_everything_that_would_be_ignored_is_named():
    assert not_offered(BARE, EVERYTHING) == [
        ("aspect_ratio", "1:1"), ("size", "1K"), ("format", "png"), ("seed", "0"), ("watermark", "true"),
    ]  # fmt: skip
    assert not_offered(FULL, EVERYTHING) == []
    assert not_offered(BARE, Options()) == []


def test_the_base_image_takes_the_place_of_a_reference():
    assert (most_references(BARE, with_base=True), most_references(BARE, with_base=False)) == (3, 4)


@pytest.mark.parametrize(
    ("size", "fault"),
    [((15, 15), None), ((14, 15), "image_side_refused"), ((1600, 100), None), ((100, 1601), "image_ratio_refused")],
)
def test_an_image_is_within_the_limits_or_refused_by_name(size, fault):
    assert image_fault(FULL, *size) == fault


def test_images_share_a_request_so_that_all_of_them_fit():
    gemini = Capabilities("m", "m", "m", 1, max_input_bytes=7_000_000, max_request_bytes=18_000_000)

    assert gemini.sending(1).max_bytes == 7_000_000
    for count in (1, 2, 3, 14):
        assert gemini.sending(count).max_bytes * count * 4 // 3 <= 18_000_000
