"""Adapters of the real providers, each talking to its fake over loopback."""

from collections.abc import Callable, Iterator

import pytest

from batchgen.domain.failures import Failure, ProviderFailure
from batchgen.domain.pictures import InputImage, Options, Picture, Request
from batchgen.providers.base import Provider, ProviderConfig
from batchgen.providers.doubao import Doubao
from batchgen.providers.gemini import Gemini
from batchgen.providers.openai_images import OpenAIImages
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.pictures import plain

KEYS = ("test-key-1", "test-key-2", "test-key-3")
GEMINI = "gemini-nano-banana-2.1"
DOUBAO = "doubao-seedream-5-5-261028"
OPENAI = "gpt-image-2.5-flare"
BASE = InputImage(plain((64, 48), "teal"), "image/jpeg", 64, 48)
REFERENCES = (
    InputImage(plain((30, 30), "red", "PNG"), "image/png", 30, 30),
    InputImage(plain((40, 20), "blue"), "image/jpeg", 40, 20),
)


def asked(model: str, prompt: str = "a red fox", *images: InputImage, **options: object) -> Request:
    return Request(model, prompt, images, Options(**options))  # type: ignore[arg-type]


def failure_of(call: Callable[[], Picture]) -> Failure:
    with pytest.raises(ProviderFailure) as caught:
        call()
    return caught.value.failure


def told(adapter: Provider, model: str, timeout_s: float = 20) -> Failure:
    """The failure of one call."""
    return failure_of(lambda: adapter.generate(asked(model, "a red fox", BASE), timeout_s=timeout_s))


@pytest.fixture(scope="session")
def gemini_server() -> Iterator[GeminiServer]:
    with GeminiServer(keys=KEYS) as server:
        yield server


@pytest.fixture
def gemini_fake(gemini_server: GeminiServer) -> GeminiServer:
    gemini_server.calls, gemini_server.plan = [], ()
    return gemini_server


@pytest.fixture(scope="session")
def gemini_adapter(gemini_server: GeminiServer) -> Iterator[Gemini]:
    adapter = Gemini(ProviderConfig(KEYS, gemini_server.url))
    yield adapter
    adapter.close()


@pytest.fixture
def gemini(gemini_fake: GeminiServer, gemini_adapter: Gemini) -> Gemini:
    return gemini_adapter


@pytest.fixture(scope="session")
def doubao_server() -> Iterator[DoubaoServer]:
    with DoubaoServer(keys=KEYS) as server:
        yield server


@pytest.fixture
def doubao_fake(doubao_server: DoubaoServer) -> DoubaoServer:
    doubao_server.calls, doubao_server.fetches, doubao_server.plan = [], [], ()
    return doubao_server


@pytest.fixture(scope="session")
def doubao_adapter(doubao_server: DoubaoServer) -> Iterator[Doubao]:
    adapter = Doubao(ProviderConfig(KEYS, doubao_server.base_url))
    yield adapter
    adapter.close()


@pytest.fixture
def doubao(doubao_fake: DoubaoServer, doubao_adapter: Doubao) -> Doubao:
    return doubao_adapter


@pytest.fixture(scope="session")
def openai_server() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=KEYS) as server:
        yield server


@pytest.fixture
def openai_fake(openai_server: OpenAIServer) -> OpenAIServer:
    openai_server.calls, openai_server.fetches, openai_server.plan = [], [], ()
    return openai_server


@pytest.fixture(scope="session")
def openai_adapter(openai_server: OpenAIServer) -> Iterator[OpenAIImages]:
    adapter = OpenAIImages(ProviderConfig(KEYS, openai_server.base_url))
    yield adapter
    adapter.close()


@pytest.fixture
def openai(openai_fake: OpenAIServer, openai_adapter: OpenAIImages) -> OpenAIImages:
    return openai_adapter
