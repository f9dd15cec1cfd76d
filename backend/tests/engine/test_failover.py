"""Who goes on elsewhere while a provider stands still, and where to."""

from pathlib import Path

import pytest

from batchgen.domain.economy import Agreement
from batchgen.domain.ids import new_id
from batchgen.domain.models import BatchDraft, ItemDraft, User
from batchgen.domain.pace import Room, Sign
from batchgen.domain.states import ItemState
from batchgen.engine.failover import Failover
from batchgen.media.storage import DiskStorage
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.store.connection import Client
from batchgen.store.models import Models
from batchgen.store.queue import Lease
from tests.store.steps import World

LIMITS = {"gemini": Room(8, keys=("one", "two")), "doubao": Room(8, keys=("own",))}
MODELS = {"gemini": "gemini-nano-banana-2.1", "doubao": "doubao-seedream-4-0-250828"}


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis, limits=LIMITS)


@pytest.fixture
def storage(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path, min_free_bytes=0)


@pytest.fixture
def failover(world: World, storage: DiskStorage) -> Failover:
    registry = Registry({name: ProviderConfig(keys=("a key",)) for name in LIMITS})
    return Failover(registry, Models(world.redis), world.queue, world.batches, world.items, storage)


def submit(world: World, count: int, economy: Agreement | None = None) -> str:
    """By a person who says that items may go on anywhere."""
    draft = BatchDraft(
        name="n", prompt="p", provider="gemini", model=MODELS["gemini"], price_micros=100, policy="any",
        economy=economy, items=tuple(ItemDraft(f"{i}.png", "p") for i in range(count)),
    )  # fmt: skip
    return world.batches.create(new_id("b"), User("ann", "ann"), draft)[0]


def rest(world: World, provider: str, *signs: Sign) -> None:
    for key, sign in zip(LIMITS[provider].keys, signs, strict=True):
        world.queue.note(Lease("none-0", "", f"{provider}/{MODELS[provider]}", key), sign, 3_600)


def providers(world: World, batch: str, count: int) -> set[str]:
    return {item.provider for item in world.batches.items(batch, range(count))}


def test_a_pile_whose_keys_have_spent_their_day_goes_on_elsewhere(world: World, failover: Failover):
    batch = submit(world, 5)
    rest(world, "gemini", Sign.QUOTA, Sign.QUOTA)

    assert failover.sweep() == 5
    assert providers(world, batch, 5) == {"doubao"}


def test_what_waits_for_a_job_of_the_batch_api_stays_whatever_single_calls_meet(world: World, failover: Failover):
    batch = submit(world, 5, Agreement(world.now + 10**9, True, 200, 100))
    rest(world, "gemini", Sign.QUOTA, Sign.QUOTA)

    assert failover.sweep() == 0
    assert providers(world, batch, 5) == {"gemini"}


def test_so_it_does_where_one_of_the_keys_waits_for_a_person(world: World, failover: Failover):
    submit(world, 5)
    rest(world, "gemini", Sign.AUTH, Sign.QUOTA)

    assert failover.sweep() == 5


@pytest.mark.parametrize("sign", [Sign.AUTH, Sign.OVERDUE, Sign.QUOTA])
def test_nothing_goes_to_a_provider_that_has_no_key_of_use(world: World, failover: Failover, sign: Sign):
    batch = submit(world, 5)
    rest(world, "gemini", Sign.QUOTA, Sign.QUOTA)
    rest(world, "doubao", sign)

    assert failover.sweep() == 0
    assert providers(world, batch, 5) == {"gemini"}


def test_an_item_with_bytes_that_were_paid_for_stays_where_they_came_from(
    world: World, failover: Failover, storage: DiskStorage
):
    batch = submit(world, 2)
    for lease in world.queue.lease(2):
        world.items.send(*lease)
        world.items.settle(
            lease.item_id, lease.token, ItemState.WAITING, fields={"error": "interrupted"}, outcome="interrupted"
        )
    storage.put(f"kept/{batch}-0.json", b'{"attempt": 1}')
    world.set_slots(0)
    assert world.queue.lease(2) == []  # due again, they queue
    rest(world, "gemini", Sign.QUOTA, Sign.QUOTA)

    assert failover.sweep() == 1
    assert [item.provider for item in world.batches.items(batch, range(2))] == ["gemini", "doubao"]


def test_items_that_must_stay_do_not_keep_those_behind_them(world: World, failover: Failover, storage: DiskStorage):
    batch = submit(world, 300)
    for n in range(250):
        world.redis.hset(f"bg:i:{batch}:{n}", "tried", "doubao")
    rest(world, "gemini", Sign.QUOTA, Sign.QUOTA)

    assert sum(failover.sweep(clock=at.__float__) for at in (10, 20, 30)) == 50
