"""What people say of finished pictures, and pictures that were laid by."""

import json

import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.models import Batch, Item
from batchgen.domain.states import REDOES, ItemState, Review
from batchgen.errors import OverBudget
from batchgen.store.connection import Client
from batchgen.store.events import Events
from batchgen.store.keys import key
from batchgen.store.pilots import Pilots
from batchgen.store.queue import Lease
from batchgen.store.reviews import Reviews
from tests.store.steps import TERMS, World, capped

A, R, NONE = Review.APPROVED, Review.REJECTED, Review.NONE


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


@pytest.fixture
def reviews(redis: Client) -> Reviews:
    return Reviews(redis)


def made(world: World, count: int = 3, **more: object) -> str:
    batch = world.submit(count, **more)  # type: ignore[arg-type]
    for lease in world.lease(count):
        world.send(lease)
        world.succeed(lease)
    return batch


def stored(world: World, batch: str) -> Batch:
    found = world.batches.get(batch)
    assert found is not None
    return found


def item(world: World, batch: str, n: int = 0) -> Item:
    return world.batches.items(batch, [n])[0]


def counted(world: World, batch: str) -> tuple[int, int, int]:
    found = stored(world, batch)
    return found.approved, found.rejected, found.undecided


def redo(world: World, batch: str, n: int = 0, words: str = "") -> Lease:
    prompts = {n: words} if words else {}
    assert world.items.requeue(batch, [n], {}, prompts=prompts, moves=REDOES, now_ms=world.now) == 1
    [lease] = world.lease()
    world.send(lease)
    return lease


def again(world: World, lease: Lease, attempt: int = 2) -> None:
    """Its picture comes, under the name that the runner gives one that was made once more."""
    fields: dict[str, str | int] = {"format": "jpeg", "width": 2, "height": 2, "bytes": 2, "place": attempt}
    world.items.settle(
        lease.item_id, lease.token, ItemState.SUCCEEDED, fields=fields, outcome="succeeded", charged=Charged.YES,
        now_ms=world.now,
    )  # fmt: skip


def test_decisions_are_counted_and_may_be_changed_and_taken_back(world: World, reviews: Reviews):
    batch = made(world)
    versions = [item(world, batch).version, stored(world, batch).version]

    assert reviews.decide(batch, {0: A, 1: R}) == (2, 2)
    assert counted(world, batch) == (1, 1, 1)
    assert reviews.decide(batch, {0: A}) == (1, 0)
    assert reviews.decide(batch, {0: R, 1: NONE}) == (2, 2)

    assert counted(world, batch) == (0, 1, 2)
    assert [item(world, batch, n).review for n in range(3)] == [R, NONE, NONE]
    assert (item(world, batch).version, stored(world, batch).version) > tuple(versions)


def test_only_what_succeeded_is_decided_on(world: World, reviews: Reviews):
    batch = world.submit(2)
    [lease] = world.lease(1)
    world.send(lease)
    world.mark(lease)

    assert reviews.decide(batch, {0: A, 1: A, 7: A}) == (0, 0)
    assert reviews.decide("b" + "0" * 20, {0: A}) == (0, 0)
    assert counted(world, batch) == (0, 0, 0)


def test_pages_are_found_by_what_was_said(world: World, reviews: Reviews):
    batch = made(world, 5)
    reviews.decide(batch, {1: A, 3: A, 4: R})
    whole = stored(world, batch)

    def page(review: Review, after: int = -1, limit: int = 10) -> tuple[list[int], int | None]:
        found = world.batches.page(whole, after, limit, None, review)
        return [one.index for one in found.items], found.total

    assert [page(A), page(R), page(NONE)] == [([1, 3], 2), ([4], 1), ([0, 2], 2)]
    assert page(A, after=1) == ([3], 2)
    assert world.batches.page(whole, -1, 10, ItemState.FAILED, A).items == []


def test_the_event_tells_of_the_word(world: World, reviews: Reviews):
    events = Events(world.redis, world.redis, world.batches, world.items, world.uploads)
    batch = made(world, 1)
    last = events.last_id("ann")
    reviews.decide(batch, {0: A})

    changes = events.hydrate(events.since("ann", last))
    assert [one.item.review for one in changes if one.item] == [A]
    assert [one.batch.approved for one in changes if one.batch] == [1]


def test_a_redo_lays_the_picture_by_forgets_the_word_and_is_paid_again(world: World, reviews: Reviews):
    batch = made(world, 2)
    reviews.decide(batch, {0: R, 1: A})
    first = item(world, batch).result
    lease = redo(world, batch, words="p, brighter")

    waiting = item(world, batch)
    assert (waiting.state, waiting.result, waiting.review) == (ItemState.RUNNING, None, NONE)
    assert counted(world, batch) == (1, 0, 0)
    assert world.money(batch) == (100, 200, 0)
    again(world, lease)

    done = item(world, batch)
    assert first is not None
    assert done.result is not None
    assert [one.name for one in done.earlier] == [first.name]
    assert (done.result.name, done.prompt) == (f"generated_{batch}-0_2.jpg", "p, brighter")
    assert (world.money(batch), done.cost_micros) == ((0, 300, 0), 200)
    assert world.books.differences(tries=1) == []


def test_without_the_word_of_a_redo_a_retry_leaves_what_succeeded_alone(world: World):
    batch = made(world, 1)

    assert world.items.requeue(batch, [0], {}, now_ms=world.now) == 0
    assert item(world, batch).state is ItemState.SUCCEEDED


def test_a_redo_that_no_budget_is_left_for_changes_nothing(redis: Client):
    world = capped(redis, batch=150)
    batch = made(world, 1)
    before = item(world, batch)

    with pytest.raises(OverBudget):
        world.items.requeue(batch, [0], {}, moves=REDOES, now_ms=world.now)

    assert item(world, batch) == before


def test_an_earlier_picture_is_taken_back_with_its_words_and_the_new_one_is_laid_by(world: World, reviews: Reviews):
    batch = made(world, 1)
    first = item(world, batch)
    again(world, redo(world, batch, words="other words"))
    second = item(world, batch)
    paid = world.money(batch)

    assert reviews.restore(batch, 0, 0, now_ms=world.now) == 1

    back = item(world, batch)
    assert (back.result, back.prompt, back.state) == (first.result, "p", ItemState.SUCCEEDED)
    assert second.result is not None
    assert [(one.name, one.number) for one in back.earlier] == [(second.result.name, 2)]
    assert world.money(batch) == paid
    assert reviews.restore(batch, 0, 2, now_ms=world.now) == 1
    assert (item(world, batch).result, item(world, batch).prompt) == (second.result, "other words")
    assert reviews.restore(batch, 0, 9, now_ms=world.now) == 0


@pytest.mark.parametrize("end", [ItemState.FAILED, ItemState.CANCELLED])
def test_a_redo_that_comes_to_nothing_leaves_the_earlier_picture_to_be_taken_back(
    world: World, reviews: Reviews, end: ItemState
):
    batch = made(world, 1)
    first = item(world, batch)
    lease = redo(world, batch)
    assert reviews.restore(batch, 0, 0, now_ms=world.now) == -1
    world.settle(lease, end)

    assert reviews.restore(batch, 0, 0, now_ms=world.now) == 1

    back = item(world, batch)
    assert (back.state, back.result, back.earlier, back.error_code) == (ItemState.SUCCEEDED, first.result, (), None)
    assert world.counts(batch) == {"succeeded": 1}


def test_a_marked_picture_that_was_accepted_is_laid_by_and_taken_back_with_its_flags(world: World, reviews: Reviews):
    batch = world.submit(1)
    [lease] = world.lease()
    world.send(lease)
    world.mark(lease)
    world.items.accept(batch, [0], now_ms=world.now)
    first = item(world, batch)
    again(world, redo(world, batch))

    redone = item(world, batch)
    assert redone.result is not None
    assert redone.result.flags == ()
    assert "marked" not in world.items.raw(batch, [0])[0]  # else the runner would throw its file away
    assert reviews.restore(batch, 0, 1, now_ms=world.now) == 1
    assert item(world, batch).result == first.result


def test_a_sample_that_is_made_again_is_undecided(world: World, reviews: Reviews, redis: Client):
    batch = made(world, 2, sample=(0,))
    reviews.decide(batch, {0: A})
    assert Pilots(redis, TERMS).repeat(batch, {}, None, None) == 1

    assert counted(world, batch) == (0, 0, 0)
    assert item(world, batch).review is NONE


def test_a_deleted_batch_leaves_no_word_behind(world: World, reviews: Reviews):
    batch = made(world, 1)
    reviews.decide(batch, {0: A})
    assert world.batches.forget(stored(world, batch))

    assert not world.redis.exists(key("reviews", batch))


def test_what_is_kept_of_a_picture_can_be_read_again(world: World):
    batch = made(world, 1)
    world.redis.hset(key("item", batch, 0), mapping={"note": 'says "hi" {x}', "seed": "7"})
    redo(world, batch)

    [kept] = item(world, batch).earlier
    assert (kept.description, kept.seed) == ('says "hi" {x}', 7)
    assert json.loads(world.items.raw(batch, [0])[0]["earlier"])[0]["prompt"] == "p"
