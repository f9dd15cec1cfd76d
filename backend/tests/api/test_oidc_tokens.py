"""ID tokens that are not ours, not theirs, or not signed. The provider is the kept test server; between it and us sits
somebody who changes what is asked of it, so that it signs it itself, or what it answered."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import run_server_in_thread

from batchgen.store.connection import Client
from tests.api.test_oidc import Provider, begin, refused, settings_for
from tests.conftest import RedisServer
from tests.team import Team, team_of

type Environ = dict[str, Any]
type Ask = Callable[[Environ], None]
type Tamper = Callable[[str], str]
TOKENS = "/oauth2/token"
ADMINS = ["image-admins"]


class Between:
    """A WSGI app around the provider's: `ask` changes a request for tokens, `tamper` the ID token in its answer."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self.ask: Ask = lambda environ: None
        self.tamper: Tamper = lambda token: token
        self.token = ""

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != TOKENS:
            return self._provider(environ, start_response)
        self.ask(environ)
        told: list[Any] = []
        whole = json.loads(b"".join(self._provider(environ, lambda *line: told.extend(line))))
        self.token = whole["id_token"] = self.tamper(whole["id_token"])
        body = json.dumps(whole).encode()
        headers = [(name, value) for name, value in told[1] if name != "Content-Length"]
        start_response(told[0], [*headers, ("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def between(redis: Client, redis_server: RedisServer, var: Path) -> Iterator[tuple[Between, Provider, Team]]:
    with firm_behind(redis_server, var) as found:
        yield found


@contextmanager
def firm_behind(redis: RedisServer, var: Path) -> Iterator[tuple[Between, Provider, Team]]:
    with run_server_in_thread(require_nonce=True) as server:
        server.app = between = Between(server.app)
        provider = Provider(server.server_port)
        provider.knows("s-1", preferred_username="ann", groups=["staff"])
        with team_of(redis, var, **settings_for(provider)) as team:
            yield between, provider, team


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_bytes(token.split(".")[1]))
    return found


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def for_another_client(environ: Environ) -> None:
    environ["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(b"another-app:secret").decode()


def by_another_issuer(environ: Environ) -> None:
    environ |= {"HTTP_HOST": "login.evil.example", "wsgi.url_scheme": "https"}


def test_what_sits_between_lets_a_sound_login_through(between: tuple[Between, Provider, Team]):
    """Else the refusals below would show nothing."""
    middle, provider, firm = between
    browser = firm.browser()

    assert browser.get(provider.authorise(begin(browser))).headers["Location"] == "/batches/b1"
    assert browser.get("/api/auth/me").get_json()["username"] == "ann"
    assert claims_of(middle.token)["aud"] in ("batchgen", ["batchgen"])


def test_a_token_for_another_client_lets_nobody_in(between: tuple[Between, Provider, Team], redis: Client):
    """Signed by our own provider for somebody else's app, which is how such tokens are replayed."""
    middle, provider, firm = between
    middle.ask, browser = for_another_client, firm.browser()
    there = begin(browser).replace("client_id=batchgen", "client_id=another-app")

    assert refused(browser.get(provider.authorise(there)), browser) == "oidc_failed"
    assert claims_of(middle.token)["aud"] in ("another-app", ["another-app"])
    assert redis.keys("bg:account:*") == []


def test_a_token_of_another_issuer_lets_nobody_in(between: tuple[Between, Provider, Team], redis: Client):
    middle, provider, firm = between
    middle.ask, browser = by_another_issuer, firm.browser()

    assert refused(browser.get(provider.authorise(begin(browser))), browser) == "oidc_failed"
    assert claims_of(middle.token)["iss"] == "https://login.evil.example"
    assert redis.keys("bg:account:*") == []


def test_metadata_that_speaks_for_another_issuer_lets_nobody_in(redis: Client, redis_server: RedisServer, var: Path):
    with run_server_in_thread(require_nonce=True) as server:
        provider = Provider(server.server_port)
        provider.knows("s-1", preferred_username="ann")
        elsewhere = settings_for(provider) | {"OIDC_ISSUER": provider.url.replace("localhost", "127.0.0.1")}
        asked = server.app

        def lying(environ: Environ, start_response: Callable[..., Any]) -> Any:
            environ["HTTP_HOST"] = f"localhost:{server.server_port}"
            return asked(environ, start_response)

        server.app = lying
        with team_of(redis_server, var, **elsewhere) as firm:
            browser = firm.browser()

            assert refused(browser.get(provider.authorise(begin(browser))), browser) == "oidc_failed"
            assert redis.keys("bg:account:*") == []


def with_other_claims(token: str) -> str:
    """The signature of what was signed, under what was not."""
    head, _, signature = token.split(".")
    return f"{head}.{_part(claims_of(token) | {'groups': ADMINS})}.{signature}"


def with_a_cut_signature(token: str) -> str:
    return token.rpartition(".")[0] + "."


def with_a_bent_signature(token: str) -> str:
    head, body, signature = token.split(".")
    raw = bytearray(_bytes(signature))
    raw[0] ^= 1
    return f"{head}.{body}.{_part(bytes(raw))}"


def by_another_key(token: str) -> str:
    """Under the name of the provider's own key."""
    header = json.loads(_bytes(token.split(".")[0]))
    return jwt.encode(header, claims_of(token) | {"groups": ADMINS}, RSAKey.generate_key(2048))


def by_nobody(token: str) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims_of(token) | {'groups': ADMINS})}."


def by_nobody_but_in_capitals(token: str) -> str:
    return f"{_part({'alg': 'NoNe', 'typ': 'JWT'})}.{_part(claims_of(token) | {'groups': ADMINS})}."


def by_our_shared_secret(token: str) -> str:
    return _hmac_signed(token, b"s" * 20)


def _hmac_signed(token: str, secret: bytes) -> str:
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims_of(token) | {'groups': ADMINS})}"
    return f"{signed}.{_part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


FORGERIES = [
    with_other_claims, with_a_cut_signature, with_a_bent_signature, by_another_key, by_nobody,
    by_nobody_but_in_capitals, by_our_shared_secret,
]  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda one: one.__name__)
def test_a_forged_token_lets_nobody_in(between: tuple[Between, Provider, Team], redis: Client, forgery: Tamper):
    middle, provider, firm = between
    middle.tamper, browser = forgery, firm.browser()

    assert refused(browser.get(provider.authorise(begin(browser))), browser) == "oidc_failed"
    assert redis.keys("bg:account:*") == []


def test_the_provider_s_public_key_is_no_shared_secret(between: tuple[Between, Provider, Team], redis: Client):
    middle, provider, firm = between
    where = requests.get(f"{provider.url}/.well-known/openid-configuration", timeout=10).json()["jwks_uri"]
    public = RSAKey.import_key(requests.get(where, timeout=10).json()["keys"][0]).as_pem(private=False)
    middle.tamper, browser = lambda token: _hmac_signed(token, public), firm.browser()

    assert refused(browser.get(provider.authorise(begin(browser))), browser) == "oidc_failed"
    assert redis.keys("bg:account:*") == []
