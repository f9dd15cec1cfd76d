"""Logins with an identity provider: the whole app against a real provider on loopback, which is a kept test server."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from oidc_provider_mock import run_server_in_thread
from werkzeug.test import TestResponse

from batchgen.store.connection import Client
from tests.conftest import RedisServer
from tests.team import LOGIN, Team, session_of, team_of, told


class Provider:
    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"

    def knows(self, subject: str, **claims: Any) -> None:
        requests.put(f"{self.url}/users/{subject}", json=claims, timeout=10).raise_for_status()

    def authorise(self, url: str, subject: str = "s-1", **data: str) -> str:
        """What a person does there; the path and query that the browser is sent back to."""
        answer = requests.post(url, data={"sub": subject, **data}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == "http://localhost:5001"
        return f"{back.path}?{back.query}"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_server_in_thread(require_nonce=True) as server:
        found = Provider(server.server_port)
        found.knows("s-1", name="Ann Lee", preferred_username="ann", email="ann@example.com", groups=["staff"])
        yield found


def settings_for(provider: Provider) -> dict[str, str]:
    return {
        "AUTH_MODE": "oidc", "OIDC_ISSUER": provider.url, "OIDC_CLIENT_ID": "batchgen", "OIDC_CLIENT_SECRET": "s" * 20,
        "OIDC_NAME": "Firm", "OIDC_ADMIN_GROUP": "image-admins", "PUBLIC_URL": "http://localhost:5001",
    }  # fmt: skip


@pytest.fixture
def firm(redis: Client, redis_server: RedisServer, var: Path, provider: Provider) -> Iterator[Team]:
    with team_of(redis_server, var, **settings_for(provider)) as made:
        yield made


def begin(browser: FlaskClient, to: str = "/batches/b1") -> str:
    """Leave for the provider; the address there."""
    answer = browser.get("/api/auth/oidc/start", query_string={"next": to})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def enter(firm: Team, provider: Provider, subject: str = "s-1") -> FlaskClient:
    browser = firm.browser()
    assert browser.get(provider.authorise(begin(browser), subject)).headers["Location"] == "/batches/b1"
    return browser


def refused(answer: TestResponse, browser: FlaskClient) -> str:
    """The error that the login page is to tell; and nobody is in."""
    place = answer.headers["Location"]
    assert answer.status_code == 302
    assert place.startswith("/login?error=")
    assert session_of(browser) == ""
    assert browser.get("/api/auth/me").status_code == 401
    return str(place.partition("=")[2])


def test_a_login_goes_to_the_provider_with_pkce_state_and_nonce_and_comes_back_in(firm: Team, provider: Provider):
    browser = firm.browser()
    there = begin(browser)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid profile email"
    assert asked["redirect_uri"] == "http://localhost:5001/api/auth/oidc/callback"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 20
    assert len(base64.urlsafe_b64decode(asked["code_challenge"] + "=")) == hashlib.sha256().digest_size

    answer = browser.get(provider.authorise(there))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/batches/b1")
    assert browser.get_cookie(LOGIN) is None
    me = browser.get("/api/auth/me").get_json()
    assert {n: me[n] for n in ("username", "name", "email", "role", "auth")} == {
        "username": "ann", "name": "Ann Lee", "email": "ann@example.com", "role": "member", "auth": "session",
    }  # fmt: skip
    assert browser.get("/api/auth/options").get_json() == {"mode": "oidc", "oidc_name": "Firm", "mail": False}


def test_a_second_login_is_the_same_account_with_what_the_provider_says_now(firm: Team, provider: Provider):
    first = enter(firm, provider).get("/api/auth/me").get_json()
    provider.knows("s-1", name="Ann Wu", preferred_username="other", groups=["image-admins"])

    again = enter(firm, provider).get("/api/auth/me").get_json()

    assert again["id"] == first["id"]
    assert (again["username"], again["name"], again["role"], again["email"]) == ("ann", "Ann Wu", "admin", None)


def test_the_group_gives_the_role_and_takes_it_but_not_from_the_last_admin(firm: Team, provider: Provider):
    for subject in ("s-2", "s-3"):
        provider.knows(subject, preferred_username=subject, groups=["image-admins"])
    boss, deputy = enter(firm, provider, "s-2"), enter(firm, provider, "s-3")
    assert boss.get("/api/users").status_code == deputy.get("/api/users").status_code == 200

    provider.knows("s-2", preferred_username="s-2", groups=["staff"])
    enter(firm, provider, "s-2")
    assert told(boss.get("/api/users")) == (403, "forbidden")
    provider.knows("s-3", preferred_username="s-3")
    enter(firm, provider, "s-3")
    assert deputy.get("/api/users").status_code == 200


def test_a_wrong_state_lets_nobody_in(firm: Team, provider: Provider):
    browser, thief = firm.browser(), firm.browser()
    back = provider.authorise(begin(browser))
    state = parse_qs(urlsplit(back).query)["state"][0]

    for wrong in ("", "A" * len(state), state + "A"):
        assert refused(thief.get(back.replace(f"state={state}", f"state={wrong}")), thief) == "oidc_state"
    assert refused(thief.get(back), thief) == "oidc_state"  # another browser has not begun it
    begin(thief)
    assert refused(thief.get(back), thief) == "oidc_state"  # nor with a login of its own under way
    assert browser.get(back).headers["Location"] == "/batches/b1"


def test_a_state_is_good_once_and_not_for_long(firm: Team, provider: Provider, redis: Client):
    browser = firm.browser()
    back = provider.authorise(begin(browser))
    state = parse_qs(urlsplit(back).query)["state"][0]
    [kept] = redis.keys("bg:oidc:*")
    assert 0 < redis.ttl(kept) <= 600
    assert browser.get(back).headers["Location"] == "/batches/b1"
    other = firm.browser()
    other.set_cookie(LOGIN, state)

    assert refused(other.get(back), other) == "oidc_state"


def test_a_wrong_nonce_lets_nobody_in(firm: Team, provider: Provider):
    browser = firm.browser()
    there = begin(browser)
    nonce = parse_qs(urlsplit(there).query)["nonce"][0]

    back = provider.authorise(there.replace(nonce, "B" * len(nonce)))

    assert refused(browser.get(back), browser) == "oidc_failed"


def test_an_expired_id_token_lets_nobody_in(redis: Client, redis_server: RedisServer, var: Path):
    with run_server_in_thread(access_token_max_age=timedelta(seconds=-3600)) as server:
        late = Provider(server.server_port)
        late.knows("s-1", preferred_username="ann")
        with team_of(redis_server, var, **settings_for(late)) as firm:
            browser = firm.browser()

            assert refused(browser.get(late.authorise(begin(browser))), browser) == "oidc_failed"
            assert redis.keys("bg:account:*") == []


def test_a_code_of_another_login_lets_nobody_in(firm: Team, provider: Provider):
    victim, thief = firm.browser(), firm.browser()
    stolen = parse_qs(urlsplit(provider.authorise(begin(victim))).query)["code"][0]
    own = provider.authorise(begin(thief))
    code = parse_qs(urlsplit(own).query)["code"][0]

    answer = thief.get(own.replace(f"code={code}", f"code={stolen}"))

    assert refused(answer, thief) == "oidc_failed"  # its verifier, or its nonce, is another


def test_who_refuses_there_or_is_disabled_here_is_told_so(firm: Team, provider: Provider):
    provider.knows("s-9", preferred_username="boss", groups=["image-admins"])
    boss, ann = enter(firm, provider, "s-9"), enter(firm, provider)
    user_id = ann.get("/api/auth/me").get_json()["id"]
    boss.patch(f"/api/users/{user_id}", json={"disabled": True})
    assert ann.get("/api/auth/me").status_code == 401

    browser = firm.browser()
    assert refused(browser.get(provider.authorise(begin(browser))), browser) == "account_disabled"
    there = begin(browser)
    state = parse_qs(urlsplit(there).query)["state"][0]
    denied = f"/api/auth/oidc/callback?error=access_denied&state={state}&session_state=x"
    assert refused(browser.get(denied), browser) == "oidc_refused"


def test_an_account_s_name_is_made_free_where_somebody_has_it(firm: Team, provider: Provider):
    provider.knows("s-2", preferred_username="ann")
    provider.knows("s-3", preferred_username="an n", email="li@example.com")
    provider.knows("s-4")

    names = [enter(firm, provider, s).get("/api/auth/me").get_json()["username"] for s in ("s-1", "s-2", "s-3", "s-4")]

    assert names[:3] == ["ann", "ann-2", "li"]
    assert names[3].startswith("user-")


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https://evil.example", "/x\r\ny", "evil", "/\t/e"]
)
def test_a_login_ends_on_our_own_pages_only(firm: Team, provider: Provider, to: str):
    browser = firm.browser()

    assert browser.get(provider.authorise(begin(browser, to))).headers["Location"] == "/"


def test_there_is_no_password_beside_the_provider(firm: Team, provider: Provider):
    body = {"username": "ann", "password": "whatever it is"}

    assert told(firm.browser().post("/api/auth/login", json=body)) == (403, "login_not_offered")
    provider.knows("s-9", preferred_username="boss", groups=["image-admins"])
    boss = enter(firm, provider, "s-9")
    new = {"username": "eve", "name": "Eve", "password": "a way around it"}
    me = boss.get("/api/auth/me").get_json()["id"]
    for path, asked in (("/api/users", new), ("/api/invitations", {}), (f"/api/users/{me}/reset", None)):
        assert told(boss.post(path, json=asked)) == (403, "login_not_offered")


def test_a_provider_that_is_away_is_told(redis: Client, redis_server: RedisServer, var: Path, provider: Provider):
    away = settings_for(provider) | {"OIDC_ISSUER": "http://localhost:9"}
    with team_of(redis_server, var, **away) as firm:
        browser = firm.browser()

        assert refused(browser.get("/api/auth/oidc/start"), browser) == "oidc_failed"


def test_no_code_token_or_secret_reaches_the_log(
    firm: Team, provider: Provider, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    browser = firm.browser()
    there = begin(browser)
    back = provider.authorise(there)
    browser.get(back)
    failing = firm.browser()
    failed = provider.authorise(begin(failing).replace("nonce=", "nonce=B"))
    failing.get(failed)

    logged = "".join(capfd.readouterr()) + "\n".join(
        r.getMessage() for r in caplog.records if r.name.startswith("batchgen")
    )
    assert "oidc_failed" in failing.get(failed).headers["Location"] or "kind" in logged
    secrets = [parse_qs(urlsplit(p).query)["code"][0] for p in (back, failed)] + ["s" * 20, session_of(browser)]
    ours = "\n".join(line for line in logged.splitlines() if "batchgen." in line)
    assert ours
    assert not [s for s in secrets if s in ours]
