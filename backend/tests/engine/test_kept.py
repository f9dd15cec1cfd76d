"""A picture that an earlier call left is used, unless other words or another model are asked for by now."""

from pathlib import Path

import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.pace import Room
from batchgen.domain.pictures import Picture
from batchgen.domain.quality import Asked
from batchgen.domain.states import ItemState
from batchgen.engine.answers import Answer
from batchgen.engine.kept import Kept
from batchgen.media.storage import DiskStorage
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.store.connection import Client
from batchgen.store.pilots import Pilots
from tests.engine.test_pilots import item, run_all, sampled
from tests.engine.test_runner import made
from tests.store.steps import TERMS, World


@pytest.mark.parametrize(("prompts", "attempts"), [({}, 2), ({0: "other words"}, 3)])
def test_a_stalled_call_s_picture_that_comes_after_a_retry_answers_its_own_words_only(
    redis: Client, tmp_path: Path, prompts: dict[int, str], attempts: int
):
    world, storage = World(redis, limits={"demo": Room(8)}), DiskStorage(tmp_path, min_free_bytes=0)
    with made(world, storage, Registry({"demo": ProviderConfig()})) as runner:
        batch = sampled(world, runner)
        result = item(world, batch).result
        assert result is not None
        data = storage.read(f"results/{result.name}")
        Pilots(redis, TERMS).repeat(batch, {}, None)
        (lease,) = world.queue.lease(8)
        assert world.items.send(*lease) == 2
        world.items.settle(
            lease.item_id, lease.token, ItemState.FAILED, outcome="interrupted", charged=Charged.UNKNOWN
        )  # fmt: skip

        world.items.requeue(batch, [0], {}, prompts=prompts)
        late = Answer(Picture(data, "image/png"), Asked(), 2, "demo/demo-paint", 0)
        Kept(storage).put(lease.item_id, late)  # its worker comes back
        run_all(world, runner)

        assert (item(world, batch).attempts, item(world, batch).state) == (attempts, ItemState.SUCCEEDED)
        assert world.books.differences() == []
