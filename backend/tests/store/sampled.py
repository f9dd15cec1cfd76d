"""Batches with a sample, for tests."""

from batchgen.domain.ids import new_id
from batchgen.domain.models import Batch, BatchDraft, ItemDraft, User
from batchgen.domain.pilots import PilotState
from batchgen.domain.states import BatchState, ItemState
from batchgen.store.connection import Client
from batchgen.store.keys import key
from tests.store.steps import World

ANN = User("ann", "Ann")


def draft(count: int = 6, sample: tuple[int, ...] = (0, 2), notify: str = "none") -> BatchDraft:
    items = tuple(ItemDraft(f"{i}.png", "p") for i in range(count))
    return BatchDraft("n", "p", "demo", "m", items, price_micros=100, sample=sample, notify=notify)


def pilot(world: World, **how: object) -> str:
    return world.batches.create(new_id("b"), ANN, draft(**how), now_ms=world.now)[0]  # type: ignore[arg-type]


def batch_of(world: World, batch: str) -> Batch:
    found = world.batches.get(batch)
    assert found is not None
    return found


def made(world: World, to: ItemState = ItemState.SUCCEEDED) -> list[str]:
    """Everything that may run is made; the ids of what was called."""
    called = []
    while leases := world.lease():
        for lease in leases:
            world.send(lease)
            world.succeed(lease) if to is ItemState.SUCCEEDED else world.settle(lease, to)
            called.append(lease.item_id)
    return called


def in_review(world: World, **how: object) -> str:
    batch = pilot(world, **how)
    made(world)
    return batch


def state(world: World, batch: str) -> tuple[BatchState, PilotState]:
    found = batch_of(world, batch)
    assert found.pilot is not None
    return found.state, found.pilot.state


def held_back(redis: Client, batch: str) -> list[int]:
    """The set, which has to agree with the counter beside it."""
    stored = [int(n) for n in redis.zrange(key("back", batch), 0, -1)]
    assert int(redis.hget(key("batch", batch), "back")) == len(stored)
    return stored
