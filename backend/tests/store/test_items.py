import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from batchgen.store.items import WrongStateError, attempts_of, split_id
from tests.store.steps import World


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def test_a_stale_worker_cannot_finish_an_item_that_was_handed_on(world: World):
    world.submit(1)
    [old] = world.lease()
    world.items.settle(old.item_id, old.token, ItemState.WAITING, now_ms=world.now)
    [new] = world.lease()

    assert world.succeed(old) is None
    assert world.send(old) == 0
    assert world.state(new.item_id) == "running"
    assert world.succeed(new) is ItemState.SUCCEEDED


def test_an_item_is_finished_once(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease)

    assert world.succeed(lease) is ItemState.SUCCEEDED
    assert world.succeed(lease) is None
    found = world.batches.get(batch)
    assert found is not None
    assert (found.settled_micros, found.held_micros) == (100, 0)


def test_a_wrong_transition_is_an_error_and_changes_nothing(world: World):
    batch = world.submit(1)
    [lease] = world.lease()
    world.redis.hset(f"bg:i:{batch}:0", "state", "succeeded")

    with pytest.raises(WrongStateError):
        world.settle(lease, ItemState.FAILED)
    assert world.state(lease.item_id) == "succeeded"


def test_cancel_stops_all_that_has_not_been_sent(world: World):
    batch = world.submit(10)
    leases = world.lease(4)
    world.send(leases[0])

    assert world.items.cancel(batch, now_ms=world.now) == 0
    assert world.lease() == []
    assert world.send(leases[1]) == -1
    assert world.counts(batch) == {"running": 4, "cancelled": 6}
    assert world.succeed(leases[0]) is ItemState.SUCCEEDED


def test_a_cancelled_item_that_fails_is_not_tried_again(world: World):
    batch = world.submit(1)
    [lease] = world.lease()
    world.send(lease)
    world.items.cancel(batch, now_ms=world.now)

    assert world.settle(lease, ItemState.WAITING, delay_ms=10) is ItemState.CANCELLED


def test_one_item_is_cancelled_and_the_others_go_on(world: World):
    batch = world.submit(3)
    world.items.cancel(batch, 1, now_ms=world.now)

    assert [lease.item_id for lease in world.lease()] == [f"{batch}-0", f"{batch}-2"]
    assert world.items.cancel(batch, 1, now_ms=world.now) == -1


def test_a_large_cancel_goes_in_steps(world: World):
    batch = world.submit(1_200)

    assert world.items.cancel(batch, at_most=500, now_ms=world.now) == 700
    assert world.lease() == []
    assert world.items.cancel(batch, at_most=500, now_ms=world.now) == 200
    assert world.items.cancel(batch, at_most=500, now_ms=world.now) == 0
    assert world.counts(batch) == {"cancelled": 1_200}


def test_retry_reruns_failed_and_cancelled_items_only(world: World):
    batch = world.submit(3)
    done, failed = world.lease(2)
    world.send(done), world.succeed(done)
    world.send(failed), world.settle(failed, ItemState.FAILED)
    world.items.cancel(batch, now_ms=world.now)

    assert world.items.requeue(batch, [0, 1, 2], {"prompt": "other"}, now_ms=world.now) == 2
    assert world.counts(batch) == {"succeeded": 1, "queued": 2}
    [item] = world.batches.items(batch, [1])
    assert (item.prompt, item.error_code) == ("other", None)


def test_a_retry_with_another_provider_stands_in_its_lane(world: World):
    batch = world.submit(1)
    world.items.cancel(batch, now_ms=world.now)
    world.items.requeue(batch, [0], {"provider": "slow", "model": "x", "price": 7}, now_ms=world.now)

    assert [lease.lane for lease in world.lease()] == ["slow/x"]
    found = world.batches.get(batch)
    assert found is not None
    assert found.held_micros == 7


def test_attempts_are_written_down_with_their_charge(world: World):
    batch = world.submit(1)
    [lease] = world.lease()
    world.send(lease)
    world.settle(lease, ItemState.WAITING, charged=Charged.UNKNOWN)
    [lease] = world.lease()
    world.send(lease)

    log = attempts_of(world.items.raw(batch, [0])[0])
    assert [(a.number, a.outcome, a.charged) for a in log] == [(1, "timeout", "unknown"), (2, None, "unknown")]


def test_bytes_that_an_earlier_call_left_settle_that_call_and_cost_nothing_more(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease)
    world.settle(lease, ItemState.WAITING, charged=Charged.UNKNOWN)
    [lease] = world.lease()
    world.succeed(lease)  # without a send: the picture was there

    found = world.batches.get(batch)
    assert found is not None
    assert (found.settled_micros, found.possibly_paid_micros) == (100, 0)
    assert [a.charged for a in attempts_of(world.items.raw(batch, [0])[0])] == ["yes"]


def test_a_finished_item_costs_at_most_1500_bytes_of_redis(world: World):
    before = int(world.redis.info("memory")["used_memory"])
    world.submit(2_000)
    for _ in range(40):
        for lease in world.lease():
            world.send(lease)
            world.succeed(lease)

    assert (int(world.redis.info("memory")["used_memory"]) - before) / 2_000 <= 1_500


def test_ids_of_items_are_read_strictly():
    assert split_id("babc-12") == ("babc", 12)
    for wrong in ("", "b", "b-", "-1", "b-01", "b-x", "b-1 ", "b-9999999999", "b-¹"):
        assert split_id(wrong) is None, wrong
