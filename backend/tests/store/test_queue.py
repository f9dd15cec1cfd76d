from batchgen.domain.failures import Charged
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from tests.store.steps import LEASE_MS, World


def order(world: World, count: int) -> list[str]:
    """The batches of the next `count` items to start, each finished at once."""
    batches = []
    for _ in range(count):
        for lease in world.lease(1):
            batches.append(lease.item_id.rpartition("-")[0])
            world.send(lease)
            world.succeed(lease)
    return batches


def test_two_owners_take_turns_however_long_their_piles(redis: Client):
    world = World(redis)
    long, short = world.submit(200, "ann"), world.submit(200, "bob")

    started = order(world, 100)

    assert abs(started.count(long) - started.count(short)) <= 1


def test_two_batches_of_one_owner_take_turns(redis: Client):
    world = World(redis)
    first, second = world.submit(200), world.submit(200)

    started = order(world, 100)

    assert abs(started.count(first) - started.count(second)) <= 1


def test_one_image_behind_five_hundred_starts_within_two_freed_slots(redis: Client):
    for owner in ("ann", "bob"):
        redis.flushdb()
        world = World(redis)
        world.submit(500, "ann")
        order(world, 37)
        single = world.submit(1, owner)

        assert single in order(world, 2)


def test_an_owner_with_many_batches_gets_no_more_than_one_with_few(redis: Client):
    world = World(redis)
    many = {world.submit(50, "ann") for _ in range(9)}
    one = world.submit(100, "bob")

    started = order(world, 100)

    assert abs(sum(b in many for b in started) - started.count(one)) <= 1


def test_items_of_a_batch_start_in_order(redis: Client):
    world = World(redis)
    world.submit(30)

    assert [lease.item_id.rpartition("-")[2] for lease in world.lease(30)] == [str(n) for n in range(30)]


def test_no_more_is_handed_out_than_there_are_slots(redis: Client):
    world = World(redis, slots=5)
    world.submit(20)

    assert len(world.lease()) == 5
    assert world.lease() == []


def test_a_worker_that_went_silent_has_no_slots(redis: Client):
    world = World(redis, slots=5)
    redis.zadd("bg:workers", {"w1": world.now - 60_000})
    world.submit(1)

    assert world.lease() == []


def test_a_busy_provider_never_holds_the_slots_of_an_idle_one(redis: Client):
    world = World(redis, slots=20)
    world.submit(100, "ann", "slow")
    assert len(world.lease()) == 4
    quick = world.submit(10, "ann", "demo")

    assert {lease.item_id.rpartition("-")[0] for lease in world.lease(10)} == {quick}


def test_starts_per_minute_hold_over_any_sixty_seconds(redis: Client):
    world = World(redis)
    world.submit(50, provider="rated")
    starts: list[int] = []
    for _ in range(300):
        for lease in world.lease():
            world.send(lease)
            starts.append(world.now)
        world.now += 1_000

    for at in starts:
        assert sum(at <= other < at + 60_000 for other in starts) <= 10
    assert len(starts) == 50


def test_an_item_that_waits_holds_no_slot_and_comes_back_when_due(redis: Client):
    world = World(redis, slots=1)
    batch = world.submit(2)
    [first] = world.lease()
    world.send(first)
    world.settle(first, ItemState.WAITING, delay_ms=5_000)

    [second] = world.lease()
    assert second.item_id == f"{batch}-1"
    world.send(second)
    world.succeed(second)
    assert world.lease() == []
    world.now += 5_001
    assert [lease.item_id for lease in world.lease()] == [first.item_id]


def test_a_paused_batch_gives_its_turns_to_others(redis: Client):
    world = World(redis)
    paused, other = world.submit(10), world.submit(10)
    world.batches.pause(paused)

    assert set(order(world, 20)) == {other}
    world.batches.resume(paused)
    assert order(world, 20) == [paused] * 10


def test_a_retry_that_comes_due_in_a_paused_batch_stays_there(redis: Client):
    world = World(redis)
    batch = world.submit(1)
    [lease] = world.lease()
    world.send(lease)
    world.settle(lease, ItemState.WAITING)
    world.batches.pause(batch)

    assert world.lease() == []
    world.batches.resume(batch)
    assert len(world.lease()) == 1


def test_a_silent_lease_is_found_and_what_was_not_sent_is_told_apart(redis: Client):
    world = World(redis)
    world.submit(2)
    sent, unsent = world.lease()
    world.queue.expired(now_ms=world.now)
    world.send(sent)
    for _ in range(16):
        world.now += 1_000
        found = world.queue.expired(now_ms=world.now)

    assert {(e.item_id, e.sent) for e in found} == {(sent.item_id, True), (unsent.item_id, False)}


def test_a_lease_that_beats_is_kept(redis: Client):
    world = World(redis)
    world.submit(1)
    [lease] = world.lease()
    for _ in range(60):
        world.now += 1_000
        world.queue.renew([lease], now_ms=world.now)
        assert world.queue.expired(now_ms=world.now) == []


def test_after_a_time_without_sweeps_every_lease_is_given_once_more(redis: Client):
    world = World(redis)
    world.submit(1)
    [lease] = world.lease()
    world.queue.expired(now_ms=world.now)
    world.now += 10 * LEASE_MS  # Redis was away, and with it every heartbeat

    assert world.queue.expired(now_ms=world.now) == []
    world.now += 1_000
    assert world.queue.renew([lease], now_ms=world.now) == set()
    assert world.succeed(lease) is ItemState.SUCCEEDED


def test_a_clock_that_jumps_back_takes_no_lease_away(redis: Client):
    world = World(redis)
    world.submit(1)
    world.lease()
    world.queue.expired(now_ms=world.now)
    world.now -= 3_600_000

    assert world.queue.expired(now_ms=world.now) == []


def test_a_lost_lease_is_told_to_its_old_holder(redis: Client):
    world = World(redis)
    world.submit(1)
    [old] = world.lease()
    world.items.settle(old.item_id, old.token, ItemState.WAITING, now_ms=world.now)
    [new] = world.lease()

    assert world.queue.renew([old], now_ms=world.now) == {old.item_id}
    assert world.queue.renew([new], now_ms=world.now) == set()


def test_the_next_owner_in_line_is_a_newcomer_not_one_who_just_had_a_turn(redis: Client):
    world = World(redis)
    world.submit(100, "ann")
    world.submit(100, "bob")
    order(world, 51)
    carol = world.submit(1, "carol")

    assert carol in order(world, 3)


def test_possibly_paid_calls_are_counted_in_money(redis: Client):
    world = World(redis)
    batch = world.submit(1, price=700)
    [lease] = world.lease()
    world.send(lease)
    world.settle(lease, ItemState.FAILED, charged=Charged.UNKNOWN)

    found = world.batches.get(batch)
    assert found is not None
    assert (found.held_micros, found.settled_micros, found.possibly_paid_micros) == (0, 0, 700)
