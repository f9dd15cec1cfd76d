"""The audit log: every change of a batch and of who sees it, by whom, from where."""

from typing import Any

import pytest

from tests.api.team import ANN, BOB, ROOT, Team
from tests.api.test_bad_input import told


def acts(team: Team, **query: str) -> list[tuple[str, str, str]]:
    return [(act["actor"]["id"], act["action"], act["target"]) for act in team.audit(**query)]


def test_what_an_admin_does_for_somebody_else_is_written_down(team: Team):
    batch = team.submit(ANN)
    answer = team.as_(ROOT).post(f"/api/batches/{batch}/cancel")
    assert answer.status_code == 200

    act = team.audit()[0]

    assert (act["actor"], act["action"], act["target"]) == ({"id": "root", "name": "Root"}, "batch.cancel", batch)
    assert (act["address"], act["via"], act["details"]) == ("127.0.0.1", "none", {"owner": "ann"})
    assert act["at"].endswith("Z")


CHANGES: list[tuple[str, str, object, str]] = [
    ("PATCH", "/api/batches/{queued}", {"name": "n"}, "batch.rename"),
    ("POST", "/api/batches/{queued}/pause", None, "batch.pause"),
    ("POST", "/api/batches/{queued}/resume", None, "batch.resume"),
    ("POST", "/api/batches/{queued}/cancel", None, "batch.cancel"),
    ("POST", "/api/items/{queued}-0/cancel", None, "item.cancel"),
    ("POST", "/api/batches/{done}/retry", {}, "batch.retry"),
    ("POST", "/api/items/{done}-1/retry", {}, "item.retry"),
    ("POST", "/api/batches/{done}/accept", None, "batch.accept"),
    ("POST", "/api/items/{done}-1/accept", None, "item.accept"),
    ("DELETE", "/api/batches/{done}", None, "batch.delete"),
    ("PUT", "/api/batches/{done}/sharing", {"team": True}, "sharing.team"),
    ("POST", "/api/batches/{done}/links", {"expires_in_days": 1}, "link.create"),
    ("DELETE", "/api/batches/{done}/links/{link}", None, "link.revoke"),
    ("DELETE", "/api/uploads/{upload}", None, "upload.delete"),
]


@pytest.mark.parametrize(("method", "path", "body", "action"), CHANGES, ids=[c[3] for c in CHANGES])
def test_each_change_is_written_once_whoever_makes_it(team: Team, method: str, path: str, body: Any, action: str):
    by_admin = [ROOT] if action == "upload.delete" else [ANN, ROOT]
    for user in by_admin:
        done = team.done(ANN)
        names = {"queued": team.submit(ANN), "done": done, "link": team.link(done)[0], "upload": team.upload(ANN)["id"]}
        before = len(team.audit())

        answer = team.as_(user).open(path.format(**names), method=method, json=body)

        assert answer.status_code in (200, 201, 204), answer.text
        assert len(team.audit()) == before + 1
        act = team.audit()[0]
        assert (act["actor"]["id"], act["action"], act["details"]["owner"]) == (user.id, action, "ann")


@pytest.mark.parametrize(("method", "path", "body", "action"), CHANGES, ids=[c[3] for c in CHANGES])
def test_what_was_refused_is_not_written_as_done(team: Team, method: str, path: str, body: Any, action: str):
    done = team.done(ANN)
    team.share(done)
    names = {"queued": team.submit(ANN), "done": done, "link": team.link(done)[0], "upload": team.upload(ANN)["id"]}

    assert team.as_(BOB).open(path.format(**names), method=method, json=body).status_code in (403, 404)

    assert action not in [act["action"] for act in team.audit()]


def test_a_submit_is_written_once_also_where_it_is_repeated(team: Team):
    for _ in range(2):
        body = {"prompt": "p", "items": [{}]}
        team.as_(ANN).post("/api/batches", json=body, headers={"Idempotency-Key": "k"})

    assert [act[1] for act in acts(team)] == ["batch.submit"]


def test_the_opening_of_a_link_is_written_once_an_hour_for_each_address_without_its_token(team: Team):
    batch = team.done(ANN)
    link_id, token = team.link(batch)
    for address in ("127.0.0.1", "127.0.0.1", "127.0.0.2"):
        client = team.as_(None)
        client.environ_base["REMOTE_ADDR"] = address
        assert client.post("/api/shared/open", json={"token": token}).status_code == 200

    opened = [act for act in team.audit() if act["action"] == "link.open"]

    assert [(act["target"], act["address"], act["via"]) for act in opened] == [
        (link_id, "127.0.0.2", "link"), (link_id, "127.0.0.1", "link"),
    ]  # fmt: skip
    assert token not in str(team.audit())


def test_the_log_is_paged_newest_first_and_filtered(team: Team):
    batches = [team.submit(user) for user in (ANN, BOB, ANN)]
    team.as_(ANN).post(f"/api/batches/{batches[0]}/cancel")

    first = team.as_(ROOT).get("/api/audit?limit=2").get_json()
    rest = team.as_(ROOT).get(f"/api/audit?limit=2&cursor={first['next_cursor']}").get_json()

    assert [act["action"] for act in first["items"]] == ["batch.cancel", "batch.submit"]
    assert [act["target"] for act in rest["items"]] == [batches[1], batches[0]]
    assert rest["next_cursor"] is None
    assert acts(team, actor="Bob") == acts(team, actor="bob") == [("bob", "batch.submit", batches[1])]
    assert acts(team, action="batch.cancel") == [("ann", "batch.cancel", batches[0])]
    assert len(acts(team, action="batch")) == 4
    assert acts(team, action="batch", actor="nobody") == []


def test_the_log_is_for_admins(team: Team):
    assert told(team.as_(ANN).get("/api/audit"))[:2] == (403, "forbidden")
    assert told(team.as_(ROOT).get("/api/audit?cursor=1"))[:2] == (422, "field_invalid")
    assert team.as_(ROOT).delete("/api/audit").status_code == 405
