"""What a second person, tab, worker or message may do at the worst moment."""

import threading
from collections import Counter

import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.states import BatchState, ItemState
from batchgen.engine.recovery import Recovery
from batchgen.store.connection import Client, connect
from batchgen.store.events import Events
from batchgen.store.items import attempts_of
from batchgen.store.keys import key
from tests.conftest import RedisServer
from tests.store.steps import World


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def delete(world: World, batch: str) -> bool:
    found = world.batches.get(batch)
    assert found is not None
    return world.batches.forget(found)


def test_the_counters_add_up_at_whatever_moment_somebody_looks(world: World, redis_server: RedisServer):
    batch, total = world.submit(300), 300
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        client = connect(redis_server.url)
        while not over.is_set():
            seen.append(sum(int(n or 0) for n in client.hmget(key("batch", batch), [s.value for s in ItemState])))
        client.close()

    reader = threading.Thread(target=look)
    reader.start()
    for lease in world.lease(total):
        world.send(lease)
        world.items.settle(lease.item_id, lease.token, ItemState.SUCCEEDED, outcome="succeeded", charged=Charged.YES)
    over.set()
    reader.join()

    assert len(seen) > 10
    assert set(seen) == {total}


def test_a_message_that_comes_twice_is_sent_once(world: World):
    world.submit(1)
    [lease] = world.lease()

    assert [world.send(lease), world.send(lease)] == [1, 0]


def test_a_deleted_batch_is_not_brought_back_by_a_name_or_a_retry(world: World):
    batch = world.submit(1)
    world.items.cancel(batch)
    assert delete(world, batch)

    world.batches.rename(batch, "back?")
    assert world.items.requeue(batch, [0], {}) == 0
    assert world.items.cancel(batch) == -1
    assert world.batches.pause(batch) == -1
    world.batches.resume(batch)
    assert not world.redis.keys(f"*{batch}*")


def test_a_batch_that_was_retried_meanwhile_is_not_deleted(world: World):
    batch = world.submit(1)
    world.items.cancel(batch)
    found = world.batches.get(batch)
    assert found is not None
    world.items.requeue(batch, [0], {})

    assert world.batches.forget(found) is False
    assert len(world.lease()) == 1


def test_a_lease_whose_record_is_gone_does_not_keep_the_others_from_coming_back(world: World):
    world.submit(2)
    broken, fine = world.lease()
    batch, _, n = broken.item_id.rpartition("-")
    world.redis.hdel(f"bg:i:{batch}:{n}", "state")
    recovery = Recovery(world.queue, world.items, max_attempts=6)
    for _ in range(20):
        recovery.sweep(now_ms=world.now)
        world.now += 1_000

    assert world.state(fine.item_id) == "waiting"
    assert [lease.item_id for lease in world.lease()] == [fine.item_id]


def test_a_cancel_holds_for_what_was_running_though_another_item_is_retried(world: World):
    batch = world.submit(3)
    [running] = world.lease(1)
    world.items.cancel(batch, now_ms=world.now)
    world.items.requeue(batch, [2], {}, now_ms=world.now)

    assert world.send(running) == -1
    assert world.settle(running, ItemState.WAITING) is ItemState.CANCELLED
    assert [lease.item_id for lease in world.lease()] == [f"{batch}-2"]


def test_a_cancel_whose_caller_dies_half_way_is_finished_by_the_workers(world: World):
    batch = world.submit(10)
    assert world.items.cancel(batch, at_most=4, now_ms=world.now) == 6

    Recovery(world.queue, world.items, max_attempts=6).sweep(now_ms=world.now)

    assert world.counts(batch) == {"cancelled": 10}
    assert world.items.stopping() == []


def test_a_cancel_is_a_new_version_also_where_only_running_items_are_left(world: World):
    batch = world.submit(1)
    world.lease()
    world.batches.pause(batch)
    before = world.batches.get(batch)
    world.items.cancel(batch, now_ms=world.now)
    after = world.batches.get(batch)

    assert before is not None
    assert after is not None
    assert after.version > before.version


def test_a_retry_of_a_batch_that_was_paused_when_it_ended_runs(world: World):
    batch = world.submit(1)
    [lease] = world.lease()
    world.batches.pause(batch)
    world.send(lease)
    world.settle(lease, ItemState.FAILED)
    world.items.requeue(batch, [0], {}, now_ms=world.now)

    found = world.batches.get(batch)
    assert found is not None
    assert found.state is BatchState.QUEUED
    assert len(world.lease()) == 1


def test_concurrency_holds_for_each_model_of_a_provider(world: World):
    batches = [world.submit(10, provider="slow") for _ in range(3)]
    for n, batch in enumerate(batches):
        world.items.cancel(batch, now_ms=world.now)
        world.items.requeue(batch, list(range(10)), {"model": f"m{n}"}, now_ms=world.now)

    leases = world.lease()

    assert Counter(lease.lane for lease in leases) == {"slow/m0": 4, "slow/m1": 4, "slow/m2": 4}
    assert world.lease() == []


def test_virtual_time_never_runs_back(world: World):
    """A slow lane's owner has had few turns; serving him must not make newcomers look as if they had waited long."""
    world.submit(30, "bob", "slow")
    slow = world.lease()
    world.submit(2_000, "ann")
    for _ in range(8):
        for lease in world.lease():
            world.succeed(lease)
    world.succeed(slow[0])
    world.succeed(world.lease(1)[0])
    newcomer = world.submit(500, "cy")

    started = [lease.item_id.rpartition("-")[0] for _ in range(4) for lease in world.lease()]

    assert abs(started.count(newcomer) - len(started) / 2) <= 0.1 * len(started)


def test_gone_is_told_in_its_place_among_other_changes(world: World):
    events = Events(world.redis, world.redis, world.batches, world.items, world.uploads)
    first, second = world.submit(1), world.submit(1)
    world.items.cancel(first)
    start = events.last_id("ann")
    delete(world, first)
    world.items.cancel(second)

    changes = [c for c in events.hydrate(events.since("ann", start)) if c.id]
    assert [c.kind for c in changes] == ["gone", "item"]
    assert [c.id for c in changes] == sorted(c.id for c in changes)


def test_a_reader_of_an_empty_stream_is_told_when_it_was_cut_meanwhile(world: World):
    events = Events(world.redis, world.redis, world.batches, world.items, world.uploads)
    assert events.holds("ann", "0-0")
    for _ in range(101):
        pipe = world.redis.pipeline()
        for _ in range(100):
            pipe.xadd("bg:e:ann", {"b": "x"}, maxlen=10_000, approximate=True)
        pipe.execute()

    assert not events.holds("ann", "0-0")


def test_money_of_kept_bytes_is_right_after_an_unclear_call(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease)
    world.settle(lease, ItemState.FAILED, charged=Charged.UNKNOWN)
    world.items.requeue(batch, [0], {}, now_ms=world.now)
    [lease] = world.lease()
    world.succeed(lease)

    found = world.batches.get(batch)
    assert found is not None
    assert (found.settled_micros, found.possibly_paid_micros, found.held_micros) == (100, 0, 0)


def test_a_retry_that_finds_nothing_leaves_a_cancelled_batch_cancelled(world: World):
    batch = world.submit(2)
    [lease] = world.lease(1)
    world.send(lease)
    world.succeed(lease)
    world.items.cancel(batch, now_ms=world.now)

    assert world.items.requeue(batch, [0], {}, now_ms=world.now) == 0

    found = world.batches.get(batch)
    assert found is not None
    assert found.state is BatchState.CANCELLED


def test_a_retry_in_a_half_done_cancel_leaves_no_item_without_a_turn(world: World):
    batch = world.submit(4)
    world.items.move(batch, "demo/m", [2, 3], {"provider": "slow", "model": "m", "price": 1}, now_ms=world.now)
    assert world.items.cancel(batch, at_most=1, now_ms=world.now) == 3  # its caller dies
    world.items.requeue(batch, [0], {}, now_ms=world.now)

    assert len(world.lease()) == 4


def test_what_was_sent_between_a_sweep_s_look_and_its_word_is_not_taken_for_unsent(world: World):
    batch = world.submit(1, price=50)
    [lease] = world.lease()
    world.send(lease)

    assert world.items.settle(lease.item_id, lease.token, ItemState.WAITING, fields={"losses": 1}) is None
    world.now += 60_000
    recovery = Recovery(world.queue, world.items, max_attempts=6)
    for _ in range(20):
        world.now += 1_000
        recovery.sweep(now_ms=world.now)

    [item] = world.batches.items(batch, [0])
    assert (item.state, item.possibly_paid) == (ItemState.WAITING, 1)


def test_after_a_time_without_sweeps_every_lease_is_given_once_more(world: World):
    batch = world.submit(250)
    while world.lease():
        pass
    world.now += 60_000
    recovery = Recovery(world.queue, world.items, max_attempts=6)
    recovery.sweep(now_ms=world.now)
    world.now += 250
    recovery.sweep(now_ms=world.now)

    assert world.counts(batch) == {"running": 250}


def test_a_picture_counts_though_redis_forgot_that_it_was_asked_for(world: World):
    batch = world.submit(1, price=50)
    [lease] = world.lease()  # killed here, Redis may come back without its last second: that it was sent

    world.succeed(lease)

    found = world.batches.get(batch)
    assert found is not None
    assert (found.settled_micros, found.held_micros) == (50, 0)
    assert [a.cost_micros for a in attempts_of(world.items.raw(batch, [0])[0])] == [50]
    assert world.books.differences() == []
