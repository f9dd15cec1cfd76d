"""The door of a team's server as seen through real Nginx: cookies, who is counted at the login, who reads /metrics."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import RedisServer
from tests.proxy import Proxy
from tests.stack import Stack

SITE = {"Host": "images.example.com", "Accept-Language": "en"}
OURS = SITE | {"Origin": "https://images.example.com"}
PASSWORD, TOKEN = "a long enough pass-phrase 42", "metrics-token-of-a-test"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer) -> Iterator[Proxy]:
    folder: Path = tmp_path_factory.mktemp("door")
    stack = Stack(
        folder, own_redis, TRUSTED_PROXIES=1, PUBLIC_URL="https://images.example.com", AUTH_MODE="password",
        ADMIN_USERNAME="admin", ADMIN_PASSWORD=PASSWORD, METRICS_TOKEN=TOKEN,
    )  # fmt: skip
    try:
        stack.start_web()
        with Proxy(folder / "nginx", f"127.0.0.1:{stack.port}") as proxy:
            yield proxy
    finally:
        stack.stop()


def login(door: Proxy, password: str, **headers: str) -> requests.Response:
    body = {"username": "admin", "password": password}
    return requests.post(f"{door.url}/api/auth/login", json=body, headers=OURS | headers, timeout=30)


def test_the_session_s_cookie_is_for_this_host_over_https_and_for_no_script(door: Proxy):
    answer = login(door, PASSWORD)
    cookies = answer.raw.headers.getlist("Set-Cookie")

    assert answer.status_code == 200
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        words = {word.strip().lower() for word in cookie.split(";")}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= words
        assert not any(word.startswith("domain=") for word in words)


def test_nobody_gets_in_without_and_the_answer_has_the_one_shape(door: Proxy):
    answer = requests.get(f"{door.url}/api/batches", headers=SITE, timeout=30)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_foreign_page_cannot_log_anybody_in(door: Proxy):
    answer = login(door, PASSWORD, Origin="https://evil.example")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf_failed")


def test_guesses_are_counted_whatever_address_they_claim(door: Proxy):
    answers = [login(door, f"guess {n}", **{"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(12)]

    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_metrics_open_to_the_token_only(door: Proxy):
    def ask(**headers: str) -> requests.Response:
        return requests.get(f"{door.url}/metrics", headers=SITE | headers, timeout=30)

    assert ask().status_code == 401
    assert ask(Authorization="Bearer wrong-token-of-a-test").status_code == 401
    opened = ask(Authorization=f"Bearer {TOKEN}")
    assert opened.status_code == 200
    assert "batchgen_http_requests_total" in opened.text
    assert PASSWORD not in opened.text
