"""A sample that is made again is made by a call of its own, whatever an earlier one has left."""

from pathlib import Path

from batchgen.domain.ids import new_id
from batchgen.domain.models import BatchDraft, Item, ItemDraft, User
from batchgen.domain.pace import Room
from batchgen.domain.pictures import Picture
from batchgen.domain.quality import Asked
from batchgen.domain.states import ItemState
from batchgen.engine.answers import Answer, kept_key
from batchgen.engine.kept import Kept
from batchgen.engine.runner import Runner
from batchgen.media.storage import DiskStorage
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.store.connection import Client
from batchgen.store.pilots import Pilots
from tests.engine.test_runner import made
from tests.store.steps import TERMS, World


def run_all(world: World, runner: Runner) -> None:
    while leases := world.queue.lease(8):
        for lease in leases:
            runner.run_attempt(lease)


def item(world: World, batch: str) -> Item:
    return world.batches.items(batch, [0])[0]


def sampled(world: World, runner: Runner) -> str:
    items = tuple(ItemDraft(f"{n}.png", "p") for n in range(3))
    draft = BatchDraft("n", "p", "demo", "demo-paint", items, price_micros=100, sample=(0,))
    batch, _ = world.batches.create(new_id("b"), User("ann", "Ann"), draft)
    run_all(world, runner)
    assert item(world, batch).state is ItemState.SUCCEEDED
    return batch


def test_a_picture_that_an_earlier_round_left_is_not_taken_for_the_new_one(redis: Client, tmp_path: Path):
    world, storage = World(redis, limits={"demo": Room(8)}), DiskStorage(tmp_path, min_free_bytes=0)
    with made(world, storage, Registry({"demo": ProviderConfig()})) as runner:
        batch = sampled(world, runner)
        before = item(world, batch)
        assert before.result is not None
        data = storage.read(f"results/{before.result.name}")
        from_first = Answer(Picture(data, "image/png"), Asked(), 1, "demo/demo-paint", 0)
        Kept(storage).put(before.id, from_first)  # as a worker leaves it that dies between two steps

        assert Pilots(redis, TERMS).repeat(batch, {"prompt": "other"}, {}) == 1
        run_all(world, runner)

        after = item(world, batch)
        assert after.result is not None
        assert (after.attempts, after.state) == (2, ItemState.SUCCEEDED)
        assert after.result.name != before.result.name
        assert storage.exists(f"results/{after.result.name}")
        assert storage.exists(f"thumbnails/{after.result.thumbnail}")
        assert not storage.exists(f"results/{before.result.name}")
        assert not storage.exists(kept_key(before.id) + ".json")


def test_a_picture_of_the_same_round_is_still_used_after_a_crash(redis: Client, tmp_path: Path):
    world, storage = World(redis, limits={"demo": Room(8)}), DiskStorage(tmp_path, min_free_bytes=0)
    with made(world, storage, Registry({"demo": ProviderConfig()})) as runner:
        batch = sampled(world, runner)
        result = item(world, batch).result
        assert result is not None
        data = storage.read(f"results/{result.name}")
        Pilots(redis, TERMS).repeat(batch, {}, None)
        (lease,) = world.queue.lease(8)
        assert world.items.send(*lease) == 2
        Kept(storage).put(lease.item_id, Answer(Picture(data, "image/png"), Asked(), 2, "demo/demo-paint", 0))
        world.items.settle(lease.item_id, lease.token, ItemState.WAITING, outcome="interrupted")

        run_all(world, runner)

        assert (item(world, batch).attempts, item(world, batch).state) == (2, ItemState.SUCCEEDED)
