"""One attempt, run by the real parts with the demo provider, when something goes wrong around it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batchgen.domain.ids import new_id
from batchgen.domain.models import BatchDraft, ItemDraft, User
from batchgen.domain.pace import Room, Sign
from batchgen.domain.states import ItemState
from batchgen.engine.dispatcher import Dispatcher
from batchgen.engine.failover import Failover
from batchgen.engine.heart import Heart
from batchgen.engine.model_watch import ModelWatch
from batchgen.engine.recovery import Recovery
from batchgen.engine.results import Results
from batchgen.engine.runner import Parts, Runner
from batchgen.media.decoders import DecoderPool
from batchgen.media.intake import Intake
from batchgen.media.storage import DiskStorage
from batchgen.providers.base import key_id
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.models import Models
from batchgen.store.queue import Lease
from tests.fakes.gemini_server import GeminiServer
from tests.store.steps import World

LATENCY_S = 0.5


class Nobody:
    """No worker listens: the test runs what it leases itself."""

    def send_task(self, name: str, args: list[str], *, queue: str) -> None: ...


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis, limits={"demo": Room(8)})


@pytest.fixture
def storage(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path, min_free_bytes=0)


@pytest.fixture
def runner(world: World, storage: DiskStorage) -> Iterator[Runner]:
    with made(world, storage, Registry({"demo": ProviderConfig(latency_s=LATENCY_S)})) as runner:
        yield runner


@contextmanager
def made(world: World, storage: DiskStorage, registry: Registry, *, embed: bool = False) -> Iterator[Runner]:
    failover = Failover(registry, Models(world.redis), world.queue, world.batches, world.items, storage)
    dispatcher, recovery = Dispatcher(world.queue, Nobody()), Recovery(world.queue, world.items, 6)
    heart = Heart(world.queue, dispatcher, recovery, failover, worker="w", slots=8, lease_s=15)
    decoders = DecoderPool()
    parts = Parts(
        world.items, world.batches, world.uploads, registry, Intake(decoders, max_bytes=2**24, max_megapixels=50),
        storage, dispatcher, heart, world.queue, failover, ModelWatch(Models(world.redis)),
        Results(storage, embed=embed),
    )  # fmt: skip
    yield Runner(parts, timeout_s=10, max_attempts=6)
    decoders.close()
    registry.close()


def lease_of_one(world: World, provider: str = "demo", model: str = "demo-paint") -> Lease:
    draft = BatchDraft(
        name="n", prompt="a fox", provider=provider, model=model, price_micros=7, policy="any",
        items=(ItemDraft("a.png", "a fox"),),
    )  # fmt: skip
    world.batches.create(new_id("b"), User("ann", "ann"), draft)
    [lease] = world.queue.lease(1)
    return lease


def under_way(runner: Runner, world: World, lease: Lease) -> threading.Thread:
    thread = threading.Thread(target=runner.run_attempt, args=(lease,))
    thread.start()
    while not raw(world, lease).get("sent"):
        thread.join(0.01)
        assert thread.is_alive()
    return thread


def raw(world: World, lease: Lease) -> dict[str, str]:
    batch, _, n = lease.item_id.rpartition("-")
    return world.items.raw(batch, [int(n)])[0]


def files(storage: DiskStorage) -> list[str]:
    root = storage.path("kept/x").parents[1]
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_message_that_comes_twice_is_called_once_though_redis_forgot_that_it_was_sent(runner: Runner, world: World):
    lease = lease_of_one(world)
    first = under_way(runner, world, lease)
    world.redis.hdel("bg:i:" + lease.item_id.replace("-", ":"), "sent")

    runner.run_attempt(lease)
    first.join()

    assert (raw(world, lease)["state"], raw(world, lease)["attempts"]) == ("succeeded", "1")


def test_a_picture_that_comes_after_its_batch_was_deleted_leaves_no_file(
    runner: Runner, world: World, storage: DiskStorage
):
    lease = lease_of_one(world)
    late = under_way(runner, world, lease)
    world.items.settle(lease.item_id, lease.token, ItemState.FAILED, outcome="interrupted")
    batch = world.batches.get(lease.item_id.rpartition("-")[0])
    assert batch is not None
    assert world.batches.forget(batch)
    late.join()

    assert files(storage) == []


def test_an_item_whose_key_was_revoked_goes_on_elsewhere_where_the_other_key_has_spent_its_day(
    redis: Client, storage: DiskStorage
):
    mine = ("AIza-first-key-of-the-team-0001", "AIza-second-key-of-the-team-0002")
    rooms = {"gemini": Room(8, keys=tuple(map(key_id, mine))), "doubao": Room(8, keys=("own",))}
    world = World(redis, limits=rooms)
    with GeminiServer(keys=["somebody-else's"]) as gemini:
        configs = {"gemini": ProviderConfig(mine, gemini.url), "doubao": ProviderConfig(("sk-doubao-key-0001",))}
        world.queue.note(Lease("none-0", "", "gemini/x", key_id(mine[1])), Sign.QUOTA, 7_200)
        lease = lease_of_one(world, "gemini", "gemini-nano-banana-2.1")
        with made(world, storage, Registry(configs)) as runner:
            runner.run_attempt(lease)
        assert len(gemini.log()) == 1

    assert (raw(world, lease)["provider"], raw(world, lease)["moved"].split()[1]) == ("doubao", "quota_exhausted")


@pytest.mark.parametrize("bare", [False, True])
def test_words_go_into_the_picture_unless_its_batch_says_no(world: World, storage: DiskStorage, bare: bool):
    registry = Registry({"demo": ProviderConfig(latency_s=0)})
    with made(world, storage, registry, embed=True) as runner:
        batch = world.submit(1)
        world.redis.hset(key("batch", batch), "model", "demo-paint")
        if bare:
            world.redis.hset(key("batch", batch), "bare", 1)
        [lease] = world.lease()
        runner.run_attempt(lease)

    [item] = world.batches.items(batch, [0])
    assert item.result is not None
    data = storage.read(f"results/{item.result.name}")
    assert (b"AIPromptInformation>p<" in data) is not bare
    assert (b"demo-paint" in data) is not bare
    assert item.result.bytes == len(data)
    assert b"ann" not in data
