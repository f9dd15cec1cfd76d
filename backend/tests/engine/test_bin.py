"""The bin of a worker: what nobody brought back goes with its files, and nothing else."""

from pathlib import Path

from batchgen.engine.bin import Bin
from batchgen.engine.removal import BatchRemoval
from batchgen.media.storage import DiskStorage
from batchgen.store.connection import Client
from tests.store.steps import World
from tests.store.test_hidden import GRACE_MS, ended


def test_the_bin_deletes_what_is_due_with_its_files(redis: Client, tmp_path: Path):
    world, storage = World(redis), DiskStorage(tmp_path, min_free_bytes=0)
    due, later, kept = ended(world), ended(world), ended(world)
    for batch in (due, later, kept):
        for name in (f"results/generated_{batch}-0.png", f"thumbnails/{batch}-0.webp"):
            storage.put(name, b"picture")
    world.batches.hide(due, GRACE_MS, world.now)
    world.batches.hide(later, GRACE_MS + 1, world.now)
    bin_ = Bin(world.batches, BatchRemoval(world.batches, world.items, storage))

    assert bin_.empty(world.now + GRACE_MS - 1) == 0
    assert bin_.empty(world.now + GRACE_MS) == 1

    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert not any(due in name for name in left)
    assert sum(later in name for name in left) == sum(kept in name for name in left) == 2
    assert bin_.empty(world.now + GRACE_MS) == 0
    assert world.batches.restore(later)
