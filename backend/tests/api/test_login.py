"""Threats, section 3, by HTTP over the whole app on a real Redis: each test is a row, or a part of one."""

from flask.testing import FlaskClient

from batchgen.store.connection import Client
from tests.conftest import RedisServer
from tests.team import ADMIN, ADMIN_PASSWORD, DEVICE, PASSWORD, Team, sign_in, team_of, told, with_cookies


def device_of(browser: FlaskClient) -> str:
    cookie = browser.get_cookie(DEVICE)
    assert cookie
    return cookie.value


def test_signing_in_tells_who_one_is_and_opens_the_rest(team: Team):
    team.add("ann", email="ann@example.com")
    browser = team.browser()
    assert told(browser.get("/api/batches")) == (401, "unauthenticated")

    me = sign_in(browser, "Ann", PASSWORD).get_json()

    assert {name: me[name] for name in ("username", "name", "email", "role", "auth", "scopes")} == {
        "username": "ann", "name": "Ann", "email": "ann@example.com", "role": "member", "auth": "session",
        "scopes": None,
    }  # fmt: skip
    assert browser.get("/api/auth/me").get_json() == me
    assert browser.get("/api/batches").status_code == 200


# brute force


def test_brute_force_on_one_account_is_stopped_after_ten_with_the_time_to_wait(team: Team):
    team.add("ann")
    answers = [sign_in(team.browser(f"10.0.0.{n}"), "ann", f"guess {n:04}") for n in range(12)]

    assert [a.status_code for a in answers] == [401] * 10 + [429] * 2
    assert told(answers[-1]) == (429, "rate_limited")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 300
    assert str(answers[-1].headers["Retry-After"]) in answers[-1].get_json()["error"]["message"]


def test_brute_force_stops_the_right_password_too_from_an_unknown_device(team: Team):
    team.add("ann")
    for n in range(10):
        sign_in(team.browser(), "ann", f"guess {n:04}")

    assert sign_in(team.browser(), "ann", PASSWORD).status_code == 429


def test_brute_force_leaves_open_sessions_and_known_devices_alone(team: Team):
    ann = team.member("ann")
    for n in range(12):
        sign_in(team.browser(), "ann", f"guess {n:04}")

    assert ann.get("/api/auth/me").status_code == 200
    again = with_cookies(team, device=device_of(ann))
    assert sign_in(again, "ann", PASSWORD).status_code == 200


def test_brute_force_from_a_known_device_is_counted_for_that_device(team: Team):
    ann = team.member("ann")
    answers = [sign_in(ann, "ann", f"guess {n:04}") for n in range(11)]

    assert [a.status_code for a in answers] == [401] * 10 + [429]
    assert sign_in(team.browser(), "ann", PASSWORD).status_code == 200


def test_brute_force_with_somebody_else_s_device_is_as_with_none(team: Team):
    bob = team.member("bob")
    team.add("ann")
    for n in range(10):
        sign_in(team.browser(), "ann", f"guess {n:04}")

    assert sign_in(with_cookies(team, device=device_of(bob)), "ann", PASSWORD).status_code == 429
    forged = device_of(bob)[:-4] + "AAAA"
    assert sign_in(with_cookies(team, device=forged), "ann", PASSWORD).status_code == 429


def test_brute_force_behind_a_spoofed_address_changes_nothing(team: Team):
    team.add("ann")
    answers = [
        sign_in(team.browser(), "ann", f"guess {n:04}", **{"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": "8.8.8.8"})
        for n in range(11)
    ]

    assert answers[-1].status_code == 429


def test_signing_in_rightly_uses_up_no_try(team: Team):
    team.add("ann")

    assert {sign_in(team.browser(), "ann", PASSWORD).status_code for _ in range(12)} == {200}


# enumeration


def test_enumeration_unknown_wrong_and_disabled_are_answered_alike(team: Team):
    team.add("ann")
    gone = team.add("gone")
    team.admin.patch(f"/api/users/{gone}", json={"disabled": True})

    answers = [
        sign_in(team.browser(), "nobody", "whatever else"),
        sign_in(team.browser(), "ann", "whatever else"),
        sign_in(team.browser(), "gone", PASSWORD),
    ]

    for answer in answers:
        body = answer.get_json()
        body["error"].pop("request_id")
        assert answer.status_code == 401
        assert body == {
            "success": False,
            "error": {
                "code": "invalid_credentials", "message": "The username or the password is wrong.", "details": [],
            },
        }  # fmt: skip
        assert "Set-Cookie" not in answer.headers


def test_enumeration_by_throttling_an_unknown_name_is_throttled_as_well(team: Team):
    assert [sign_in(team.browser(), "nobody", f"guess {n:04}").status_code for n in range(11)] == [401] * 10 + [429]


# argon2 DoS


def test_argon2_dos_a_password_of_one_megabyte_is_refused_before_it_is_hashed(team: Team, redis: Client):
    team.add("ann")
    answer = sign_in(team.browser(), "ann", "x" * 2**20)

    assert told(answer) == (422, "field_invalid")
    assert answer.get_json()["error"]["details"][0]["field"] == "password"
    in_bytes = sign_in(team.browser(), "ann", "长" * 400)  # few characters, many bytes
    assert told(in_bytes) == (422, "field_invalid")
    assert not [name for name in redis.keys("bg:limit*") if "account" in name and redis.get(name) != "0"]


# the first admin


def test_there_is_no_built_in_account(redis: Client, redis_server: RedisServer, tmp_path):
    with team_of(redis_server, tmp_path, ADMIN_USERNAME="", ADMIN_PASSWORD="") as team:
        for name in ("admin", "root", "local", "batchgen"):
            for password in ("admin", "password", "batchgen", "local", "changeme"):
                assert sign_in(team.browser(), name, password).status_code in (401, 429)
        assert redis.keys("bg:account*") == []


def test_the_first_admin_is_made_once_and_the_settings_are_not_read_again(
    redis: Client, redis_server: RedisServer, tmp_path
):
    with team_of(redis_server, tmp_path) as team:
        assert team.admin.get("/api/auth/me").get_json()["role"] == "admin"
    with team_of(redis_server, tmp_path, ADMIN_USERNAME="other", ADMIN_PASSWORD="a wholly other one") as team:
        assert sign_in(team.browser(), "other", "a wholly other one").status_code == 401
        assert sign_in(team.browser(), ADMIN, ADMIN_PASSWORD).status_code == 200
        assert redis.scard("bg:admins") == 1


# modes


def test_without_accounts_everybody_is_the_one_at_this_machine(client: FlaskClient):
    assert client.get("/api/auth/options").get_json() == {"mode": "none", "oidc_name": None, "mail": False}
    me = client.get("/api/auth/me").get_json()
    assert (me["id"], me["role"], me["auth"]) == ("local", "admin", "none")
    assert client.get("/api/users").get_json() == {"items": [], "next_cursor": None}
    for path, body in (
        ("/api/auth/login", {"username": "a", "password": "b"}),
        ("/api/tokens", {"name": "t", "scopes": ["read"]}),
        ("/api/auth/password", {"current_password": "a", "new_password": "b"}),
    ):
        assert told(client.post(path, json=body)) == (403, "login_not_offered")
    assert told(client.patch("/api/auth/me", json={"name": "x"})) == (403, "login_not_offered")
    assert client.get("/api/auth/oidc/start").headers["Location"] == "/login?error=login_not_offered"


def test_the_options_say_how_to_sign_in(team: Team):
    assert team.browser().get("/api/auth/options").get_json() == {"mode": "password", "oidc_name": None, "mail": False}
