"""Threats, section 3, by HTTP: sessions, their cookies and their ends, and CSRF; each test is a row or part of one."""

import re

import pytest

from batchgen.store.connection import Client
from tests.conftest import RedisServer
from tests.team import (
    ADMIN,
    ADMIN_PASSWORD,
    DEVICE,
    OURS,
    PASSWORD,
    SESSION,
    Team,
    session_of,
    sign_in,
    team_of,
    told,
    with_cookies,
)

# fixation, logout


def test_fixation_a_session_s_id_is_new_at_each_login_and_the_one_before_ends(team: Team):
    team.add("ann")
    browser = with_cookies(team, session="chosen-by-somebody-else")
    team.login("ann", browser=browser)
    first = session_of(browser)
    team.login("ann", browser=browser)

    assert first != "chosen-by-somebody-else"
    assert session_of(browser) not in ("", first)
    assert len(first) >= 43  # 256 bits
    assert with_cookies(team, session=first).get("/api/auth/me").status_code == 401
    assert with_cookies(team, session="chosen-by-somebody-else").get("/api/auth/me").status_code == 401


def test_logout_deletes_the_session_so_that_a_copy_of_the_cookie_is_worth_nothing(team: Team):
    ann = team.member("ann")
    copied = session_of(ann)
    assert with_cookies(team, session=copied).get("/api/auth/me").status_code == 200

    answer = ann.post("/api/auth/logout")

    assert answer.status_code == 204
    assert session_of(ann) == ""
    assert told(with_cookies(team, session=copied).get("/api/auth/me")) == (401, "unauthenticated")


def test_logout_everywhere_ends_every_session_of_that_person_only(team: Team):
    team.add("ann")
    phone, desk, bob = team.login("ann"), team.login("ann"), team.member("bob")

    assert phone.post("/api/auth/logout-everywhere").status_code == 204

    assert desk.get("/api/auth/me").status_code == 401
    assert bob.get("/api/auth/me").status_code == 200
    assert team.login("ann").get("/api/auth/me").status_code == 200


def test_only_the_sha256_of_a_session_is_stored(team: Team, redis: Client):
    ann = team.member("ann")
    stored = "\n".join(redis.keys("*"))
    for name in redis.keys("bg:session:*") + redis.keys("bg:account:*"):
        stored += str(redis.hgetall(name))

    assert session_of(ann)
    assert session_of(ann) not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored


# what takes effect at the next request


def test_disabled_takes_effect_at_the_next_request_and_being_enabled_brings_no_session_back(team: Team):
    user_id = team.add("ann")
    ann = team.login("ann")
    token = ann.post("/api/tokens", json={"name": "t", "scopes": ["submit"]}).get_json()["token"]
    assert team.script(token).get("/api/batches").status_code == 200

    team.admin.patch(f"/api/users/{user_id}", json={"disabled": True})

    assert told(ann.get("/api/batches")) == (401, "unauthenticated")
    assert told(team.script(token).get("/api/batches")) == (401, "unauthenticated")
    team.admin.patch(f"/api/users/{user_id}", json={"disabled": False})
    assert ann.get("/api/batches").status_code == 401
    assert team.script(token).get("/api/batches").status_code == 200


def test_deleted_takes_effect_at_the_next_request(team: Team):
    user_id = team.add("ann")
    ann = team.login("ann")
    token = ann.post("/api/tokens", json={"name": "t", "scopes": ["read"]}).get_json()["token"]

    assert team.admin.delete(f"/api/users/{user_id}").status_code == 204

    assert ann.get("/api/batches").status_code == 401
    assert team.script(token).get("/api/batches").status_code == 401
    assert sign_in(team.browser(), "ann", PASSWORD).status_code == 401


def test_a_changed_role_takes_effect_at_the_next_request(team: Team):
    user_id = team.add("ann", "admin")
    ann = team.login("ann")
    token = ann.post("/api/tokens", json={"name": "t", "scopes": ["admin"]}).get_json()["token"]
    assert ann.get("/api/users").status_code == team.script(token).get("/api/users").status_code == 200

    team.admin.patch(f"/api/users/{user_id}", json={"role": "member"})

    assert told(ann.get("/api/users")) == (403, "forbidden")
    assert told(team.script(token).get("/api/users")) == (403, "forbidden")
    assert ann.get("/api/auth/me").get_json()["role"] == "member"


def test_a_changed_password_ends_the_other_sessions_and_the_tokens(team: Team):
    team.add("ann")
    here, elsewhere = team.login("ann"), team.login("ann")
    token = here.post("/api/tokens", json={"name": "t", "scopes": ["read"]}).get_json()["token"]
    before = session_of(here)
    body = {"current_password": PASSWORD, "new_password": "another long one"}

    assert here.post("/api/auth/password", json=body).status_code == 204

    assert here.get("/api/auth/me").status_code == 200
    assert session_of(here) != before
    assert with_cookies(team, session=before).get("/api/auth/me").status_code == 401
    assert elsewhere.get("/api/auth/me").status_code == 401
    assert team.script(token).get("/api/auth/me").status_code == 401
    assert here.get("/api/tokens").get_json()["items"] == []
    assert sign_in(team.browser(), "ann", PASSWORD).status_code == 401
    assert sign_in(team.browser(), "ann", "another long one").status_code == 200


def test_to_change_a_password_one_has_to_know_the_old_one(team: Team):
    ann = team.member("ann")
    wrong = {"current_password": "not this one", "new_password": "another long one"}
    weak = {"current_password": PASSWORD, "new_password": "short"}

    assert told(ann.post("/api/auth/password", json=weak)) == (422, "weak_password")
    assert [ann.post("/api/auth/password", json=wrong).status_code for _ in range(11)] == [401] * 10 + [429]
    assert sign_in(team.browser(), "ann", PASSWORD).status_code == 200


# cookies


def test_the_cookies_are_read_by_no_script_and_sent_by_no_other_site(team: Team):
    team.add("ann")
    set_cookies = sign_in(team.browser(), "ann", PASSWORD).headers.getlist("Set-Cookie")

    assert sorted(c.partition("=")[0] for c in set_cookies) == [DEVICE, SESSION]
    for cookie in set_cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


def test_the_cookies_are_secure_and_bound_to_the_host_under_https(redis: Client, redis_server: RedisServer, tmp_path):
    with team_of(redis_server, tmp_path, PUBLIC_URL="https://images.example.com") as team:
        browser = team.app.test_client()
        answer = browser.post(
            "/api/auth/login",
            json={"username": ADMIN, "password": ADMIN_PASSWORD},
            headers={"Origin": "https://images.example.com", "Host": "images.example.com"},
        )

        assert answer.status_code == 200
        cookies = answer.headers.getlist("Set-Cookie")
        assert sorted(c.partition("=")[0] for c in cookies) == ["__Host-batchgen_device", "__Host-batchgen_session"]
        assert all("; Secure" in c and "HttpOnly" in c and "Path=/" in c and "Domain" not in c for c in cookies)


def test_the_lifetimes_of_a_session_are_those_of_the_settings(redis: Client, redis_server: RedisServer, tmp_path):
    with team_of(redis_server, tmp_path, SESSION_IDLE_HOURS="2", SESSION_DAYS="3") as team:
        answer = sign_in(team.browser(), ADMIN, ADMIN_PASSWORD)

        session = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(SESSION))
        assert re.search(r"Max-Age=(\d+)", session)[1] == str(3 * 86_400)  # type: ignore[index]
        [name] = redis.keys("bg:session:*")
        assert 7_100_000 < redis.pttl(name) <= 7_200_000
        stored = redis.hgetall(name)
        assert int(stored["ends"]) - int(stored["seen"]) == 3 * 86_400_000


# CSRF


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": OURS}, 204),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({}, 403),
    ],
)
def test_csrf_an_unsafe_request_with_a_session_must_come_from_our_own_page(team: Team, headers, status):
    ann = team.member("ann")
    ann.environ_base.pop("HTTP_ORIGIN")

    answer = ann.post("/api/auth/logout", headers=headers)

    assert answer.status_code == status
    if status == 403:
        assert told(answer) == (403, "csrf_failed")
        assert ann.get("/api/auth/me").status_code == 200


def test_csrf_also_for_a_form(team: Team):
    ann = team.member("ann")

    answer = ann.post("/api/uploads", data={"x": "1"}, headers={"Origin": "https://evil.example"})

    assert told(answer) == (403, "csrf_failed")


def test_csrf_login_refuses_a_foreign_page(team: Team):
    team.add("ann")

    assert told(sign_in(team.browser(), "ann", PASSWORD, Origin="https://evil.example")) == (403, "csrf_failed")


def test_csrf_asks_a_token_for_neither(team: Team):
    token = team.member("ann").post("/api/tokens", json={"name": "t", "scopes": ["submit"]}).get_json()["token"]

    answer = team.script(token).post("/api/batches", json={"prompt": "p", "items": [{}], "provider": "demo"})

    assert answer.status_code == 202
