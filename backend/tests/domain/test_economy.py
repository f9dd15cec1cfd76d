"""When the time of a batch API is over, and how often it is asked."""

import pytest

from batchgen.domain.economy import UNMEASURED_MS, Agreement, poll_delay_s, turning_ms
from batchgen.domain.pictures import Capabilities

BY = 1_000_000_000


@pytest.mark.parametrize(
    ("left", "at_once", "picture_ms", "needs_ms"),
    [
        (1, 8, 10_000, 10_000),
        (8, 8, 10_000, 10_000),
        (9, 8, 10_000, 20_000),
        (60, 8, 20_000, 160_000),
        (5, 0, 10_000, 50_000),  # no worker is there: as if one picture were made after the other
        (1, 8, 0, UNMEASURED_MS),
    ],
)
def test_with_consent_the_rest_is_given_the_time_that_it_takes_in_the_normal_lane(left, at_once, picture_ms, needs_ms):
    assert turning_ms(Agreement(BY, True, 2, 1), left, at_once, picture_ms, 5_000) == BY - needs_ms - 5_000


def test_without_consent_there_is_nothing_to_turn_to_before_the_time_is_over():
    assert turning_ms(Agreement(BY, False, 2, 1), 60, 8, 20_000, 5_000) == BY


def test_polls_become_rarer_up_to_ten_times_the_first_interval():
    delays = [poll_delay_s(30, polls) for polls in range(30)]

    assert delays[0] == 30
    assert delays == sorted(delays)
    assert delays[-1] == 300


def test_the_price_of_the_lane_covers_what_goes_in_and_rounds_up():
    model = Capabilities("m", "m", "m", 33_601, input_price_micros=280, batch=True, batch_price=0.5)

    assert model.economy_price() == 16_801
    assert model.economy_price(None, 2) == 17_081
