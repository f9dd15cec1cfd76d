import subprocess
import sys
import threading

import pytest

from batchgen.domain.failures import ProviderFailure
from batchgen.providers.registry import ProviderConfig, Registry
from tests.conftest import BACKEND

KEY = ProviderConfig(keys=("test-key-1",))


def default_of(registry: Registry) -> list[str]:
    return [info.id for info in registry.infos() if info.default]


def test_a_provider_without_a_key_is_shown_with_the_reason():
    infos = {info.id: info for info in Registry({"gemini": KEY}).infos()}

    assert (infos["gemini"].available, infos["gemini"].reason) == (True, None)
    assert (infos["doubao"].available, infos["doubao"].reason) == (False, "provider_unavailable")
    assert (infos["demo"].available, infos["demo"].reason) == (True, None)


@pytest.mark.parametrize(
    ("configs", "default", "chosen"),
    [
        ({}, "", "demo"),
        ({"doubao": KEY}, "", "doubao"),
        ({"doubao": KEY, "gemini": KEY}, "", "gemini"),
        ({"doubao": KEY, "gemini": KEY}, "demo", "demo"),
        ({"gemini": ProviderConfig()}, "", "demo"),
        ({}, "no-such", "demo"),
    ],
)
def test_the_default_is_the_given_one_else_the_first_that_can_be_used(configs, default, chosen):
    assert default_of(Registry(configs, default)) == [chosen]


def test_models_are_listed_with_their_default():
    info = Registry({}).info("gemini")

    assert info is not None
    assert info.default_model == "gemini-nano-banana-2.1"
    assert info.model("gemini-3-pro-image") in info.models
    assert info.model("gemini-2.5-flash-image") is None  # gone


def test_an_unknown_provider_has_no_info():
    assert Registry({}).info("no-such") is None


@pytest.mark.parametrize(
    ("provider", "code"), [("no-such", "model_unavailable"), ("gemini", "auth"), ("openai", "auth")]
)
def test_an_adapter_that_cannot_be_had_fails_as_a_provider_does(provider, code):
    with pytest.raises(ProviderFailure) as caught:
        Registry({}).adapter(provider)

    assert caught.value.failure.code == code


def test_an_adapter_is_made_once_whoever_asks():
    registry, made = Registry({"doubao": KEY}), []

    threads = [threading.Thread(target=lambda: made.append(registry.adapter("doubao"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(adapter) for adapter in made}) == 1
    assert made[0].id == "doubao"
    registry.close()


def test_nothing_of_a_provider_is_imported_before_its_adapter_is_asked_for():
    script = """
import sys
from batchgen.providers.registry import ProviderConfig, Registry
key = ProviderConfig(keys=("test-key-1",))
registry = Registry({"gemini": key, "doubao": key})
registry.infos(); registry.info("gemini")
heavy = [name for name in ("google.genai", "google", "httpx2", "requests", "urllib3", "PIL") if name in sys.modules]
assert not heavy, heavy
assert registry.adapter("demo").id == "demo"
assert "google.genai" not in sys.modules
assert registry.adapter("gemini").id == "gemini"
assert "google.genai" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], cwd=BACKEND, check=True, timeout=100)
