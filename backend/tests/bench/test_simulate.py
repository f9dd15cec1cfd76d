"""`make simulate` itself, with loads that take a second."""

import math
from dataclasses import replace

from tests.bench.crowd import Crowd
from tests.bench.day import Load, curve, jain
from tests.bench.simulate import line, parts, simulate

SMALL = Load(0.5, batch=8)


def test_a_day_has_the_mean_that_it_says_and_a_peak_of_three():
    mean = sum(curve(minute / 60) for minute in range(24 * 60)) / (24 * 60)

    assert math.isclose(mean, 1, rel_tol=0.001)
    assert math.isclose(curve(15), 3, rel_tol=0.001)


def test_every_picture_of_a_window_is_made_once_and_every_sum_of_money_agrees(redis, redis_server):
    crowd = Crowd(redis_server, SMALL)
    told = crowd.run(3)
    crowd.close()

    assert crowd.ended == crowd.submitted > 100
    assert crowd.world.books.differences() == []
    assert told.events > 2
    assert told.commands > 20
    assert told.wait_s == 0.0, "there are more slots than the peak needs"


def test_too_few_slots_make_people_wait(redis, redis_server):
    told = simulate(redis_server, replace(SMALL, room=0.4), 5)

    assert told.wait_s > 0
    assert told.first_s < told.wait_s, "who comes with a little is not behind those who came with much"


def test_what_is_told_fills_both_tables(redis, redis_server):
    told = simulate(redis_server, SMALL, 1)

    assert line(SMALL, told).count("|") == 20
    assert {row.count("|") for row in parts(SMALL, told).splitlines()} == {7}
    assert any(part.us > 0 for part in told.parts.values())


def test_equal_shares_are_fair_and_a_single_taker_is_not():
    assert jain([2, 2, 2, 2]) == 1
    assert jain([4, 0, 0, 0]) == 0.25
    assert jain([]) is None
