from pathlib import Path

import pytest

from batchgen.domain.failures import Category
from batchgen.domain.models import Limits, User
from batchgen.domain.pace import Room, Sign
from batchgen.engine.dispatcher import Dispatcher
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.services.audit import AuditService
from batchgen.services.batches import BatchService
from batchgen.services.catalogue import CatalogueService
from batchgen.services.checks import Checks
from batchgen.services.prompts import PromptService
from batchgen.store.audit import Audit
from batchgen.store.connection import Client
from batchgen.store.models import Models
from batchgen.store.queue import Lease
from tests.store.steps import World

ANN = User("ann", "ann")


class Nobody:
    def send_task(self, name: str, args: list[str], *, queue: str) -> None: ...


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis, limits={"p": Room(8), "q": Room(8)})


@pytest.fixture
def service(world: World, tmp_path: Path) -> BatchService:
    catalogue = CatalogueService(Registry({"doubao": ProviderConfig(("key",))}), Models(world.redis))
    limits = Limits(20, 50, 10_000)
    checks, prompts = Checks(catalogue, world.uploads, limits), PromptService(world.uploads, limits)
    dispatcher = Dispatcher(world.queue, Nobody())
    audit = AuditService(Audit(world.redis, 1000))
    return BatchService(
        world.batches, world.items, world.queue, dispatcher, checks, prompts, audit, world.jobs
    )  # fmt: skip


def rest(world: World, lane: str, seconds: float = 60) -> None:
    world.queue.note(Lease("none-0", "", lane, "-"), Sign.QUOTA, seconds)


def moved(world: World, *indexes: int) -> str:
    """A batch of 3 of which some items have gone from p to q."""
    batch = world.submit(3, provider="p")
    world.items.move(batch, "p/m", indexes, {"provider": "q", "model": "m", "price": 1})
    return batch


def test_a_batch_says_why_it_waits_where_its_items_are_now(world: World, service: BatchService):
    batch = moved(world, 0, 1, 2)
    rest(world, "q/m")

    hold = service.get(ANN, batch).hold

    assert hold is not None
    assert hold.category is Category.QUOTA_EXHAUSTED


@pytest.mark.parametrize("indexes", [(0, 1, 2), (0,)])
def test_a_batch_of_which_some_may_start_does_not_stand_still(
    world: World, service: BatchService, indexes: tuple[int, ...]
):
    batch = moved(world, *indexes)
    rest(world, "p/m")

    assert service.get(ANN, batch).hold is None


def test_of_several_reasons_to_wait_the_one_that_ends_first_is_told(world: World, service: BatchService):
    batch = moved(world, 0)
    rest(world, "p/m", 600)
    rest(world, "q/m", 60)

    holds = [world.queue.hold("q/m"), service.get(ANN, batch).hold]

    assert holds[0] == holds[1] is not None


def test_a_retry_elsewhere_costs_what_the_images_that_go_out_cost(world: World, service: BatchService):
    batch = world.submit(2, provider="p")  # from words alone
    model = Registry({}).infos()[1].model("doubao-seedream-5-5-261028")
    assert model is not None
    assert model.input_price_micros > 0
    world.items.cancel(batch)

    service.retry(ANN, batch, provider="doubao", model=model.id)

    assert service.get(ANN, batch).batch.held_micros == 2 * model.price()
