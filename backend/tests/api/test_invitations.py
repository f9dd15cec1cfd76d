"""The two links that let somebody in once, by HTTP: invitations and password resets."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from batchgen.store.connection import Client
from tests.conftest import RedisServer
from tests.fakes.receivers import MailReceiver
from tests.team import NEW, Team, accept, invite, secret_of, session_of, sign_in, team_of, told


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with MailReceiver() as found:
        yield found


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
        sleep(0.01)

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
