from collections.abc import Iterator

import pytest

from batchgen.domain.availability import Evidence, Presence
from batchgen.engine.probes import Probes
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.store.connection import Client, connect
from batchgen.store.models import Models
from tests.conftest import free_port
from tests.fakes.openai_server import MODELS, OpenAIServer

LIST = "/v1/models"


@pytest.fixture
def fake() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=["test-key-1"]) as server:
        yield server


@pytest.fixture
def registry(fake: OpenAIServer) -> Iterator[Registry]:
    made = Registry({"openai": ProviderConfig(("test-key-1",), fake.base_url)})
    yield made
    made.close()


def states(models: Models) -> dict[str, Presence]:
    return {name: state.state for name, state in models.all().items() if name.startswith("openai/")}


def test_what_a_provider_lists_is_known_to_all(redis: Client, fake: OpenAIServer, registry: Registry):
    models = Models(redis)
    fake.gone = {MODELS[0]}

    Probes(registry, models, every_s=3600).tick(registry.mark())

    assert states(models) == {f"openai/{m}": Presence.GONE if m in fake.gone else Presence.PRESENT for m in MODELS}
    assert "gemini/gemini-3-pro-image" not in models.all()  # it has no key


def test_a_second_process_leaves_it_to_the_first(redis: Client, fake: OpenAIServer, registry: Registry):
    for _ in range(3):
        probes = Probes(registry, Models(redis), every_s=3600)
        probes.tick(registry.mark())
        probes.tick()

    assert fake.probes == [LIST]


def test_another_configuration_is_probed_at_once(redis: Client, fake: OpenAIServer, registry: Registry):
    Probes(registry, Models(redis), every_s=3600).tick(registry.mark())
    Probes(registry, Models(redis), every_s=3600).tick("another")

    assert fake.probes == [LIST, LIST]


def test_a_provider_that_cannot_be_asked_leaves_what_is_known(redis: Client, fake: OpenAIServer, registry: Registry):
    models = Models(redis)
    models.note("openai", {MODELS[0]: Presence.GONE}, Evidence.CALL)
    fake.probing = "internal"

    Probes(registry, models, every_s=3600).tick()

    assert states(models) == {f"openai/{MODELS[0]}": Presence.GONE}


def test_it_lives_through_a_time_without_redis(registry: Registry):
    away = connect(f"redis://127.0.0.1:{free_port()}/0", timeout_s=1)

    Probes(registry, Models(away), every_s=3600).tick(registry.mark())
    away.close()


def test_zero_minutes_never_asks(redis: Client, fake: OpenAIServer, registry: Registry):
    probes = Probes(registry, Models(redis), every_s=0)
    probes.start()
    probes.stop()

    assert fake.probes == []
