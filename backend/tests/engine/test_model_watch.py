import pytest

from batchgen.domain.availability import Evidence, Presence
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.engine.model_watch import ModelWatch
from batchgen.store.connection import Client, connect
from batchgen.store.models import Models
from tests.conftest import free_port


@pytest.fixture
def models(redis: Client) -> Models:
    return Models(redis)


@pytest.fixture
def watch(models: Models) -> ModelWatch:
    return ModelWatch(models)


def call(watch: ModelWatch, code: str) -> None:
    with pytest.raises(ProviderFailure), watch.watching("openai", "m"):
        raise ProviderFailure(Failure(code, Charged.NO))


def test_after_a_call_that_finds_no_model_the_next_is_not_made(watch: ModelWatch):
    watch.require("openai", "m")
    call(watch, "model_unavailable")

    with pytest.raises(ProviderFailure) as caught:
        watch.require("openai", "m")

    failure = caught.value.failure
    assert (failure.code, failure.charged) == ("model_unavailable", Charged.NO)
    watch.require("openai", "other")
    watch.require("gemini", "m")


@pytest.mark.parametrize("code", ["auth", "timeout", "upstream_busy", "invalid_input", "provider_rate_limited"])
def test_another_failure_says_nothing_of_the_model(watch: ModelWatch, code: str):
    call(watch, code)

    watch.require("openai", "m")


def test_a_probe_that_finds_it_again_lets_calls_go_on(watch: ModelWatch, models: Models):
    call(watch, "model_unavailable")
    models.note("openai", {"m": Presence.PRESENT}, Evidence.PROBE)

    watch.require("openai", "m")


def test_without_redis_the_call_decides_and_its_failure_is_the_one_that_is_told():
    away = connect(f"redis://127.0.0.1:{free_port()}/0", timeout_s=1)
    watch = ModelWatch(Models(away))

    watch.require("openai", "m")
    call(watch, "model_unavailable")
    away.close()
