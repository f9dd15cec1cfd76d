"""Deleted with time to think again: hidden at once, brought back whole, or gone with all it has."""

import pytest

from batchgen.domain.states import ItemState
from batchgen.store.batches import EVERYONE, TEAM
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.sharing import Shares
from tests.store.steps import World
from tests.store.test_batches import ANN, draft

GRACE_MS = 600_000


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def ended(world: World, count: int = 2) -> str:
    batch = world.submit(count)
    for lease in world.lease():
        world.send(lease), world.succeed(lease)
    return batch


def listed(world: World) -> list[list[str]]:
    return [world.batches.find(name).ids for name in ("ann", EVERYONE, TEAM)]


def test_a_hidden_batch_is_nowhere_and_comes_back_to_where_it_was(world: World):
    old, batch, new = ended(world), ended(world), ended(world)
    found = world.batches.get(batch)
    assert found is not None
    Shares(world.redis, world.batches, world.items).share(found, True)
    before = listed(world)

    assert world.batches.hide(batch, GRACE_MS, world.now) == 1
    assert world.batches.get(batch) is None
    assert world.batches.get_many([old, batch, new]) == world.batches.get_many([old, new])
    assert not any(batch in ids for ids in listed(world))

    assert world.batches.restore(batch)
    assert listed(world) == before
    restored = world.batches.get(batch)
    assert restored is not None
    assert restored.shared.team
    assert world.batches.due(world.now + GRACE_MS) == []


def test_what_has_not_ended_is_not_hidden(world: World):
    batch = world.submit(1)

    assert world.batches.hide(batch, GRACE_MS, world.now) == -1
    assert world.batches.hide("b" + "0" * 20, GRACE_MS, world.now) == 0
    assert listed(world)[0] == [batch]


def test_twice_hidden_is_once_hidden(world: World):
    batch = ended(world)

    assert [world.batches.hide(batch, GRACE_MS, world.now + ms) for ms in (0, GRACE_MS)] == [1, 0]
    assert world.batches.due(world.now + GRACE_MS) == [batch]


def test_a_batch_that_is_brought_back_while_the_bin_is_emptied_stays(world: World):
    batch = ended(world)
    world.batches.hide(batch, GRACE_MS, world.now)
    (due,) = world.batches.due(world.now + GRACE_MS)
    found = world.batches.hidden(due)
    assert found is not None

    assert world.batches.restore(batch, world.now + GRACE_MS - 1)

    assert world.batches.forget(found, hidden=True) is False
    assert world.batches.get(batch) is not None
    assert not world.batches.restore(batch)


def test_what_nobody_sees_is_not_steered_and_costs_nothing(world: World):
    batch = world.submit(2)
    world.items.cancel(batch)
    world.batches.hide(batch, GRACE_MS, world.now)

    assert world.items.requeue(batch, [0, 1], {}) == 0
    assert world.lease() == []
    assert world.redis.hget(key("batch", batch), "held") == "0"


def test_when_its_time_is_over_it_does_not_come_back(world: World):
    batch = ended(world)
    world.batches.hide(batch, GRACE_MS, world.now)

    assert not world.batches.restore(batch, world.now + GRACE_MS)
    assert world.batches.restore(batch, world.now + GRACE_MS - 1)


def test_a_key_that_made_a_hidden_batch_makes_another_one(world: World):
    first, _ = world.batches.create("b1", ANN, draft(), key_hash=("k", "h"))
    world.items.cancel(first)
    world.batches.hide(first, GRACE_MS)

    assert world.batches.create("b2", ANN, draft(), key_hash=("k", "h")) == ("b2", 1)


def test_the_bytes_of_pictures_are_counted_until_their_batch_is_deleted(world: World):
    batch, other = ended(world, 3), ended(world, 1)

    def made() -> int:
        return world.uploads.usage("ann")[2]

    found = world.batches.get(batch)
    assert found is not None
    assert (found.bytes, made()) == (3, 4)
    world.batches.hide(batch, GRACE_MS, world.now)
    assert made() == 4
    world.batches.forget(found, hidden=True)
    assert made() == 1
    assert world.redis.keys(f"*{batch}*") == []
    assert world.redis.exists(key("bin")) == 0
    assert world.batches.get(other) is not None


def test_a_failed_picture_without_bytes_takes_no_room(world: World):
    batch = world.submit(1)
    (lease,) = world.lease()
    world.send(lease), world.settle(lease, ItemState.FAILED)

    found = world.batches.get(batch)
    assert found is not None
    assert (found.bytes, world.uploads.usage("ann")[2]) == (0, 0)
