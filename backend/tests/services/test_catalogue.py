"""What can be used now: the catalogue with what probes and calls found."""

from datetime import UTC, datetime

import pytest

from batchgen.domain.availability import Evidence, Presence
from batchgen.providers.catalogue import catalogue
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.services.catalogue import CatalogueService, ProviderInfo
from batchgen.store.connection import Client, connect
from batchgen.store.models import Models
from tests.conftest import free_port

KEY = ProviderConfig(keys=("test-key-1",))
CONFIGS = {"gemini": KEY, "doubao": KEY, "openai": KEY}
DEFAULT, LITE = "gpt-image-2.5-flare", "doubao-seedream-5-0-260128"
GONE, PRESENT = Presence.GONE, Presence.PRESENT


class Clock:
    now = datetime(2026, 11, 25, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def models(redis: Client) -> Models:
    return Models(redis)


@pytest.fixture
def service(models: Models, clock: Clock) -> CatalogueService:
    return CatalogueService(Registry(CONFIGS), models, clock)


def of(service: CatalogueService, provider: str) -> ProviderInfo:
    return next(info for info in service.infos() if info.id == provider)


def note(models: Models, clock: Clock, provider: str, *names: str, found: Presence = GONE) -> None:
    models.note(provider, dict.fromkeys(names, found), Evidence.PROBE, int(clock.now * 1000))


def test_with_nothing_known_all_that_is_offered_can_be_used(service):
    info = of(service, "openai")

    assert (info.available, info.default_model, info.moved_from) == (True, DEFAULT, None)
    assert info.gone == {}
    assert service.successor("openai", DEFAULT).model == "gpt-image-2.5-sunburst"


def test_the_default_moves_when_it_is_gone_and_comes_back_with_it(service, models, clock):
    note(models, clock, "openai", DEFAULT)

    moved = of(service, "openai")
    assert (moved.available, moved.default_model, moved.moved_from) == (True, "gpt-image-2.5-sunburst", DEFAULT)
    assert moved.gone[DEFAULT] == ("2026-11-25", "gpt-image-2.5-sunburst")
    assert DEFAULT in [model.id for model in moved.models]  # still listed

    note(models, clock, "openai", DEFAULT, found=PRESENT)
    clock.now += 3
    assert of(service, "openai").default_model == DEFAULT


def test_a_provider_whose_models_are_all_gone_cannot_be_used_and_is_no_default(service, models, clock):
    offered = [model.id for model in catalogue()["gemini"].offered]
    assert of(service, "gemini").default

    note(models, clock, "gemini", *offered)
    clock.now += 3

    info = of(service, "gemini")
    assert (info.available, info.reason, info.default) == (False, "models_gone", False)
    assert of(service, "doubao").default
    assert service.successor("gemini", offered[0]) is None


def test_a_model_past_its_announced_day_is_gone_unless_a_probe_finds_it(service, models, clock):
    assert of(service, "doubao").gone[LITE] == ("2026-11-24", "doubao-seedream-5-5-261028")

    note(models, clock, "doubao", LITE, found=PRESENT)
    clock.now += 3

    assert LITE not in of(service, "doubao").gone


def test_until_its_announced_day_is_over_it_can_be_used(models, clock):
    clock.now -= 86_400

    assert LITE not in of(CatalogueService(Registry(CONFIGS), models, clock), "doubao").gone


def test_a_retired_model_has_a_successor_though_it_is_not_listed(service):
    info = of(service, "gemini")

    assert info.gone["gemini-2.5-flash-image"].successor == "gemini-nano-banana-2.1"
    assert info.model("gemini-2.5-flash-image") is None
    assert service.successor("gemini", "gemini-2.5-flash-image").name_en == "Nano Banana 2.1"
    assert service.successor("no-such", "m") is None


def test_one_read_serves_many_for_two_seconds(service, models, clock):
    first = service.infos()
    note(models, clock, "openai", DEFAULT)
    clock.now += 1.9
    assert service.infos() is first
    assert service.infos(fresh=True) is not first

    assert of(service, "openai").moved_from == DEFAULT


def test_without_redis_the_catalogue_is_told_as_it_was_known_last(models, clock):
    away = connect(f"redis://127.0.0.1:{free_port()}/0", timeout_s=1)

    assert of(CatalogueService(Registry(CONFIGS), Models(away), clock), "openai").available
    away.close()


def test_a_set_default_stays_the_default_provider(models, clock):
    service = CatalogueService(Registry(CONFIGS, "demo"), models, clock)

    assert [info.id for info in service.infos() if info.default] == ["demo"]


def test_the_mark_of_a_configuration_changes_with_it_and_tells_no_key():
    marks = [Registry(configs).mark() for configs in (CONFIGS, CONFIGS, {"gemini": KEY}, {
        "gemini": ProviderConfig(keys=("test-key-2",))})]  # fmt: skip

    assert marks[0] == marks[1]
    assert len(set(marks)) == 3
    assert "test-key" not in "".join(marks)
