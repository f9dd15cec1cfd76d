"""A pilot's sample stands in the queue, its rest does not, until a person says so; each word of theirs counts once."""

from concurrent.futures import ThreadPoolExecutor

from batchgen.domain.models import BatchDraft, ItemDraft
from batchgen.domain.pilots import PilotState
from batchgen.domain.states import BatchState, ItemState
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.pilots import Pilots
from tests.store.sampled import ANN, batch_of, held_back, in_review, made, pilot, state
from tests.store.steps import TERMS, World


def test_only_the_sample_is_handed_out_and_held_for(redis: Client):
    world = World(redis)
    batch = pilot(world)

    assert (batch_of(world, batch).held_micros, held_back(redis, batch)) == (200, [1, 3, 4, 5])
    assert state(world, batch) == (BatchState.QUEUED, PilotState.RUNNING)
    assert made(world) == [f"{batch}-0", f"{batch}-2"]

    assert state(world, batch) == (BatchState.REVIEW, PilotState.REVIEW)
    assert batch_of(world, batch).finished_ms is None
    assert batch_of(world, batch).held_micros == 0
    assert world.counts(batch) == {"queued": 4, "succeeded": 2}


def test_a_pilot_in_review_takes_no_turn_from_others(redis: Client):
    world = World(redis, slots=1)
    batch = in_review(world)
    other = world.submit(3, owner="ann")

    assert redis.zrange(key("turns", "demo/m", "ann"), 0, -1) == [other]
    assert made(world) == [f"{other}-{n}" for n in range(3)]
    assert held_back(redis, batch) == [1, 3, 4, 5]


def test_approval_queues_the_rest_once_and_holds_for_it_in_the_same_step(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = in_review(world)

    assert (pilots.approve(batch), pilots.approve(batch)) == (1, 0)

    assert batch_of(world, batch).held_micros == 400
    assert state(world, batch) == (BatchState.RUNNING, PilotState.APPROVED)
    assert made(world) == [f"{batch}-{n}" for n in (1, 3, 4, 5)]
    found = batch_of(world, batch)
    assert (found.state, found.settled_micros, found.held_micros) == (BatchState.COMPLETED, 600, 0)


def test_of_many_approvals_at_once_one_counts(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = in_review(world)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pilots.approve(batch, 1), range(24)))

    assert sorted(answers) == [0] * 23 + [1]
    assert batch_of(world, batch).held_micros == 400
    assert len(made(world)) == 4


def test_approvals_and_cancels_at_once_leave_nothing_between(redis: Client):
    """Whoever is first, nothing is held back, held for, or queued in the end without an owner of its fate."""
    world, pilots = World(redis), Pilots(redis, TERMS)
    for _ in range(20):
        batch = in_review(world)
        with ThreadPoolExecutor(2) as pool:
            approved = pool.submit(pilots.approve, batch)
            cancelled = pool.submit(world.items.cancel, batch)
            assert approved.result() in (1, -1)
            assert cancelled.result() == 0
        assert held_back(redis, batch) == []
        assert made(world) == []
        assert world.counts(batch) == {"succeeded": 2, "cancelled": 4}
        assert batch_of(world, batch).held_micros == 0


def test_nothing_is_approved_while_the_sample_is_made_or_in_another_round(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = pilot(world)

    assert pilots.approve(batch) == -1
    made(world)
    assert pilots.approve(batch, 2) == -2
    assert pilots.approve("none") == -1
    assert pilots.approve(world.submit(1)) == -1


def test_a_repeat_makes_the_sample_again_for_money_and_gives_the_rest_the_same_words(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = in_review(world)

    changes: dict[str, str | int] = {"prompt": "q", "provider": "slow", "model": "n", "price": 70}
    assert pilots.repeat(batch, changes, {1: "one"}, 1, now_ms=world.now) == 1
    assert pilots.repeat(batch, changes, {1: "one"}, 1, now_ms=world.now) == -2

    assert batch_of(world, batch).held_micros == 140
    assert state(world, batch) == (BatchState.QUEUED, PilotState.RUNNING)
    again = world.lease()
    assert [(one.item_id, one.lane) for one in again] == [(f"{batch}-0", "slow/n"), (f"{batch}-2", "slow/n")]
    for one in again:
        world.send(one), world.succeed(one)
    found = batch_of(world, batch)
    assert (found.settled_micros, found.held_micros, found.pilot and found.pilot.round) == (340, 0, 2)
    assert [item.prompt for item in world.batches.items(batch, range(3))] == ["q", "one", "q"]
    assert pilots.approve(batch, 2) == 1
    assert batch_of(world, batch).held_micros == 280


def test_words_that_stay_stay_with_each_item(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    items = (ItemDraft("a", "own"), ItemDraft("b", "p"), ItemDraft("c", "other"))
    batch, _ = world.batches.create("b1", ANN, BatchDraft("n", "p", "demo", "m", items, sample=(0,)))
    made(world)

    pilots.repeat(batch, {"provider": "slow", "model": "n", "price": 1}, None)

    assert [(i.prompt, i.model) for i in world.batches.items(batch, range(3))] == [
        ("own", "n"), ("p", "n"), ("other", "n")
    ]  # fmt: skip


def test_a_picture_that_is_made_again_gets_another_name(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = in_review(world)
    before = world.batches.items(batch, [0])[0].result
    assert before is not None

    pilots.repeat(batch, {}, None)
    assert world.batches.items(batch, [0])[0].result is None
    (lease, other) = world.lease()
    world.send(lease)
    fields: dict[str, str | int] = {"format": "png", "width": 1, "height": 1, "bytes": 1, "place": 2}
    world.items.settle(lease.item_id, lease.token, ItemState.SUCCEEDED, fields=fields, outcome="succeeded")
    world.send(other), world.settle(other, ItemState.FAILED)

    after = world.batches.items(batch, [0])[0].result
    assert after is not None
    assert after.name != before.name
    assert redis.hget(key("item", batch, 0), "marked") == ".png"  # the old one, to be deleted with the batch
    assert state(world, batch)[1] is PilotState.REVIEW


def test_stopping_after_the_sample_leaves_a_completed_sample_and_no_news(redis: Client):
    world = World(redis)
    batch = in_review(world, notify="n1")

    assert world.items.cancel(batch) == 0

    assert state(world, batch) == (BatchState.COMPLETED, PilotState.STOPPED)
    assert world.counts(batch) == {"succeeded": 2, "cancelled": 4}
    assert redis.zcard(key("outbox")) == 0


def test_the_end_of_the_sample_is_no_finish_and_the_end_of_the_whole_is_one(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = in_review(world, notify="n1")
    assert redis.zcard(key("outbox")) == 0

    pilots.approve(batch)
    made(world)

    assert redis.zrange(key("outbox"), 0, -1) == [f"{batch}:1"]


def test_a_cancel_in_the_middle_of_the_sample_is_a_cancel(redis: Client):
    world = World(redis)
    batch = pilot(world)
    (running, _) = world.lease()

    assert world.items.cancel(batch, at_most=2) > 0
    while world.items.cancel(batch, at_most=2) > 0:
        pass
    assert world.send(running) == -1
    world.items.settle(running.item_id, running.token, ItemState.CANCELLED)

    assert held_back(redis, batch) == []
    assert batch_of(world, batch).state in (BatchState.CANCELLED, BatchState.RUNNING)  # its second one still runs
    assert batch_of(world, batch).held_micros == 100


def test_one_item_that_is_held_back_is_cancelled_and_comes_back_only_as_held_back(redis: Client):
    world = World(redis)
    batch = in_review(world)

    world.items.cancel(batch, 4)
    assert (held_back(redis, batch), batch_of(world, batch).held_micros) == ([1, 3, 5], 0)
    world.items.requeue(batch, [4], {})

    assert (held_back(redis, batch), batch_of(world, batch).held_micros) == ([1, 3, 4, 5], 0)
    assert made(world) == []


def test_a_failed_one_of_the_sample_is_tried_again_alone(redis: Client):
    world = World(redis)
    batch = pilot(world)
    made(world, ItemState.FAILED)
    assert state(world, batch)[1] is PilotState.REVIEW

    world.items.requeue(batch, [2], {})

    assert state(world, batch)[1] is PilotState.RUNNING
    assert made(world) == [f"{batch}-2"]
    assert state(world, batch)[1] is PilotState.REVIEW


def test_what_was_stopped_waits_for_approval_again_when_it_is_retried(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = in_review(world)
    world.items.cancel(batch)

    world.items.requeue(batch, range(6), {})

    assert state(world, batch) == (BatchState.REVIEW, PilotState.REVIEW)
    assert made(world) == []
    assert pilots.approve(batch) == 1
    assert len(made(world)) == 4


def test_a_pause_holds_through_the_approval(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    batch = in_review(world)
    assert world.batches.pause(batch) == 1
    assert state(world, batch) == (BatchState.PAUSED, PilotState.REVIEW)

    assert pilots.approve(batch) == 1
    assert made(world) == []
    world.batches.resume(batch)

    assert len(made(world)) == 4


def test_a_sample_that_is_the_whole_needs_no_approval(redis: Client):
    world = World(redis)
    batch = pilot(world, count=2, sample=(0, 1))
    made(world)

    assert state(world, batch) == (BatchState.COMPLETED, PilotState.APPROVED)


def test_a_deleted_pilot_leaves_no_key(redis: Client):
    world = World(redis)
    batch = in_review(world)
    assert world.batches.forget(batch_of(world, batch)) is False
    world.items.cancel(batch)

    assert world.batches.forget(batch_of(world, batch))

    assert not redis.keys(f"*{batch}*")
