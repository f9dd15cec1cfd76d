"""Trouble before anything was sent is not charged, whichever provider and whatever trouble."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from batchgen.domain.failures import Charged, Rule
from batchgen.providers.base import ProviderConfig
from batchgen.providers.doubao import Doubao
from batchgen.providers.gemini import Gemini
from tests.conftest import free_port, need
from tests.fakes.gemini_server import GeminiServer
from tests.providers.conftest import DOUBAO, GEMINI, asked, told

BOTH = pytest.mark.parametrize(("make", "model"), [(Gemini, GEMINI), (Doubao, DOUBAO)], ids=["gemini", "doubao"])


@contextmanager
def adapter(make: type[Gemini] | type[Doubao], url: str, key: str = "test-key-1") -> Iterator[Gemini | Doubao]:
    made = make(ProviderConfig((key,), url))
    yield made
    made.close()


def assert_free(failure) -> None:
    assert (failure.code, failure.rule, failure.charged) == ("upstream_busy", Rule.BACKOFF, Charged.NO)


@BOTH
def test_a_refused_connection_is_not_charged(make, model):
    with adapter(make, f"http://127.0.0.1:{free_port()}") as provider:
        assert_free(told(provider, model))


@BOTH
def test_a_name_that_does_not_resolve_is_not_charged(make, model):
    with adapter(make, "http://nowhere.invalid") as provider:
        assert_free(told(provider, model))


@BOTH
def test_a_host_that_speaks_no_tls_is_not_charged(make, model):
    with GeminiServer() as plain_http, adapter(make, plain_http.url.replace("http:", "https:")) as provider:
        assert_free(told(provider, model))


@BOTH
def test_a_certificate_that_is_not_trusted_is_not_charged(make, model, tls_port):
    with adapter(make, f"https://127.0.0.1:{tls_port}") as provider:
        assert_free(told(provider, model))


@BOTH
def test_a_key_that_no_header_can_carry_is_a_wrong_key(make, model):
    with GeminiServer() as server, adapter(make, server.url, "test-键-1") as provider:
        failure = told(provider, model)

    assert (failure.code, failure.charged) == ("auth", Charged.NO)
    assert "键" not in failure.detail


@BOTH
def test_a_key_with_a_line_break_is_a_wrong_key(make, model):
    with GeminiServer() as server, adapter(make, server.url, "test-key\r\nX-Evil: 1") as provider:
        failure = told(provider, model)

    assert (failure.code, failure.charged) == ("auth", Charged.NO)
    assert server.calls == []


def test_the_environment_changes_neither_address_nor_key_nor_version(gemini_fake, monkeypatch):
    for name, value in {
        "GOOGLE_API_KEY": "test-key-of-another", "GEMINI_API_KEY": "test-key-of-another",
        "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9", "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_GENAI_USE_ENTERPRISE": "true", "GOOGLE_GENAI_API_VERSION": "v1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    with adapter(Gemini, gemini_fake.url, "test-key-2") as provider:
        provider.generate(asked(GEMINI), timeout_s=20)

    assert gemini_fake.calls[0].key == 1


def test_a_netrc_of_the_machine_does_not_replace_the_key(doubao_fake, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))

    with adapter(Doubao, doubao_fake.base_url, "test-key-2") as provider:
        provider.generate(asked(DOUBAO), timeout_s=20)

    assert doubao_fake.calls[0].key == 1


def test_an_adapter_that_was_closed_opens_again(gemini_fake):
    provider = Gemini(ProviderConfig(("test-key-1",), gemini_fake.url))

    for _ in range(2):
        assert provider.generate(asked(GEMINI), timeout_s=20).data
        provider.close()


@pytest.fixture
def tls_port(tmp_path) -> Iterator[int]:
    """A server with a certificate that it signed itself."""
    openssl, key, cert = shutil.which("openssl"), tmp_path / "key.pem", tmp_path / "cert.pem"
    need("openssl", openssl)
    subprocess.run(
        [str(openssl), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", key, "-out", cert, "-subj", "/CN=127.0.0.1"], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(client, server_side=True).close()
                except OSError:
                    client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
