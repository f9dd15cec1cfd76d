"""Jobs of a provider's batch API: what they hold, who works on them, and what is written down before they leave."""

import pytest

from batchgen.domain.economy import JobState
from batchgen.domain.failures import Charged
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from batchgen.store.items import attempts_of
from batchgen.store.keys import key
from tests.store.steps import LEASE_MS, World

AHEAD = 10**9


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def settled(world: World, batch: str, n: int, job: str, to: ItemState, charged: Charged, **fields: str | int) -> None:
    done = world.items.settle(
        f"{batch}-{n}", job, to, fields=fields, outcome="timeout", charged=charged, now_ms=world.now
    )
    assert done is to


def money(world: World, batch: str) -> tuple[int, int, int]:
    found = world.batches.get(batch)
    assert found is not None
    return found.held_micros, found.settled_micros, found.possibly_paid_micros


def test_items_of_the_economy_lane_start_with_a_job_only_and_take_no_slot(world: World):
    world.set_slots(1)
    batch, other = world.submit(3, needed_in_ms=AHEAD), world.submit(1)

    assert [lease.item_id for lease in world.lease()] == [f"{other}-0"]
    assert world.begin(batch, 2) == f"{batch}.1"

    assert world.counts(batch) == {"queued": 1, "running": 2}
    assert world.lease() == []
    world.queue.expired(world.now + LEASE_MS)
    assert f"{batch}-0" not in {lost.item_id for lost in world.queue.expired(world.now + LEASE_MS + 1)}


def test_few_items_wait_for_others_to_go_with_after_a_job_was_begun(world: World):
    batch = world.submit(5, needed_in_ms=AHEAD)
    assert world.jobs.begin(batch, "demo+batch/m", "-", 4, 1000, world.now)
    assert world.jobs.begin(batch, "demo+batch/m", "-", 4, 1000, world.now + 999) is None
    assert world.jobs.begin(batch, "demo+batch/m", "-", 4, 1000, world.now + 1000)


@pytest.mark.parametrize("stop", ["pause", "cancel"])
def test_a_batch_that_stands_still_begins_no_job(world: World, stop: str):
    batch = world.submit(2, needed_in_ms=AHEAD)
    world.batches.pause(batch) if stop == "pause" else world.items.cancel(batch, now_ms=world.now)

    assert world.begin(batch) is None


def test_a_job_is_one_workers_until_it_falls_silent(world: World):
    world.begin(world.submit(1, needed_in_ms=AHEAD))
    first = world.claim()
    assert world.jobs.claim(world.now + LEASE_MS - 1) is None
    assert world.jobs.renew(first, world.now + LEASE_MS - 1)
    assert world.jobs.claim(world.now + LEASE_MS + 1) is None

    world.now += 3 * LEASE_MS
    second = world.claim()

    assert second.id == first.id
    assert not world.jobs.renew(first, world.now)
    assert world.jobs.send(first, world.now) == 0
    assert not world.jobs.end(first, {"state": JobState.FAILED}, world.now)
    assert world.jobs.send(second, world.now) == 1


def test_sending_is_written_on_every_item_and_asking_again_is_the_same_attempt(world: World):
    batch = world.submit(2, needed_in_ms=AHEAD)
    world.begin(batch)
    held = world.claim()

    assert world.jobs.send(held, world.now) == 2
    assert world.jobs.send(held, world.now + 5) == 2

    for raw in world.items.raw(batch, [0, 1]):
        (attempt,) = attempts_of(raw)
        assert (attempt.provider, attempt.model, attempt.sent_ms, attempt.charged) == (
            "demo",
            "m",
            world.now + 5,
            "unknown",
        )
        assert raw["tries"] == "1"


def test_nothing_is_sent_of_a_batch_or_with_an_item_that_was_cancelled(world: World):
    batch = world.submit(2, needed_in_ms=AHEAD)
    world.begin(batch)
    held = world.claim()

    world.items.cancel(batch, 1, now_ms=world.now)
    assert world.jobs.send(held, world.now) == -2
    world.items.cancel(batch, now_ms=world.now)
    assert world.jobs.send(held, world.now) == -1
    assert "sent" not in world.items.raw(batch, [0])[0]


def test_steering_makes_a_job_due_at_once_or_when_its_holder_lets_go(world: World):
    batch = world.submit(1, needed_in_ms=AHEAD)
    world.begin(batch)
    held = world.claim()
    world.jobs.hurry(batch)
    assert world.jobs.claim(world.now) is None

    assert world.jobs.wait(held, 300.0, {"state": JobState.PENDING}, world.now)

    held = world.claim()
    assert held.state is JobState.PENDING
    world.jobs.wait(held, 10.0**9, {}, 0)
    world.jobs.hurry(batch)
    assert world.jobs.claim() is not None


def test_money_follows_what_becomes_of_each_item(world: World):
    batch = world.submit(4, needed_in_ms=AHEAD)
    job = world.begin(batch)
    assert job is not None
    world.jobs.send(world.claim(), world.now)

    settled(world, batch, 0, job, ItemState.FAILED, Charged.YES)
    settled(world, batch, 1, job, ItemState.WAITING, Charged.UNKNOWN, lane="normal", price=200)
    settled(world, batch, 2, job, ItemState.FAILED, Charged.NO, error="economy_late")

    assert money(world, batch) == (200 + 200, 100, 100)  # the full price, which was agreed to, is held from the start
    assert world.books.differences() == []
    assert [lease.lane for lease in world.lease()] == ["demo/m"]


@pytest.mark.parametrize(("charged", "sums"), [(Charged.YES, (200, 100, 0)), (Charged.NO, (200, 0, 0))])
def test_what_a_job_tells_late_corrects_a_possible_payment_once_and_at_its_own_price(
    world: World, charged: Charged, sums: tuple[int, int, int]
):
    batch = world.submit(1, needed_in_ms=AHEAD)
    job = world.begin(batch)
    assert job is not None
    world.jobs.send(world.claim(), world.now)
    settled(world, batch, 0, job, ItemState.WAITING, Charged.UNKNOWN, lane="normal", price=200)
    before = int(world.items.raw(batch, [0])[0]["version"])

    assert world.items.correct(f"{batch}-0", 1, "", charged, now_ms=world.now + 5)
    assert not world.items.correct(f"{batch}-0", 1, "", charged, now_ms=world.now + 6)
    assert not world.items.correct(f"{batch}-0", 2, "", charged, now_ms=world.now + 6)

    assert money(world, batch) == sums
    raw = world.items.raw(batch, [0])[0]
    (attempt,) = attempts_of(raw)
    assert (attempt.outcome, attempt.charged, attempt.ended_ms) == ("timeout", charged.value, world.now)
    assert (raw["unclear"], int(raw["version"])) == ("0", before + 1)


def test_a_batch_that_is_deleted_takes_its_jobs_along(world: World, redis: Client):
    batch = world.submit(1, needed_in_ms=AHEAD)
    job = world.begin(batch)
    assert job is not None
    settled(world, batch, 0, job, ItemState.FAILED, Charged.NO)
    whole = world.batches.get(batch)
    assert whole is not None
    assert whole.jobs == 1

    assert world.batches.forget(whole)

    assert world.jobs.claim(world.now) is None
    assert not redis.exists(key("job", job))


def test_a_retry_after_the_deadline_leaves_what_runs_elsewhere_at_its_own_price(world: World):
    batch = world.submit(2, needed_in_ms=AHEAD)
    world.items.cancel(batch, now_ms=world.now)
    world.items.requeue(
        batch, [1], {"provider": "slow", "model": "x", "price": 900, "lane": "normal"}, now_ms=world.now
    )
    world.items.cancel(batch, now_ms=world.now)

    late: dict[str, str | int] = {"lane": "normal", "price": 200}
    assert world.items.requeue(batch, [0, 1], late, now_ms=world.now) == 2

    assert money(world, batch)[0] == 200 + 900
    assert world.books.differences() == []
