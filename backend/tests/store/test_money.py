"""What is held, paid and possibly paid: in the batch, in the month, in the ledger; and the caps."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from batchgen.domain.budgets import TEAM, Caps, Terms
from batchgen.domain.failures import Charged
from batchgen.domain.ledger import Difference, Scope
from batchgen.domain.models import User
from batchgen.domain.prices import Made
from batchgen.domain.states import ItemState
from batchgen.errors import OverBudget
from batchgen.store.connection import Client, connect
from batchgen.store.items import NoBudgetLeftError, attempts_of
from tests.conftest import RedisServer
from tests.store.steps import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def capped(redis: Client, user: int | None = None, team: int | None = None, batch: int | None = None) -> World:
    return World(redis, terms=Terms(Caps(user, team, batch), SHANGHAI))


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
    assert world.audit.differences() == []


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
    assert world.audit.differences() == []


def test_a_picture_that_came_too_late_says_that_its_call_was_paid(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease), world.settle(lease, ItemState.WAITING, charged=Charged.UNKNOWN)
    [again] = world.lease()
    world.send(again), world.succeed(again)
    assert world.money(batch) == (0, 100, 100)

    for _ in range(2):  # twice is as once
        world.items.correct(lease.item_id, Made(100, 100, 1, "picture", 1), now_ms=world.now)

    assert world.money(batch) == (0, 200, 0)
    assert world.batches.items(batch, [0])[0].possibly_paid == 0
    assert world.audit.differences() == []


def test_deleting_a_batch_leaves_the_ledger_and_the_month_as_they_are(world: World):
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease), world.succeed(lease)
    found = world.batches.get(batch)
    assert found is not None
    world.batches.forget(found)

    assert entries(world) == [("ann", "settled", 100)]
    assert (world.month("ann"), world.audit.differences()) == ((0, 100, 0), [])


@pytest.mark.parametrize("whose", ["user", "team", "batch"])
def test_a_submit_over_a_cap_is_refused_with_the_figures_and_leaves_nothing(redis: Client, whose: str):
    world = capped(redis, **{whose: 250})
    if whose != "batch":
        world.submit(1, owner="ann", price=100)
    before = sorted(redis.keys("*"))

    with pytest.raises(OverBudget) as refused:
        world.submit(3, owner="ann", price=100)

    held = 0 if whose == "batch" else 100
    assert refused.value.params == {"budget": 250, "used": 0, "held": held, "asked": 300}
    assert [d.code for d in refused.value.details] == [f"budget_of_{whose}"]
    assert sorted(redis.keys("*")) == before
    assert world.submit(1, owner="ann", price=100)


def test_of_two_hundred_submits_at_once_as_many_pass_as_the_cap_holds(redis: Client, redis_server: RedisServer):
    terms = Terms(Caps(user=40 * 33_600, team=37 * 33_600 + 33_599), SHANGHAI)
    worlds = [World(connect(redis_server.url), terms=terms) for _ in range(20)]

    def submit(n: int) -> bool:
        try:
            worlds[n % 20].submit(1, owner=f"user{n % 3}", price=33_600)
        except OverBudget:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        accepted = sum(pool.map(submit, range(200)))

    assert accepted == 37
    assert worlds[0].month("@team") == (37 * 33_600, 0, 0)
    assert worlds[0].audit.differences() == []


def test_a_retry_holds_again_and_is_refused_whole_where_the_budget_does_not_reach(redis: Client):
    world = capped(redis, user=300)
    batch = world.submit(3, price=100)
    for lease in world.lease():
        world.send(lease), world.settle(lease, ItemState.FAILED, charged=Charged.UNKNOWN)
    assert world.month("ann") == (0, 0, 300)

    with pytest.raises(OverBudget):
        world.items.requeue(batch, [0], {}, then=[1], now_ms=world.now)
    assert world.counts(batch) == {"failed": 3}

    world.budgets.set("ann", 500)
    assert world.items.requeue(batch, [0], {}, then=[1], now_ms=world.now) == 1
    assert world.month("ann") == (100, 0, 300)
    assert world.audit.differences() == []


def test_a_retry_with_a_dearer_model_is_held_at_its_price(redis: Client):
    world = capped(redis, user=300)
    batch = world.submit(1, price=100)
    world.items.cancel(batch, now_ms=world.now)

    with pytest.raises(OverBudget):
        world.items.afford(batch, [0], {"price": 400})
    with pytest.raises(OverBudget):
        world.items.requeue(batch, [0], {"price": 400}, now_ms=world.now)
    assert world.items.requeue(batch, [0], {"price": 250}, now_ms=world.now) == 1
    assert world.month("ann") == (250, 0, 0)


def test_a_rerun_of_what_was_possibly_paid_needs_a_hold_of_its_own(redis: Client):
    """Else one item could cost twice what its budget had left."""
    world = capped(redis, user=100)
    batch = world.submit(1, price=100)
    [lease] = world.lease()
    world.send(lease)

    with pytest.raises(NoBudgetLeftError):
        world.settle(lease, ItemState.WAITING, charged=Charged.UNKNOWN)
    assert world.state(lease.item_id) == "running"
    assert world.settle(lease, ItemState.FAILED, charged=Charged.UNKNOWN) is ItemState.FAILED
    assert (world.money(batch), world.month("ann")) == ((0, 0, 100), (0, 0, 100))


def test_a_failure_that_is_not_charged_goes_on_whatever_has_become_of_the_budget(redis: Client):
    world = capped(redis, user=100)
    batch = world.submit(1, price=100)
    world.budgets.set("ann", 0)
    for _ in range(3):
        [lease] = world.lease()
        world.send(lease)
        assert world.settle(lease, ItemState.WAITING) is ItemState.WAITING

    [lease] = world.lease()
    world.send(lease), world.succeed(lease)
    assert world.money(batch) == (0, 100, 0)


def test_an_item_moves_on_to_a_dearer_model_only_within_the_budget(redis: Client):
    world = capped(redis, team=250)
    batch = world.submit(2, price=100)
    fields: dict[str, str | int] = {"provider": "slow", "price": 140}

    assert world.items.move(batch, "demo/m", [0, 1], fields, now_ms=world.now) == 1
    assert (world.money(batch)[0], world.month("@team")[0]) == (240, 240)
    assert world.audit.differences() == []


def test_an_admin_raises_and_lowers_a_budget_at_any_time(redis: Client):
    world = capped(redis, user=100, team=1_000)
    ann = User("ann", "ann")
    world.submit(1, price=100)
    with pytest.raises(OverBudget):
        world.submit(1, price=100)

    world.budgets.set("ann", 200)
    world.submit(1, price=100)
    with pytest.raises(OverBudget):
        world.submit(1, price=100)
    world.budgets.set("ann", None)

    assert [world.budgets.of(ann).cap, world.budgets.of(ann).own] == [100, False]
    world.budgets.set(TEAM, 150)
    assert [(b.id, b.cap, b.own) for b in world.budgets.every()] == [("team", 150, True), ("ann", 100, False)]
    with pytest.raises(OverBudget) as refused:
        world.submit(1, owner="bob", price=100)
    assert refused.value.details[0].code == "budget_of_team"
    assert world.lease()  # what is held goes on


def test_free_pictures_are_made_whatever_the_budget(redis: Client):
    world = capped(redis, user=0, team=0)
    batch = world.submit(2, price=0)
    for lease in world.lease():
        world.send(lease), world.succeed(lease)

    assert world.counts(batch) == {"succeeded": 2}
    assert entries(world) == []


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
    assert world.audit.differences() == []


def test_the_check_names_each_planted_difference(world: World):
    batch = world.submit(2, price=100)
    lease = world.lease()[0]
    world.send(lease), world.succeed(lease)
    assert world.audit.differences() == []

    world.redis.hincrby("bg:month:ann:2027-01", "settled", 7)
    world.redis.hincrby(f"bg:b:{batch}", "held", 5)
    world.redis.hincrby(f"bg:i:{batch}:0", "cost", -1)
    world.redis.hincrby("bg:spend:2027-01", "2027-01-15|s|demo/m|ann", 3)

    assert world.audit.differences() == [
        Difference(f"batch {batch}", "items held", 100, 105),
        Difference(f"batch {batch}", "items settled", 99, 100),
        Difference("day 2027-01-15|s|demo/m|ann", "ledger sum", 100, 103),
        Difference("month ann 2027-01", "ledger settled", 100, 107),
    ]
    world.redis.delete("bg:ledger")
    assert Difference("month @team 2027-01", "ledger settled", 0, 100) in world.audit.differences()


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
