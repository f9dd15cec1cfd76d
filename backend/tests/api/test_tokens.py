"""Personal tokens, the row of threats section 3: shown once, stored hashed, never above the person's rights."""

from typing import Any

import pytest

from batchgen.store.connection import Client
from tests.team import Team, told

BATCH = {"prompt": "p", "items": [{}], "provider": "demo"}


def make(browser, *scopes: str, **more) -> dict[str, Any]:
    answer = browser.post("/api/tokens", json={"name": "script", "scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_token_is_shown_once_and_only_its_sha256_is_stored(team: Team, redis: Client):
    ann = team.member("ann")
    made = make(ann, "read", expires_in_days=30)

    secret = made.pop("token")
    assert secret.startswith("bgp_")
    assert len(secret) >= 4 + 43  # 256 bits
    assert ann.get("/api/tokens").get_json() == {"items": [made], "next_cursor": None}
    assert set(made) == {"id", "name", "scopes", "created_at", "expires_at", "last_used_at"}
    stored = "".join(redis.keys("*")) + "".join(str(redis.hgetall(n)) for n in redis.keys("bg:token*"))
    assert secret not in stored
    assert secret[4:] not in stored


def test_a_token_s_last_use_and_end_are_told(team: Team, redis: Client):
    ann = team.member("ann")
    made = make(ann, "read", expires_in_days=1)
    assert made["last_used_at"] is None

    assert team.script(made["token"]).get("/api/auth/me").get_json()["auth"] == "token"

    [told_of] = ann.get("/api/tokens").get_json()["items"]
    assert told_of["last_used_at"] > told_of["created_at"]
    assert make(ann, "read")["expires_at"] is None
    [(sha)] = [n for n in redis.keys("bg:token:*") if redis.pttl(n) > 0]
    assert 86_000_000 < redis.pttl(sha) <= 86_400_000


def test_a_token_reads_with_read_and_submits_with_submit(team: Team):
    ann = team.member("ann")
    reader, sender = (team.script(make(ann, scope)["token"]) for scope in ("read", "submit"))

    assert reader.get("/api/batches").status_code == sender.get("/api/batches").status_code == 200
    assert told(reader.post("/api/batches", json=BATCH)) == (403, "forbidden")
    made = sender.post("/api/batches", json=BATCH)
    assert made.status_code == 202
    assert made.get_json()["owner"]["name"] == "Ann"
    assert told(reader.delete(f"/api/batches/{made.get_json()['id']}")) == (403, "forbidden")


def test_a_token_never_has_more_rights_than_the_person(team: Team):
    ann = team.member("ann")

    assert told(ann.post("/api/tokens", json={"name": "t", "scopes": ["admin"]})) == (403, "forbidden")
    for scopes, status in ((("read",), 403), (("submit",), 403), (("admin",), 200)):
        script = team.script(make(team.admin, *scopes)["token"])
        assert script.get("/api/users").status_code == status
    assert team.script(make(team.admin, "submit")["token"]).get("/api/auth/me").get_json()["role"] == "member"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/tokens", {"name": "more", "scopes": ["read"]}),
        ("post", "/api/auth/password", {"current_password": "x", "new_password": "y"}),
        ("patch", "/api/auth/me", {"email": "evil@example.com"}),
        ("post", "/api/auth/logout-everywhere", None),
        ("delete", "/api/tokens/t1", None),
        ("post", "/api/users/{id}/reset", None),
        ("post", "/api/users", {"username": "eve", "name": "Eve", "role": "admin", "password": "a long passphrase"}),
        ("patch", "/api/users/{id}", {"email": "evil@example.com"}),
        ("post", "/api/invitations", {"role": "admin"}),
    ],
)
def test_a_token_makes_no_tokens_and_changes_no_way_in(
    team: Team, method: str, path: str, body: dict[str, object] | None
):
    user_id = team.add("bob")
    script = team.script(make(team.admin, "admin")["token"])

    assert told(getattr(script, method)(path.format(id=user_id), json=body)) == (403, "forbidden")


def test_a_token_in_the_query_is_no_token(team: Team):
    secret = make(team.member("ann"), "read")["token"]
    nobody = team.browser()

    for name in ("token", "access_token", "authorization"):
        assert told(nobody.get(f"/api/auth/me?{name}={secret}")) == (401, "unauthenticated")


def test_a_wrong_ended_or_expired_token_is_nobody_also_beside_a_good_cookie(team: Team, redis: Client):
    ann = team.member("ann")
    made, late = make(ann, "read"), make(ann, "read", expires_in_days=1)
    assert ann.delete(f"/api/tokens/{made['id']}").status_code == 204
    [sha] = [n for n in redis.keys("bg:token:*") if redis.pttl(n) > 0]
    redis.hset(sha, "expires", 1)  # as if the day were over

    for secret in (made["token"], late["token"], "bgp_" + "A" * 43, "", "Basic", "bgp_" + "A" * 100_0):
        assert told(team.script(secret).get("/api/auth/me")) == (401, "unauthenticated")
    assert ann.get("/api/auth/me", headers={"Authorization": "Bearer bgp_wrong"}).status_code == 401
    assert ann.get("/api/auth/me", headers={"Authorization": "Basic YW5uOng="}).status_code == 401
    assert told(ann.delete(f"/api/tokens/{made['id']}")) == (404, "not_found")


def test_a_token_is_seen_and_ended_by_its_owner_only(team: Team):
    ann, bob = team.member("ann"), team.member("bob")
    made = make(ann, "read")

    assert bob.get("/api/tokens").get_json()["items"] == []
    assert told(bob.delete(f"/api/tokens/{made['id']}")) == (404, "not_found")
    assert told(team.admin.delete(f"/api/tokens/{made['id']}")) == (404, "not_found")
    assert team.script(made["token"]).get("/api/auth/me").status_code == 200


def test_tokens_are_bounded(team: Team):
    ann = team.member("ann")
    for _ in range(50):
        make(ann, "read")

    assert told(ann.post("/api/tokens", json={"name": "t", "scopes": ["read"]})) == (409, "too_many_tokens")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "t", "scopes": []},
        {"name": "t", "scopes": ["everything"]},
        {"name": " ", "scopes": ["read"]},
        {"name": "t", "scopes": ["read"], "expires_in_days": 0},
        {"name": "t", "scopes": ["read"], "expires_in_days": 366},
        {"name": "t", "scopes": ["read"], "account": "somebody"},
    ],
)
def test_a_wrong_wish_is_refused_by_name(team: Team, body: dict[str, object]):
    assert team.admin.post("/api/tokens", json=body).status_code == 422
