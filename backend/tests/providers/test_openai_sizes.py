from math import log

from hypothesis import given
from hypothesis import strategies as st

from batchgen.providers.catalogue import RATIOS, catalogue
from batchgen.providers.openai_sizes import AREA, FIXED, fit, nearest

ENTRY = catalogue()["openai"].models[0]


def test_every_ratio_at_every_size_is_taken_and_within_two_percent():
    for size in ENTRY.capabilities.sizes:
        for ratio in RATIOS["R10"]:
            wide, high = map(int, ratio.split(":"))
            assert_taken(fit(wide / high, AREA[size], ENTRY.pixels), wide / high)


@given(ratio=st.floats(1 / 3, 3), area=st.sampled_from(sorted(AREA.values())))
def test_any_image_gets_a_size_that_is_taken_and_within_two_percent(ratio, area):
    assert_taken(fit(ratio, area, ENTRY.pixels), ratio)


@given(ratio=st.floats(1 / 60, 60), area=st.sampled_from(sorted(AREA.values())))
def test_a_banner_gets_the_widest_that_is_taken(ratio, area):
    assert_taken(fit(ratio, area, ENTRY.pixels), min(max(ratio, 1 / 3), 3))


def assert_taken(size: tuple[int, int], ratio: float) -> None:
    w, h = size
    assert (w % 16, h % 16) == (0, 0)
    assert max(w, h) <= min(3840, 3 * min(w, h))
    assert ENTRY.pixels[0] <= w * h <= ENTRY.pixels[1]
    assert abs(w / h / ratio - 1) < 0.02


@given(ratio=st.floats(1 / 60, 60))
def test_of_three_sizes_the_nearest_is_taken(ratio):
    w, h = nearest(ratio)

    assert all(abs(log(w / h / ratio)) <= abs(log(a / b / ratio)) for a, b in FIXED)
