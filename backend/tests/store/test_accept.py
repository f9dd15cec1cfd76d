"""Pictures that were kept and marked, and a person's word on them."""

import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.models import Item
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from batchgen.store.events import Events
from batchgen.store.items import WrongStateError, attempts_of, marked_places
from batchgen.store.queue import Lease
from tests.store.steps import World


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def marked(world: World, count: int = 1) -> tuple[str, list[Lease]]:
    """A batch whose items all ended with a marked picture."""
    batch = world.submit(count)
    leases = world.lease(count)
    for lease in leases:
        world.send(lease)
        assert world.mark(lease) is ItemState.FAILED
    return batch, leases


def item(world: World, batch: str, n: int = 0) -> Item:
    return world.batches.items(batch, [n])[0]


def rerun(world: World, batch: str) -> Lease:
    assert world.items.requeue(batch, [0], {}, now_ms=world.now) == 1
    [lease] = world.lease()
    world.send(lease)
    return lease


def test_a_marked_picture_is_shown_charged_and_not_run_again(world: World):
    batch, _ = marked(world)

    found, whole = item(world, batch), world.batches.get(batch)
    assert found.result is not None
    assert (found.error_code, found.result.flags, found.cost_micros) == ("bad_output_blank", ("blank",), 100)
    assert (found.result.name, found.result.thumbnail) == (f"generated_{batch}-0_1.png", f"{batch}-0_1.webp")
    assert whole is not None
    assert (whole.settled_micros, whole.held_micros) == (100, 0)
    assert world.lease() == []


def test_accepting_makes_it_a_success_that_costs_nothing_more(world: World):
    batch, _ = marked(world, 3)
    before = world.batches.get(batch)
    world.now += 60_000

    assert world.items.accept(batch, [0, 2], now_ms=world.now) == 2

    found, whole = item(world, batch), world.batches.get(batch)
    assert found.result is not None
    assert (found.state, found.error_code, found.result.flags) == (ItemState.SUCCEEDED, None, ("blank",))
    assert found.result.name == f"generated_{batch}-0_1.png"
    assert before is not None
    assert whole is not None
    assert (whole.settled_micros, whole.finished_ms) == (before.settled_micros, before.finished_ms)
    assert world.counts(batch) == {"succeeded": 2, "failed": 1}


def test_accepting_twice_accepts_once(world: World):
    batch, _ = marked(world)

    assert [world.items.accept(batch, [0], now_ms=world.now) for _ in "12"] == [1, 0]


@pytest.mark.parametrize("how", ["failed", "queued", "running", "succeeded", "waiting"])
def test_without_a_marked_picture_there_is_nothing_to_accept(world: World, how: str):
    batch = world.submit(1)
    if how != "queued":
        [lease] = world.lease()
        world.send(lease)
        if how == "succeeded":
            world.succeed(lease)
        elif how != "running":
            world.settle(lease, ItemState(how), delay_ms=1_000)

    assert world.items.accept(batch, [0], now_ms=world.now) == 0
    assert world.state(f"{batch}-0") == how
    assert world.items.accept("b" + "0" * 20, [0], now_ms=world.now) == 0


def test_an_item_that_runs_again_cannot_be_accepted_meanwhile(world: World):
    batch, _ = marked(world)
    world.items.requeue(batch, [0], {}, now_ms=world.now)

    assert world.items.accept(batch, [0], now_ms=world.now) == 0
    assert item(world, batch).result is None


def test_a_rerun_that_fails_or_is_cancelled_leaves_the_marked_picture_to_be_accepted(world: World):
    batch, _ = marked(world)
    world.settle(rerun(world, batch), ItemState.FAILED)
    failed = item(world, batch)
    world.items.requeue(batch, [0], {}, now_ms=world.now)
    world.items.cancel(batch, now_ms=world.now)
    cancelled = item(world, batch)

    assert failed.error_code == "timeout"
    assert failed.result is not None
    assert failed.result == cancelled.result
    assert world.items.accept(batch, [0], now_ms=world.now) == 1


def test_a_rerun_s_picture_takes_the_place_of_the_marked_one(world: World):
    batch, _ = marked(world)
    lease = rerun(world, batch)
    world.items.settle(
        lease.item_id, lease.token, ItemState.SUCCEEDED, outcome="succeeded", charged=Charged.YES, now_ms=world.now,
        fields={"format": "jpeg", "width": 2, "height": 2, "bytes": 2, "flags": ""},
    )  # fmt: skip

    found = item(world, batch)
    assert found.result is not None
    assert (found.result.name, found.result.flags) == (f"generated_{batch}-0.jpg", ())
    assert found.cost_micros == 200
    assert [place.result for place in marked_places(found.id, world.items.raw(batch, [0])[0])] == [
        f"generated_{batch}-0_1.png"
    ]


def test_each_marked_picture_has_a_name_of_its_own(world: World):
    batch, _ = marked(world)
    world.mark(rerun(world, batch), 2, "1.png")

    found = item(world, batch)
    assert found.result is not None
    assert found.result.name == f"generated_{batch}-0_2.png"
    assert len(marked_places(found.id, world.items.raw(batch, [0])[0])) == 2


def test_the_engine_cannot_settle_what_is_over(world: World):
    _, [lease] = marked(world)

    assert world.succeed(lease) is None
    world.redis.hset(f"bg:i:{lease.item_id.replace('-', ':')}", "token", lease.token)
    with pytest.raises(WrongStateError):
        world.succeed(lease)


def test_the_event_tells_of_the_picture_and_of_the_word(world: World):
    events = Events(world.redis, world.redis, world.batches, world.items, world.uploads)
    batch, _ = marked(world)
    world.items.accept(batch, [0], now_ms=world.now)

    items = [change.item for change in events.hydrate(events.since("ann", "0-0")) if change.item]
    assert [(i.state.value, i.error_code) for i in items[-2:]] == [("failed", "bad_output_blank"), ("succeeded", None)]
    assert {i.result for i in items[-2:]} == {item(world, batch).result}


def test_a_marked_picture_from_bytes_that_an_earlier_call_left_is_that_call_s(world: World):
    batch = world.submit(1)
    [lost] = world.lease()
    world.send(lost)
    world.settle(lost, ItemState.WAITING, charged=Charged.UNKNOWN)
    [again] = world.lease()

    world.mark(again)

    found = item(world, batch)
    assert (found.cost_micros, found.possibly_paid) == (100, 0)
    [attempt] = attempts_of(world.items.raw(batch, [0])[0])
    assert (attempt.outcome, attempt.charged) == ("bad_output_blank", "yes")
