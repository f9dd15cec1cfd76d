"""A duel is pilots over the same sample: stored together, and one of them goes on."""

from concurrent.futures import ThreadPoolExecutor

from batchgen.domain.ids import new_id
from batchgen.domain.models import BatchDraft, ItemDraft
from batchgen.domain.pilots import PilotState
from batchgen.domain.states import BatchState, ItemState
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.pilots import Pilots
from batchgen.store.queue import Lease
from tests.store.sampled import ANN, batch_of, draft, made, state
from tests.store.steps import TERMS, World


def duel(world: World, *drafts: BatchDraft, hashed: str = "h") -> tuple[str, list[str]]:
    ids = [new_id("b") for _ in drafts]
    contestants = list(zip(ids, drafts, strict=True))
    name, _ = Pilots(world.redis, TERMS).create_duel(new_id("d"), ANN, contestants, key_hash=("k", hashed))
    return name, ids


def test_a_duel_is_stored_whole_or_not_at_all_and_once_per_key(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    gone = BatchDraft("n", "p", "demo", "m", (ItemDraft("a", "p", "unone"), ItemDraft("b", "p")), sample=(0,))
    assert pilots.create_duel("d1", ANN, [("b1", draft()), ("b2", gone)]) == ("unone", -2)
    assert not redis.keys("bg:b:*")

    name, ids = duel(world, draft(), draft())
    assert duel(world, draft(), draft())[0] == name
    assert pilots.create_duel("d2", ANN, [("b1", draft()), ("b2", draft())], key_hash=("k", "x")) == (name, -1)

    found = pilots.duel(name)
    assert found is not None
    assert (found.batches, found.chosen, found.owner) == (tuple(ids), "", "ann")
    assert world.batches.count("ann") == 2
    assert sorted(made(world)) == sorted(f"{batch}-{n}" for batch in ids for n in (0, 2))


def test_the_chosen_one_goes_on_and_of_the_others_nothing_is_sent(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    name, (first, second, third) = duel(world, draft(), draft(), draft())
    assert pilots.choose(name, second) == -2
    made(world)
    assert pilots.choose(name, "b-elsewhere") == -3

    assert (pilots.choose(name, second), pilots.choose(name, second), pilots.choose(name, first)) == (1, 0, -1)

    assert sorted(made(world)) == [f"{second}-{n}" for n in (1, 3, 4, 5)]  # though no item was cancelled yet
    assert world.items.stopping() == sorted([first, third])
    for batch in world.items.stopping():
        world.items.cancel(batch)
    assert {state(world, one) for one in (first, third)} == {(BatchState.COMPLETED, PilotState.STOPPED)}
    assert [batch_of(world, one).settled_micros for one in (first, second, third)] == [200, 600, 200]


def test_of_many_choices_at_once_one_contestant_wins(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    for n in range(10):
        name, ids = duel(world, draft(), draft(), hashed=str(n))
        redis.delete(key("duels", "ann", "k"))
        made(world)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda i, name=name, ids=ids: pilots.choose(name, ids[i % 2]), range(8)))
        assert answers.count(1) == 1
        assert len(made(world)) == 4


def test_a_slow_contestant_is_stopped_where_it_stands(redis: Client):
    world, pilots = World(redis, slots=2), Pilots(redis, TERMS)
    name, (first, second) = duel(world, draft(), draft())
    while state(world, first)[1] is not PilotState.REVIEW:  # they take turns: only the first one's end
        for lease in world.lease():
            world.send(lease) if lease.item_id.startswith(second) else None
            if lease.item_id.startswith(first):
                world.send(lease), world.succeed(lease)
        world.set_slots(4)
    assert state(world, second)[1] is PilotState.RUNNING

    assert pilots.choose(name, first) == 1
    world.items.cancel(second)

    running = [n for n in range(6) if world.state(f"{second}-{n}") == "running"]
    for n in running:  # paid for: finished and kept
        token = str(redis.hget(key("item", second, n), "token"))
        assert world.succeed(Lease(f"{second}-{n}", token, "demo/m", "-")) is ItemState.SUCCEEDED
    assert batch_of(world, second).state is BatchState.CANCELLED
    assert batch_of(world, second).held_micros == 0


def test_an_approved_contestant_is_not_cancelled_by_a_later_choice(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    name, (first, second) = duel(world, draft(), draft())
    made(world)
    pilots.approve(first)

    assert pilots.choose(name, second) == -1

    assert world.counts(first) == {"queued": 4, "succeeded": 2}


def test_a_duel_over_all_images_is_decided_without_anything_left_to_make(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    name, (first, _) = duel(world, draft(2, (0, 1)), draft(2, (0, 1)))
    made(world)

    assert (pilots.choose(name, first), made(world)) == (1, [])


def test_a_duel_ends_with_its_last_batch(redis: Client):
    world, pilots = World(redis), Pilots(redis, TERMS)
    name, ids = duel(world, draft(), draft())
    made(world)
    pilots.choose(name, ids[0])
    made(world)
    for batch in ids:
        world.items.cancel(batch)
        assert world.batches.forget(batch_of(world, batch))

    assert pilots.duel(name) is None
