"""People, by HTTP: what admins do, and the two links that let somebody in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgen.store.connection import Client
from tests.conftest import RedisServer
from tests.fakes.receivers import MailReceiver
from tests.team import ADMIN, PASSWORD, Team, session_of, sign_in, team_of, told

NEW = "a password of my own"


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with MailReceiver() as found:
        yield found


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


# accounts


def test_an_account_is_made_changed_listed_and_removed(team: Team):
    made = team.admin.post(
        "/api/users",
        json={"username": "ann", "name": " Ann ", "role": "member", "email": "a@b.example", "password": PASSWORD},
    )
    ann = made.get_json()
    assert made.status_code == 201
    assert set(ann) == {
        "id", "username", "name", "email", "role", "disabled", "created_at", "last_seen_at", "monthly_budget_micros",
    }  # fmt: skip
    assert (ann["name"], ann["disabled"], ann["last_seen_at"]) == ("Ann", False, None)

    changed = team.admin.patch(f"/api/users/{ann['id']}", json={"name": "Anna", "email": "", "role": "admin"})
    assert changed.get_json() == ann | {"name": "Anna", "email": None, "role": "admin"}
    team.login("ann").get("/api/auth/me")
    [_, listed] = team.admin.get("/api/users").get_json()["items"]
    assert listed.pop("last_seen_at") > ann["created_at"]
    assert listed == {n: v for n, v in changed.get_json().items() if n != "last_seen_at"}

    assert team.admin.delete(f"/api/users/{ann['id']}").status_code == 204
    assert [u["username"] for u in team.admin.get("/api/users").get_json()["items"]] == [ADMIN]
    assert told(team.admin.patch(f"/api/users/{ann['id']}", json={})) == (404, "not_found")
    team.add("ann")  # the name is free again


def test_accounts_are_paged_and_searched(team: Team):
    for n in range(5):
        team.add(f"user{n}", email=f"{n}@example.com")

    seen, cursor = [], ""
    while cursor is not None:
        page = team.admin.get(f"/api/users?limit=2{f'&cursor={cursor}' if cursor else ''}").get_json()
        seen += [u["username"] for u in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [ADMIN, "user0", "user1", "user2", "user3", "user4"]
    for q, found in (("USER3", ["user3"]), ("3@", ["user3"]), ("User3", ["user3"]), ("nobody", [])):
        assert [u["username"] for u in team.admin.get(f"/api/users?q={q}").get_json()["items"]] == found


@pytest.mark.parametrize(
    ("username", "code"),
    [
        ("ann", "username_taken"), ("ANN", "username_taken"), ("ａｎｎ", "username_taken"), ("a b", "username_invalid"),
        ("../x", "username_invalid"), ("_x", "username_invalid"), ("a\nb", "username_invalid"),
    ],
)  # fmt: skip
def test_a_username_is_one_person_s_however_it_is_written(team: Team, username: str, code: str):
    team.add("ann")
    body = {"username": username, "name": "x", "password": PASSWORD}

    answer = team.admin.post("/api/users", json=body)

    assert answer.get_json()["error"]["code"] == code
    assert answer.get_json()["error"]["details"][0]["field"] == "username"


def test_names_of_any_script_are_welcome(team: Team):
    team.add("王小明")

    assert sign_in(team.browser(), "王小明", PASSWORD).get_json()["username"] == "王小明"


@pytest.mark.parametrize("password", ["short", "password1", "iloveyou", "Ann.Example", "ann.example"])
def test_a_weak_password_is_refused_wherever_one_is_set(team: Team, password: str):
    body = {"username": "ann.example", "name": "Ann", "password": password}
    secret = secret_of(invite(team)["link"])

    assert told(team.admin.post("/api/users", json=body)) == (422, "weak_password")
    assert told(accept(team, secret, "ann.example", password)[0]) == (422, "weak_password")
    assert accept(team, secret, "ann.example")[0].status_code == 201


def test_members_get_nowhere_near_the_people(team: Team):
    ann, user_id = team.member("ann"), team.add("bob")

    for method, path, body in (
        ("get", "/api/users", None), ("post", "/api/users", {"username": "x", "name": "x", "password": PASSWORD}),
        ("patch", f"/api/users/{user_id}", {"role": "admin"}), ("delete", f"/api/users/{user_id}", None),
        ("post", f"/api/users/{user_id}/reset", None), ("post", f"/api/users/{user_id}/sign-out", None),
        ("get", "/api/invitations", None), ("post", "/api/invitations", {}), ("delete", "/api/invitations/i", None),
    ):  # fmt: skip
        assert told(getattr(ann, method)(path, json=body) if body is not None else getattr(ann, method)(path)) == (
            403, "forbidden",
        )  # fmt: skip


def test_nobody_raises_himself_by_a_field_too_many(team: Team):
    ann = team.member("ann")

    assert told(ann.patch("/api/auth/me", json={"role": "admin"})) == (422, "field_unknown")
    assert told(ann.patch("/api/auth/me", json={"monthly_budget_micros": 1})) == (422, "field_unknown")
    body = {"token": secret_of(invite(team)["link"]), "username": "bob", "name": "B", "password": NEW, "role": "admin"}
    assert told(team.browser().post("/api/auth/invitations/accept", json=body)) == (422, "field_unknown")


def test_everybody_changes_the_own_name_and_address(team: Team):
    ann = team.member("ann")

    changed = ann.patch("/api/auth/me", json={"name": "Anna", "email": "anna@example.com"}).get_json()

    assert (changed["name"], changed["email"]) == ("Anna", "anna@example.com")
    assert ann.get("/api/auth/me").get_json() == changed
    assert ann.patch("/api/auth/me", json={"email": ""}).get_json()["email"] is None
    assert told(ann.patch("/api/auth/me", json={"email": "no address"})) == (422, "field_invalid")


def test_the_last_admin_is_neither_removed_nor_disabled_nor_demoted(team: Team):
    [root] = team.admin.get("/api/users").get_json()["items"]
    path = f"/api/users/{root['id']}"

    for refused in (
        team.admin.delete(path),
        team.admin.patch(path, json={"disabled": True}),
        team.admin.patch(path, json={"role": "member"}),
        team.admin.patch(path, json={"role": "member", "name": "x"}),
    ):
        assert told(refused) == (409, "last_admin")
    assert team.admin.get("/api/users").get_json()["items"][0]["name"] == root["name"]
    second = team.add("ann", "admin")
    team.admin.patch(f"/api/users/{second}", json={"disabled": True})
    assert told(team.admin.delete(path)) == (409, "last_admin")  # one who cannot sign in does not count
    team.admin.patch(f"/api/users/{second}", json={"disabled": False})
    assert team.admin.delete(path).status_code == 204


def test_an_admin_ends_somebody_s_sessions(team: Team):
    user_id = team.add("ann")
    ann = team.login("ann")

    assert team.admin.post(f"/api/users/{user_id}/sign-out").status_code == 204

    assert ann.get("/api/auth/me").status_code == 401
    assert told(team.admin.post("/api/users/anobody/sign-out")) == (404, "not_found")


# invitations


def test_an_invitation_makes_one_account_and_lets_in(team: Team, redis: Client):
    made = invite(team, role="admin", email="ann@example.com", expires_in_days=3)
    secret = secret_of(made["link"])
    assert made["mailed"] is False
    assert secret not in "".join(redis.keys("*"))
    look = team.browser().post("/api/auth/invitations/look", json={"token": secret}).get_json()
    assert look == {
        "username": None, "email": "ann@example.com", "role": "admin", "expires_at": made["expires_at"],
    }  # fmt: skip
    [listed] = team.admin.get("/api/invitations").get_json()["items"]
    assert "link" not in listed
    assert listed == {n: v for n, v in made.items() if n not in ("link", "mailed")}

    answer, browser = accept(team, secret)

    assert answer.status_code == 201
    assert answer.get_json()["role"] == "admin"
    assert session_of(browser)
    assert browser.get("/api/users").status_code == 200
    assert told(accept(team, secret, "second")[0]) == (404, "not_found")
    assert team.admin.get("/api/invitations").get_json()["items"] == []
    assert sign_in(team.browser(), "ann", NEW).status_code == 200


def test_an_invitation_s_name_is_kept_and_taken_ones_are_told(team: Team):
    team.add("bob")
    secret = secret_of(invite(team, username="ann")["link"])

    assert told(accept(team, secret, "carl")[0]) == (422, "field_invalid")
    assert accept(team, secret, "Ann")[0].status_code == 201
    assert told(team.admin.post("/api/invitations", json={"username": "bob"})) == (
        409, "username_taken",
    )  # fmt: skip
    assert told(accept(team, secret_of(invite(team)["link"]), "BOB")[0]) == (409, "username_taken")


def test_a_withdrawn_late_or_wrong_invitation_is_not_there(team: Team, redis: Client):
    withdrawn, late = invite(team), invite(team)
    assert team.admin.delete(f"/api/invitations/{withdrawn['id']}").status_code == 204
    assert told(team.admin.delete(f"/api/invitations/{withdrawn['id']}")) == (404, "not_found")
    [left] = redis.keys("bg:invitation:*")
    assert 6 * 86_400_000 < redis.pttl(left) <= 7 * 86_400_000
    redis.pexpire(left, 1)
    while redis.exists(left):
        pass

    for secret in (secret_of(withdrawn["link"]), secret_of(late["link"]), "A" * 43):
        assert told(team.browser().post("/api/auth/invitations/look", json={"token": secret})) == (404, "not_found")
        assert told(accept(team, secret)[0]) == (404, "not_found")
    assert team.admin.get("/api/invitations").get_json()["items"] == []


# resets


def test_a_reset_sets_a_password_once_and_ends_all_that_was_open(team: Team, redis: Client):
    user_id = team.add("ann")
    ann = team.login("ann")
    token = ann.post("/api/tokens", json={"name": "t", "scopes": ["read"]}).get_json()["token"]
    made = team.admin.post(f"/api/users/{user_id}/reset")
    secret = secret_of(made.get_json()["link"])
    nobody = team.browser()
    assert made.status_code == 201
    assert ann.get("/api/auth/me").status_code == 200  # asking for one shuts nobody out
    assert nobody.post("/api/auth/resets/look", json={"token": secret}).get_json() == {
        "username": "ann", "expires_at": made.get_json()["expires_at"],
    }  # fmt: skip

    assert nobody.post("/api/auth/resets/accept", json={"token": secret, "password": NEW}).status_code == 204

    assert session_of(nobody) == ""
    assert ann.get("/api/auth/me").status_code == team.script(token).get("/api/auth/me").status_code == 401
    assert sign_in(team.browser(), "ann", NEW).status_code == 200
    assert told(nobody.post("/api/auth/resets/accept", json={"token": secret, "password": NEW})) == (404, "not_found")
    assert secret not in "".join(redis.keys("*"))


def test_of_several_resets_only_the_last_counts_and_none_for_the_disabled(team: Team):
    user_id = team.add("ann")
    first, second = (secret_of(team.admin.post(f"/api/users/{user_id}/reset").get_json()["link"]) for _ in range(2))
    nobody = team.browser()

    assert told(nobody.post("/api/auth/resets/look", json={"token": first})) == (404, "not_found")
    assert nobody.post("/api/auth/resets/look", json={"token": second}).status_code == 200
    assert told(nobody.post("/api/auth/resets/accept", json={"token": second, "password": "short"})) == (
        422, "weak_password",
    )  # fmt: skip
    team.admin.patch(f"/api/users/{user_id}", json={"disabled": True})
    assert told(nobody.post("/api/auth/resets/accept", json={"token": second, "password": NEW})) == (404, "not_found")
    assert told(team.admin.post("/api/users/anobody/reset")) == (404, "not_found")


def test_invitations_and_resets_are_mailed_where_there_is_a_server(
    redis: Client, redis_server: RedisServer, tmp_path: Path, mail: MailReceiver
):
    with team_of(redis_server, tmp_path, SMTP_URL=mail.url, SMTP_FROM="b@example.com") as team:
        assert team.browser().get("/api/auth/options").get_json()["mail"] is True
        invited = invite(team, email="ann@example.com")
        user_id = team.add("bob", email="bob@example.com")
        reset = team.admin.post(f"/api/users/{user_id}/reset").get_json()

        assert invited["mailed"] is reset["mailed"] is True
        to_ann, to_bob = mail.mails
        for got, address, link in ((to_ann, "ann@", invited["link"]), (to_bob, "bob@", reset["link"])):
            assert address in str(got["To"])
            assert link in got.get_content()
        assert invite(team)["mailed"] is False  # to nobody


def test_a_mail_server_that_refuses_is_told_and_the_link_is_there(
    redis: Client, redis_server: RedisServer, tmp_path: Path
):
    with team_of(redis_server, tmp_path, SMTP_URL="smtp://127.0.0.1:9", SMTP_FROM="b@example.com") as team:
        made = invite(team, email="ann@example.com")

        assert made["mailed"] is False
        assert accept(team, secret_of(made["link"]))[0].status_code == 201
