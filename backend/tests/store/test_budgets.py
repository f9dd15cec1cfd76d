"""Caps: what would pass one is refused, at once and from all sides; what is held goes on."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from batchgen.domain.budgets import TEAM, Caps, Over, Terms
from batchgen.domain.failures import Charged
from batchgen.domain.ledger import Scope
from batchgen.domain.models import User
from batchgen.domain.states import ItemState
from batchgen.errors import OverBudget
from batchgen.store.connection import Client, connect
from batchgen.store.items import NoBudgetLeftError
from tests.conftest import RedisServer
from tests.store.steps import SHANGHAI, World, capped


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
    assert worlds[0].books.differences() == []


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
    assert world.books.differences() == []


def test_a_retry_with_a_dearer_model_is_held_at_its_price(redis: Client):
    world = capped(redis, user=300)
    batch = world.submit(1, price=100)
    world.items.cancel(batch, now_ms=world.now)

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
    assert world.books.differences() == []


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
    assert [(b.id, b.cap, b.own) for b in world.budgets.every({"ann": "Ann"})] == [
        ("team", 150, True),
        ("ann", 100, False),
    ]
    with pytest.raises(OverBudget) as refused:
        world.submit(1, owner="bob", price=100)
    assert refused.value.details[0].code == "budget_of_team"
    assert world.lease()  # what is held goes on


def test_a_warning_before_the_submit_says_what_the_submit_would(redis: Client):
    world = capped(redis, user=500, team=400, batch=350)
    world.now = int(time.time() * 1000)  # a warning is of this month
    ann = User("ann", "ann")
    world.submit(1, owner="bob", price=100)

    assert world.budgets.over(ann, 300) is None
    assert world.budgets.over(ann, 301) == Over("team", 400, 0, 100, 301)
    assert world.budgets.over(ann, 351) == Over("batch", 350, 0, 0, 351)
    world.budgets.set("ann", 0)
    assert world.budgets.over(ann, 1) == Over("user", 0, 0, 0, 1)
    assert world.budgets.over(ann, 0) is None


def test_free_pictures_are_made_whatever_the_budget(redis: Client):
    world = capped(redis, user=0, team=0)
    batch = world.submit(2, price=0)
    for lease in world.lease():
        world.send(lease), world.succeed(lease)

    assert world.counts(batch) == {"succeeded": 2}
    assert list(world.ledger.oldest(Scope())) == []


def test_what_is_held_goes_on_after_a_pause_whatever_has_become_of_the_budget(redis: Client):
    world = capped(redis, user=300)
    batch = world.submit(3, price=100)
    world.batches.pause(batch)
    world.budgets.set("ann", 50)

    world.batches.resume(batch)
    leases = world.lease()
    assert len(leases) == 3
    for lease in leases[:2]:
        world.send(lease), world.succeed(lease)
    world.send(leases[2])
    with pytest.raises(NoBudgetLeftError):  # a rerun of what may have been paid would cost once more
        world.settle(leases[2], ItemState.WAITING, charged=Charged.UNKNOWN)

    world.batches.pause(batch)
    world.budgets.set("ann", 400)
    assert world.settle(leases[2], ItemState.WAITING, charged=Charged.UNKNOWN) is ItemState.WAITING
    world.batches.resume(batch)
    world.now += 60_000
    world.set_slots(10)

    assert [lease.item_id for lease in world.lease()] == [leases[2].item_id]
    assert world.month("ann") == (100, 200, 100)
    assert world.books.differences() == []
