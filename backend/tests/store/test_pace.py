"""How keys and models are slowed down, rested and left alone, by what their calls ended with."""

from collections import Counter
from itertools import pairwise

import pytest

from batchgen.domain.failures import Category
from batchgen.domain.pace import Breaker, Room, Sign
from batchgen.engine.recovery import Recovery
from batchgen.store.connection import Client
from batchgen.store.queue import Lease
from tests.store.steps import World

LIMITS = {"p": Room(8, keys=("one", "two")), "q": Room(8, keys=("own",)), "rated": Room(100, 10, ("a", "b"))}


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis, limits=LIMITS, breaker=Breaker(3, 10, 40))


def keys(leases: list[Lease]) -> Counter[str]:
    return Counter(lease.key for lease in leases)


def note(world: World, lease: Lease, sign: Sign, rest_s: float = 0.0) -> float | None:
    return world.queue.note(lease, sign, rest_s, now_ms=world.now)


def start(world: World, count: int = 1) -> list[Lease]:
    leases = world.lease(count)
    for lease in leases:
        world.send(lease)
    return leases


def end(world: World, leases: list[Lease], sign: Sign = Sign.OK, rest_s: float = 0.0) -> None:
    for lease in leases:
        note(world, lease, sign, rest_s)
        world.succeed(lease)


def test_keys_take_turns_by_what_they_have_to_spare(world: World):
    world.submit(20, provider="p")

    assert keys(world.lease(6)) == {"one": 3, "two": 3}
    assert keys(world.lease()) == {"one": 5, "two": 5}
    assert world.lease() == []


def test_each_key_has_a_window_of_its_own(world: World):
    world.submit(100, provider="rated")

    assert keys(start(world, 64)) == {"a": 10, "b": 10}
    world.now += 59_000
    assert world.lease() == []
    world.now += 2_000
    assert keys(start(world, 64)) == {"a": 10, "b": 10}


def test_the_window_counts_from_when_a_call_leaves_not_from_its_dispatch(world: World):
    world.submit(40, provider="rated")
    leases = world.lease()
    world.now += 30_000
    for lease in leases:
        world.send(lease)
    world.now += 40_000

    assert world.lease() == []
    world.now += 21_000
    assert len(world.lease()) == 20


def test_a_429_rests_that_key_in_that_model_for_the_stated_delay(world: World):
    world.submit(20, provider="p")
    [first] = start(world)
    assert note(world, first, Sign.SLOW, 18.2) == 0.0

    assert set(keys(world.lease())) == {"two"}
    world.now += 18_300
    assert set(keys(world.lease())) == {"one"}


def test_while_all_keys_of_a_model_rest_its_hold_tells_until_when(world: World):
    world.submit(20, provider="q")
    [first] = start(world)
    note(world, first, Sign.SLOW, 18.0)

    hold = world.queue.hold("q/m", now_ms=world.now)

    assert world.lease() == []
    assert hold is not None
    assert (hold.category, hold.until_ms) == (Category.RATE_LIMITED, world.now + 18_000)
    world.now += 18_001
    assert world.queue.hold("q/m", now_ms=world.now) is None


def test_concurrency_halves_once_for_all_that_were_under_way_and_grows_back_one_by_one(world: World):
    world.submit(300, provider="q")
    under_way = start(world, 8)
    world.now += 10
    end(world, under_way, Sign.SLOW, 1.0)  # eight refusals of one moment are one sign
    world.now += 1_001
    sizes = []
    for _ in range(8):
        leases = start(world, 64)
        sizes.append(len(leases))
        world.now += 10
        end(world, leases)

    assert sizes[0] == 4
    assert all(0 <= now - before <= 1 for before, now in pairwise(sizes))
    assert sizes[-1] == 8


def test_concurrency_never_falls_below_one(world: World):
    world.submit(300, provider="q")
    for _ in range(6):
        leases = start(world, 64)
        world.now += 10
        end(world, leases, Sign.SLOW, 1.0)
        world.now += 1_001

    assert len(world.lease()) == 1


def test_a_key_without_access_rests_and_the_others_go_on(world: World):
    world.submit(30, provider="p")
    [first] = start(world)

    assert note(world, first, Sign.AUTH, 300) == 0.0
    assert set(keys(world.lease())) == {"two"}


def test_where_the_last_key_has_spent_its_day_the_queue_waits_for_the_reset(world: World):
    world.submit(30, provider="p")
    first, second = start(world, 2)
    assert note(world, first, Sign.AUTH, 300) == 0.0

    assert note(world, second, Sign.QUOTA, 7_200) == 7_200.0
    assert world.lease() == []
    hold = world.queue.hold("p/m", now_ms=world.now)
    assert hold is not None
    assert hold == (Category.QUOTA_EXHAUSTED, world.now + 7_200_000)  # the other gives no hope
    world.now += 7_200_001
    assert keys(world.lease()) == {"one": 7, "two": 7}


def test_where_no_key_is_of_use_items_are_handed_out_to_be_told_so(world: World):
    world.submit(30, provider="q")
    [first] = start(world)

    assert note(world, first, Sign.OVERDUE, 300) is None
    assert keys(world.lease()) == {"": 8}


def test_a_person_s_word_wakes_keys_that_a_person_had_to_see_to_but_not_a_spent_day(world: World):
    world.submit(30, provider="p")
    first, second = start(world, 2)
    note(world, first, Sign.AUTH, 300)
    note(world, second, Sign.QUOTA, 7_200)

    world.queue.wake()

    assert set(keys(world.lease())) == {"one"}


def test_after_failures_in_a_row_a_model_is_left_alone_then_one_call_tries(world: World):
    world.submit(100, provider="q")
    end(world, start(world, 3), Sign.DOWN)

    hold = world.queue.hold("q/m", now_ms=world.now)
    assert hold is not None
    assert (hold.category, hold.until_ms) == (Category.UPSTREAM_ERROR, world.now + 10_000)
    assert world.lease() == []
    world.now += 10_001
    trial = start(world, 64)
    assert len(trial) == 1
    assert world.lease() == []
    end(world, trial)
    assert len(world.lease()) == 8


def test_each_failed_trial_doubles_the_pause_up_to_its_longest(world: World):
    world.submit(100, provider="q")
    end(world, start(world, 3), Sign.DOWN)
    pauses = []
    for _ in range(4):
        hold = world.queue.hold("q/m", now_ms=world.now)
        assert hold is not None
        pauses.append(hold.until_ms - world.now)
        world.now = hold.until_ms + 1
        end(world, start(world, 64), Sign.DOWN)

    assert pauses == [10_000, 20_000, 40_000, 40_000]


def test_failures_that_are_not_in_a_row_leave_a_model_open(world: World):
    world.submit(100, provider="q")
    for sign in (Sign.DOWN, Sign.DOWN, Sign.OTHER, Sign.DOWN, Sign.DOWN, Sign.OK, Sign.DOWN, Sign.DOWN):
        end(world, start(world, 1), sign)

    assert len(world.lease()) == 8


def test_another_model_of_the_same_provider_goes_on(world: World):
    world.submit(100, provider="q")
    other = world.submit(5, provider="q")
    world.items.cancel(other, now_ms=world.now)
    world.items.requeue(other, range(5), {"model": "m2"}, now_ms=world.now)
    down = [lease for lease in start(world, 16) if lease.lane == "q/m"]
    end(world, down[:3], Sign.DOWN)

    assert world.queue.hold("q/m", now_ms=world.now) is not None
    assert world.queue.hold("q/m2", now_ms=world.now) is None


def test_a_moved_item_stands_in_its_new_lane_with_its_new_price(world: World):
    batch = world.submit(3, provider="q", price=100)
    fields: dict[str, str | int] = {
        "provider": "p", "model": "m9", "price": 250, "tried": "q", "moved": "q/m timeout", "tries": 0,
    }  # fmt: skip

    assert world.items.move(batch, "q/m", [0, 2], fields, now_ms=world.now) == 2
    assert world.items.move(batch, "q/m", [0, 2], fields, now_ms=world.now) == 0

    found = world.batches.get(batch)
    assert found is not None
    assert found.held_micros == 100 + 250 + 250
    assert Counter(lease.lane for lease in world.lease()) == {"q/m": 1, "p/m9": 2}
    assert [item.moved for item in world.batches.items(batch, range(3))] == ["q/m timeout", "", "q/m timeout"]


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_success_of_a_call_under_way_does_not_end_the_rest_after_a_429(redis: Client, at_once: int):
    world = World(redis, limits={"p": Room(at_once)})
    world.submit(20, provider="p")
    leases = start(world, at_once)
    end(world, leases[:1], Sign.SLOW, 18.0)
    note(world, leases[-1], Sign.OK)

    assert world.lease() == []
    world.now += 18_001
    assert len(world.lease()) == 1


def test_a_key_that_a_person_has_to_see_to_gives_no_hope_to_a_queue_whose_other_key_has_spent_its_day(world: World):
    world.submit(30, provider="p")
    first, second = start(world, 2)
    note(world, first, Sign.OVERDUE, 300)
    note(world, second, Sign.QUOTA, 7_200)

    hold = world.queue.hold("p/m", now_ms=world.now)
    assert hold is not None
    assert hold.until_ms == world.now + 7_200_000


def test_a_queue_whose_provider_is_no_longer_configured_says_so(world: World):
    world.submit(3, provider="gone")

    hold = world.queue.hold("gone/m", now_ms=world.now)

    assert world.lease() == []
    assert hold is not None
    assert hold.category is Category.MODEL_UNAVAILABLE


def test_a_trial_whose_worker_dies_does_not_shut_the_model_for_ever(world: World):
    world.submit(100, provider="q")
    end(world, start(world, 3), Sign.DOWN)
    world.now += 10_001
    assert len(start(world, 64)) == 1
    recovery = Recovery(world.queue, world.items, max_attempts=6)
    for _ in range(20):
        world.now += 1_000
        recovery.sweep(now_ms=world.now)

    assert len(start(world, 64)) == 1


def test_where_no_key_is_of_use_that_is_the_reason_though_the_model_is_left_alone_too(world: World):
    world.submit(30, provider="q")
    end(world, start(world, 3), Sign.DOWN)
    world.queue.note(Lease("none-0", "", "q/m2", "own"), Sign.OVERDUE, 300, now_ms=world.now)

    hold = world.queue.hold("q/m", now_ms=world.now)

    assert keys(world.lease()) == {"": 8}
    assert hold is not None
    assert hold.category is Category.QUOTA_EXHAUSTED
