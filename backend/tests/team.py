"""A team behind a door, for tests: the whole web app with accounts on a real Redis, and people with browsers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from batchgen.bootstrap import core, make_web
from batchgen.settings import load
from tests.conftest import UNHURRIED, RedisServer, watch_settings

OURS = "http://localhost"
ADMIN, ADMIN_PASSWORD = "root", "the first admin's own"
PASSWORD, NEW = "correct horse battery", "a password of my own"
SESSION, DEVICE, LOGIN = "batchgen_session_5001", "batchgen_device_5001", "batchgen_login_5001"


class Team:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self._admin: FlaskClient | None = None

    def browser(self, address: str = "127.0.0.1") -> FlaskClient:
        """One without any cookie, on our own page."""
        client = self.app.test_client()
        client.environ_base |= {"REMOTE_ADDR": address, "HTTP_ORIGIN": OURS, "HTTP_ACCEPT_LANGUAGE": "en"}
        return client

    def script(self, token: str) -> FlaskClient:
        """No browser: a token, and nothing else."""
        client = self.app.test_client()
        client.environ_base |= {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_ACCEPT_LANGUAGE": "en"}
        return client

    def login(self, username: str, password: str = PASSWORD, browser: FlaskClient | None = None) -> FlaskClient:
        browser = browser or self.browser()
        answer = sign_in(browser, username, password)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return browser

    @property
    def admin(self) -> FlaskClient:
        """The first admin's browser."""
        if self._admin is None:
            self._admin = self.login(ADMIN, ADMIN_PASSWORD)
        return self._admin

    def add(self, username: str, role: str = "member", **more: Any) -> str:
        """A new account with PASSWORD; its id."""
        body = {"username": username, "name": username.title(), "role": role, "password": PASSWORD} | more
        answer = self.admin.post("/api/users", json=body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return str(answer.get_json()["id"])

    def member(self, username: str, role: str = "member") -> FlaskClient:
        """A new account's browser, signed in."""
        self.add(username, role)
        return self.login(username)


def sign_in(browser: FlaskClient, username: str, password: str, **headers: str) -> TestResponse:
    return browser.post("/api/auth/login", json={"username": username, "password": password}, headers=headers)


def session_of(browser: FlaskClient) -> str:
    """The value of its session's cookie, empty where it has none."""
    cookie = browser.get_cookie(SESSION)
    return cookie.value if cookie else ""


def with_cookies(team: Team, *, session: str = "", device: str = "") -> FlaskClient:
    """A browser that has got hold of these."""
    browser = team.browser()
    for name, value in ((SESSION, session), (DEVICE, device)):
        if value:
            browser.set_cookie(name, value)
    return browser


def invite(team: Team, **body) -> dict[str, Any]:
    answer = team.admin.post("/api/invitations", json=body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def secret_of(link: str) -> str:
    """What stands behind the `#`: no server's log sees it."""
    address, _, secret = link.partition("#")
    assert address in ("http://127.0.0.1:5001/invite", "http://127.0.0.1:5001/reset")
    return secret


def accept(team: Team, secret: str, username: str = "ann", password: str = NEW, name: str = "Ann"):
    body = {"token": secret, "username": username, "name": name, "password": password}
    browser = team.browser()
    return browser.post("/api/auth/invitations/accept", json=body), browser


def told(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


@contextmanager
def team_of(redis: RedisServer, var: Path, **env: str) -> Iterator[Team]:
    first = {"ADMIN_USERNAME": ADMIN, "ADMIN_PASSWORD": ADMIN_PASSWORD}
    settings = {"REDIS_URL": redis.url, "VAR_DIR": str(var), "AUTH_MODE": "password", "MAX_UPLOAD_MB": "1"}
    watch_settings(first | env)
    parts = core(load(UNHURRIED | settings | first | env))
    app = make_web(parts)
    app.testing = False
    try:
        yield Team(app)
    finally:
        parts.close()
