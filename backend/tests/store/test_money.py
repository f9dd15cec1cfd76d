"""What is held, paid and possibly paid: in the batch, in the month, in the ledger."""

from datetime import UTC, datetime

import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.ledger import Difference, Scope
from batchgen.domain.prices import Made
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from batchgen.store.items import attempts_of
from tests.store.steps import SHANGHAI, World, capped


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def at(year: int, month: int, day: int, *clock: int) -> int:
    return int(datetime(year, month, day, *clock, tzinfo=SHANGHAI).timestamp()) * 1000  # type: ignore[misc, arg-type]


def entries(world: World) -> list[tuple[str, str, int]]:
    return [(e.user, e.kind, e.amount) for e in world.ledger.oldest(Scope())]


def test_a_hold_becomes_what_was_paid_and_what_failed_for_nothing_is_let_go(world: World):
    batch = world.submit(3, price=100)
    assert (world.money(batch), world.month("ann"), world.month("@team")) == ((300, 0, 0),) * 3
    paid, free, unclear = world.lease()
    for lease in (paid, free, unclear):
        world.send(lease)

    world.succeed(paid)
    world.settle(free, ItemState.FAILED)
    world.settle(unclear, ItemState.FAILED, charged=Charged.UNKNOWN)

    assert (world.money(batch), world.month("ann"), world.month("@team")) == ((0, 100, 100),) * 3
    assert entries(world) == [("ann", "settled", 100), ("ann", "possibly_paid", 100)]
    assert world.books.differences() == []


def test_a_picture_settles_at_what_it_took_and_the_rest_of_its_hold_is_free_again(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease)
    world.succeed(lease, Made(70, 30_000_000, 2, "tokens"))

    assert world.money(batch) == (0, 70, 0)
    [entry] = world.ledger.oldest(Scope())
    assert (entry.amount, entry.price, entry.quantity, entry.unit, entry.attempt) == (70, 30_000_000, 2, "tokens", 1)
    assert [a.cost_micros for a in attempts_of(world.items.raw(batch, [0])[0])] == [70]


def test_bytes_that_are_found_move_their_call_from_possibly_paid_to_paid_by_a_correction(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease), world.settle(lease, ItemState.WAITING, charged=Charged.UNKNOWN)
    [lease] = world.lease()
    world.succeed(lease, Made(90, 90, 1, "picture", 1))  # without a send: the picture was there

    assert entries(world) == [
        ("ann", "possibly_paid", 100), ("ann", "correction", -100), ("ann", "settled", 90),
    ]  # fmt: skip
    assert (world.money(batch), world.month("ann")) == ((0, 90, 0), (0, 90, 0))
    assert world.books.differences() == []


def test_a_picture_that_came_too_late_says_that_its_call_was_paid(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease), world.settle(lease, ItemState.WAITING, charged=Charged.UNKNOWN)
    [again] = world.lease()
    world.send(again), world.succeed(again)
    assert world.money(batch) == (0, 100, 100)

    for _ in range(2):  # twice is as once
        world.items.correct(lease.item_id, 1, "", Charged.YES, Made(100, 100, 1, "picture"), now_ms=world.now)

    assert world.money(batch) == (0, 200, 0)
    assert world.batches.items(batch, [0])[0].possibly_paid == 0
    assert world.books.differences() == []


def test_deleting_a_batch_leaves_the_ledger_and_the_month_as_they_are(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease), world.succeed(lease)
    found = world.batches.get(batch)
    assert found is not None
    world.batches.forget(found)

    assert entries(world) == [("ann", "settled", 100)]
    assert (world.month("ann"), world.books.differences()) == ((0, 100, 0), [])


def test_a_month_begins_in_the_teams_time_zone_and_an_item_stays_in_the_month_of_its_hold(redis: Client):
    world = capped(redis, user=200)
    world.now = at(2026, 11, 30, 23, 59, 59)
    batch = world.submit(2, price=100)
    world.now = at(2026, 12, 1)
    world.submit(2, price=100)  # a fresh budget
    world.set_slots(1000)
    for lease in world.lease():
        world.send(lease)
        world.succeed(lease) if lease.item_id.startswith(batch) else world.settle(lease, ItemState.FAILED)

    assert world.month("ann", "2026-11") == (0, 200, 0)
    assert world.month("ann", "2026-12") == (0, 0, 0)
    assert {(e.month, datetime.fromtimestamp(e.at_ms / 1000, UTC).day) for e in world.ledger.oldest(Scope())} == {
        ("2026-11", 30)
    }  # UTC is a day behind
    assert [(s.day, s.settled) for s in world.ledger.spends("2026-12")] == [("2026-12-01", 200)]


def test_a_retry_in_a_later_month_is_held_in_that_month_and_old_calls_stay_in_theirs(redis: Client):
    world = capped(redis, user=300)
    world.now = at(2026, 11, 30)
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease), world.settle(lease, ItemState.FAILED, charged=Charged.UNKNOWN)
    world.now = at(2026, 12, 2)
    world.set_slots(1000)
    world.items.requeue(batch, [0], {}, now_ms=world.now)
    assert (world.month("ann", "2026-11"), world.month("ann", "2026-12")) == ((0, 0, 100), (100, 0, 0))

    [lease] = world.lease()
    world.succeed(lease, Made(100, 100, 1, "picture", 1))  # the picture of November was there

    assert (world.month("ann", "2026-11"), world.month("ann", "2026-12")) == ((0, 100, 0), (0, 0, 0))
    assert world.books.differences() == []


def test_the_check_names_each_planted_difference(world: World):
    batch = world.submit(2, price=100)
    lease = world.lease()[0]
    world.send(lease), world.succeed(lease)
    assert world.books.differences() == []

    world.redis.hincrby("bg:month:ann:2027-01", "settled", 7)
    world.redis.hincrby(f"bg:b:{batch}", "held", 5)
    world.redis.hincrby(f"bg:i:{batch}:0", "cost", -1)
    world.redis.hincrby("bg:spend:2027-01", "2027-01-15|s|demo/m|ann", 3)

    assert world.books.differences() == [
        Difference(f"batch {batch}", "items held", 100, 105),
        Difference(f"batch {batch}", "items settled", 99, 100),
        Difference("day 2027-01-15|s|demo/m|ann", "ledger sum", 100, 103),
        Difference("month ann 2027-01", "ledger settled", 100, 107),
    ]
    world.redis.delete("bg:ledger")
    assert Difference("month @team 2027-01", "ledger settled", 0, 100) in world.books.differences()


def test_pages_of_the_ledger_are_newest_first_and_meet_without_gap_or_overlap(world: World):
    for owner in ("ann", "bob"):
        world.submit(5, owner=owner, price=100)
    for lease in world.lease():
        world.send(lease), world.succeed(lease)

    found, cursor = [], None
    while True:
        page, cursor = world.ledger.newest(Scope(user="ann"), cursor, 2)
        found += [e.id for e in page]
        if cursor is None:
            break
    assert found == [e.id for e in world.ledger.oldest(Scope(user="ann"))][::-1]
    assert len(found) == 5
