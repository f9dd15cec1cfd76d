"""What a provider's own list says of our models, by the real clients: nothing that is unclear counts against one."""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from batchgen.domain.availability import Presence
from batchgen.providers.base import ProviderConfig
from batchgen.providers.catalogue import load_catalogue
from batchgen.providers.demo import Demo
from batchgen.providers.gemini import Gemini
from batchgen.providers.openai_images import OpenAIImages
from tests.conftest import free_port
from tests.fakes.gemini_server import UNLISTED, GeminiServer
from tests.fakes.openai_server import OpenAIServer
from tests.providers.conftest import GEMINI, KEYS, OPENAI

PRESENT, GONE, UNKNOWN = Presence.PRESENT, Presence.GONE, Presence.UNKNOWN
CASES = [("gemini", GEMINI), ("openai", OPENAI)]


@pytest.fixture(params=CASES, ids=[name for name, _ in CASES])
def pair(request):
    """An adapter, its fake, and the model that is to disappear."""
    name, model = request.param
    adapter, fake = request.getfixturevalue(name), request.getfixturevalue(f"{name}_fake")
    fake.gone, fake.probing, fake.probes = set(), "ok", []
    yield adapter, fake, model
    fake.gone, fake.probing = set(), "ok"


def test_models_of_the_list_are_present_and_one_that_went_is_gone(pair):
    adapter, fake, model = pair
    assert set(adapter.probe(timeout_s=20).values()) == {PRESENT}

    fake.gone = {model}
    found = adapter.probe(timeout_s=20)

    assert found.pop(model) is GONE
    assert set(found.values()) == {PRESENT}


def test_a_probe_is_never_a_paid_call(pair):
    adapter, fake, model = pair
    fake.gone = {model}

    adapter.probe(timeout_s=20)

    assert fake.probes
    assert fake.log() == []


def test_every_page_of_the_list_is_read(gemini, gemini_fake):
    gemini_fake.probes = []

    found = gemini.probe(timeout_s=20)

    assert len([path for path in gemini_fake.probes if "pageToken" in path]) >= 1
    assert set(found.values()) == {PRESENT}


def test_a_model_that_the_list_leaves_out_is_asked_for_by_itself(gemini, gemini_fake):
    [model] = UNLISTED
    gemini_fake.probes = []

    assert gemini.probe(timeout_s=20)[model] is PRESENT
    assert f"/v1beta/models/{model}" in gemini_fake.probes


@pytest.mark.parametrize(
    "behaviour",
    ["internal", "html_200", "html_404", "html_502", "garbage", "array", "nonsense", "reset", "truncated", "redirect",
     "huge_error", "not_found", "forbidden"],
)  # fmt: skip
def test_what_cannot_be_read_is_unknown(pair, behaviour):
    adapter, fake, model = pair
    fake.gone, fake.probing = {model}, behaviour

    assert set(adapter.probe(timeout_s=20).values()) == {UNKNOWN}


@pytest.mark.parametrize(("name", "behaviour"), [("gemini", "rate_minute"), ("openai", "rate")])
def test_a_speed_limit_is_unknown(name, behaviour, request):
    adapter, fake = request.getfixturevalue(name), request.getfixturevalue(f"{name}_fake")
    fake.probing = behaviour

    found = adapter.probe(timeout_s=20)
    fake.probing = "ok"

    assert set(found.values()) == {UNKNOWN}


def test_a_server_that_hangs_is_unknown_when_the_time_is_over(pair):
    adapter, fake, _ = pair
    fake.probing = "hang"

    assert set(adapter.probe(timeout_s=0.4).values()) == {UNKNOWN}


def test_a_key_that_is_not_accepted_is_unknown_and_the_next_one_is_asked(gemini_fake, openai_fake):
    for keys, found in ((("revoked-1",), UNKNOWN), (("revoked-1", *KEYS), PRESENT)):
        adapters: list[Gemini | OpenAIImages] = [
            Gemini(ProviderConfig(keys, gemini_fake.url)), OpenAIImages(ProviderConfig(keys, openai_fake.base_url))
        ]  # fmt: skip
        for adapter in adapters:
            assert set(adapter.probe(timeout_s=20).values()) == {found}
            adapter.close()


def test_nobody_there_is_unknown():
    adapters: list[Gemini | OpenAIImages] = [
        Gemini(ProviderConfig(KEYS, f"http://127.0.0.1:{free_port()}")),
        OpenAIImages(ProviderConfig(KEYS, f"http://127.0.0.1:{free_port()}/v1")),
    ]
    for adapter in adapters:
        assert set(adapter.probe(timeout_s=5).values()) == {UNKNOWN}
        adapter.close()


def test_a_relay_whose_list_names_none_of_our_models_says_nothing(openai_fake):
    with OpenAIServer(keys=KEYS, relay=True) as relay:
        adapter = OpenAIImages(ProviderConfig(KEYS, relay.base_url))
        assert set(adapter.probe(timeout_s=20).values()) == {UNKNOWN}
        adapter.close()


class _ErrorIn200(BaseHTTPRequestHandler):
    """As one-api answers a question for a model: an error with status 200."""

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        missing = b'{"error": {"message": "no such model", "code": "model_not_found"}}'
        body = b'{"data": [{"id": "gpt-6"}]}' if self.path.endswith("/models") else missing
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def one_api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ErrorIn200)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()


def test_a_relay_that_says_by_name_that_a_model_is_not_there_is_believed(one_api):
    adapter = OpenAIImages(ProviderConfig(KEYS, one_api))

    assert set(adapter.probe(timeout_s=20).values()) == {GONE}
    adapter.close()


def test_a_server_without_a_key_is_asked_without_one(tmp_path):
    with OpenAIServer() as server:
        file = tmp_path / "models.toml"
        file.write_text(
            f'[[servers]]\nid = "own"\nbase_url = "{server.base_url}"\n[[servers.models]]\nid = "gpt-image-2"\n'
            "price_micros = 1\n"
        )
        adapter = OpenAIImages(ProviderConfig((), server.base_url), load_catalogue(file)["own"])
        assert adapter.probe(timeout_s=20) == {"gpt-image-2": PRESENT}
        adapter.close()


def test_ark_has_no_list_to_ask_for_and_the_demo_is_always_there(doubao, doubao_fake):
    assert set(doubao.probe(timeout_s=20).values()) == {UNKNOWN}
    assert set(Demo(ProviderConfig()).probe(timeout_s=20).values()) == {PRESENT}


@pytest.mark.parametrize("behaviour", ["ok", "internal", "garbage", "hang", "redirect"])
def test_no_key_is_in_the_log_of_a_probe_or_in_an_address(pair, behaviour, caplog):
    adapter, fake, model = pair
    fake.gone = {model}
    fake.probing = behaviour

    with caplog.at_level(logging.DEBUG):
        found = adapter.probe(timeout_s=1)

    assert "test-key" not in caplog.text
    assert "test-key" not in repr([vars(record) for record in caplog.records])
    assert "test-key" not in repr(found)
    assert "test-key" not in repr(fake.probes)


def test_the_fakes_answer_as_the_real_lists_do():
    """Two to a page, so that paging is needed; a list that lacks a model which is there."""
    with GeminiServer() as server:
        adapter = Gemini(ProviderConfig(("any",), server.url))
        adapter.probe(timeout_s=20)
        assert [path.partition("?")[0] for path in server.probes].count("/v1beta/models") >= 2
        adapter.close()
