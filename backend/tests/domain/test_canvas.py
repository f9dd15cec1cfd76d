"""Every canvas of the catalogue at every ratio: taken by the model, and within 2 % of what is wanted."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.canvas import AREA, FIXED, Canvas, fit, nearest_fixed
from batchgen.domain.ratios import TOLERANCE
from batchgen.providers.catalogue import catalogue

MODELS = [e.capabilities for s in catalogue().values() for e in s.models if e.capabilities.canvas.mode == "pixels"]


def assert_taken(canvas: Canvas, size: tuple[int, int]) -> None:
    wide, high = size
    assert (wide % canvas.step, high % canvas.step) == (0, 0)
    assert max(wide, high) <= min(canvas.longest, canvas.widest * min(wide, high))
    assert canvas.fewest <= wide * high <= canvas.most


@given(ratio=st.floats(1 / 60, 60), area=st.sampled_from(sorted(AREA.values())), model=st.sampled_from(MODELS))
def test_any_ratio_at_any_size_is_taken_and_is_the_one_wanted_or_the_widest(ratio, area, model):
    canvas = model.canvas
    wide, high = fit(canvas, ratio, area)

    assert_taken(canvas, (wide, high))
    assert abs(wide / high / min(max(ratio, 1 / canvas.widest), canvas.widest) - 1) <= TOLERANCE


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.id)
def test_a_larger_size_never_has_fewer_pixels(model):
    for ratio in (1 / 4, 9 / 16, 1, 4 / 3, 4):
        areas = [w * h for w, h in (fit(model.canvas, ratio, AREA[size]) for size in model.sizes or ("1K",))]
        assert areas == sorted(areas)


def test_bounds_that_leave_no_room_give_the_nearest_all_the_same():
    assert fit(Canvas("pixels", 1_000_000, 1_000_001), 1.0, AREA["1K"]) == (1000, 1000)


@given(ratio=st.floats(1 / 60, 60))
def test_of_three_sizes_the_nearest_is_taken(ratio):
    w, h = nearest_fixed(ratio)

    assert all(abs(log(w / h / ratio)) <= abs(log(a / b / ratio)) for a, b in FIXED)
