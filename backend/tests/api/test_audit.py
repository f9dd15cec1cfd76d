"""The audit log: every change of a batch and of who sees it, by whom, from where."""

from typing import Any

import pytest

from batchgen.domain.accounts import Scope
from tests.api.house import ANN, BOB, ROOT, House
from tests.api.test_bad_input import told


def acts(house: House, **query: str) -> list[tuple[str, str, str]]:
    return [(act["actor"]["id"], act["action"], act["target"]) for act in house.audit(**query)]


def test_what_an_admin_does_for_somebody_else_is_written_down(house: House):
    batch = house.submit(ANN)
    answer = house.as_(ROOT).post(f"/api/batches/{batch}/cancel")
    assert answer.status_code == 200

    act = house.audit()[0]

    assert (act["actor"], act["action"], act["target"]) == ({"id": "root", "name": "Root"}, "batch.cancel", batch)
    assert (act["address"], act["via"], act["details"]) == ("127.0.0.1", "session", {"owner": "ann"})
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
    ("POST", "/api/items/{done}-0/review", {"decision": "approved"}, "item.review"),
    ("POST", "/api/items/{done}-0/redo", {}, "item.redo"),
    ("DELETE", "/api/batches/{done}", None, "batch.delete"),
    ("DELETE", "/api/batches/{done}?undo=true", None, "batch.delete"),
    ("POST", "/api/batches/{hidden}/restore", None, "batch.restore"),
    ("PUT", "/api/batches/{done}/sharing", {"team": True}, "sharing.team"),
    ("POST", "/api/batches/{done}/links", {"expires_in_days": 1}, "link.create"),
    ("DELETE", "/api/batches/{done}/links/{link}", None, "link.revoke"),
    ("PATCH", "/api/templates/{template}", {"name": "m"}, "template.change"),
    ("DELETE", "/api/templates/{template}", None, "template.delete"),
    ("DELETE", "/api/uploads/{upload}", None, "upload.delete"),
]


def things(house: House) -> dict[str, str]:
    done = house.done(ANN)
    upload = str(house.upload(ANN)["id"])
    names = {"queued": house.submit(ANN), "done": done, "link": house.link(done)[0], "upload": upload}
    return names | {"hidden": hidden(house), "template": template(house)}


def template(house: House) -> str:
    body = {"name": "Shoes", "prompt": "red shoes", "shared": True}
    return str(house.as_(ANN).post("/api/templates", json=body).get_json()["id"])


def hidden(house: House) -> str:
    batch = house.done(ANN)
    house.parts.batches.hide(batch, 600_000)
    return batch


@pytest.mark.parametrize(("method", "path", "body", "action"), CHANGES, ids=[f"{c[3]} {c[1]}" for c in CHANGES])
def test_each_change_is_written_once_whoever_makes_it(house: House, method: str, path: str, body: Any, action: str):
    by_admin = [ROOT] if action == "upload.delete" else [ANN, ROOT]
    for user in by_admin:
        done = house.done(ANN)
        names = {
            "queued": house.submit(ANN),
            "hidden": hidden(house),
            "done": done,
            "link": house.link(done)[0],
            "upload": house.upload(ANN)["id"],
            "template": template(house),
        }
        before = len(house.audit())

        answer = house.as_(user).open(path.format(**names), method=method, json=body)

        assert answer.status_code in (200, 201, 204), answer.text
        assert len(house.audit()) == before + 1
        act = house.audit()[0]
        assert (act["actor"]["id"], act["action"], act["details"]["owner"]) == (user.id, action, "ann")


@pytest.mark.parametrize(("method", "path", "body", "action"), CHANGES, ids=[f"{c[3]} {c[1]}" for c in CHANGES])
def test_what_was_refused_is_not_written_as_done(house: House, method: str, path: str, body: Any, action: str):
    names = things(house)
    house.share(names["done"])

    assert house.as_(BOB).open(path.format(**names), method=method, json=body).status_code in (403, 404)

    assert action not in [act["action"] for act in house.audit()]


def test_a_submit_is_written_once_also_where_it_is_repeated(house: House):
    for _ in range(2):
        body = {"prompt": "p", "items": [{}]}
        house.as_(ANN).post("/api/batches", json=body, headers={"Idempotency-Key": "k"})

    assert [act[1] for act in acts(house)] == ["batch.submit"]


def test_the_opening_of_a_link_is_written_once_an_hour_for_each_address_without_its_token(house: House):
    batch = house.done(ANN)
    link_id, token = house.link(batch)
    for address in ("127.0.0.1", "127.0.0.1", "127.0.0.2"):
        client = house.as_(None)
        client.environ_base["REMOTE_ADDR"] = address
        assert client.post("/api/shared/open", json={"token": token}).status_code == 200

    opened = [act for act in house.audit() if act["action"] == "link.open"]

    assert [(act["target"], act["address"], act["via"]) for act in opened] == [
        (link_id, "127.0.0.2", "link"), (link_id, "127.0.0.1", "link"),
    ]  # fmt: skip
    assert token not in str(house.audit())


def test_guesses_at_passwords_do_not_push_everything_else_out(house: House):
    guesser = house.as_(None)
    for n in range(5):
        guesser.post("/api/auth/login", json={"username": "ann", "password": f"guess {n}"})

    assert [act["action"] for act in house.audit()] == ["login.failed"]


def test_the_log_is_paged_newest_first_and_filtered(house: House):
    batches = [house.submit(user) for user in (ANN, BOB, ANN)]
    house.as_(ANN).post(f"/api/batches/{batches[0]}/cancel")

    first = house.as_(ROOT).get("/api/audit?limit=2").get_json()
    rest = house.as_(ROOT).get(f"/api/audit?limit=2&cursor={first['next_cursor']}").get_json()

    assert [act["action"] for act in first["items"]] == ["batch.cancel", "batch.submit"]
    assert [act["target"] for act in rest["items"]] == [batches[1], batches[0]]
    assert rest["next_cursor"] is None
    assert acts(house, actor="Bob") == acts(house, actor="bob") == [("bob", "batch.submit", batches[1])]
    assert acts(house, action="batch.cancel") == [("ann", "batch.cancel", batches[0])]
    assert len(acts(house, action="batch")) == 4
    assert acts(house, action="batch", actor="nobody") == []


def test_the_log_says_whether_a_program_or_a_person_acted(house: House):
    body = {"prompt": "p", "items": [{}]}
    house.script(ANN, Scope.SUBMIT).post("/api/batches", json=body)
    house.as_(ANN).post("/api/batches", json=body)

    assert [act["via"] for act in house.audit()] == ["session", "token"]


def test_the_log_is_for_admins(house: House):
    assert told(house.as_(ANN).get("/api/audit"))[:2] == (403, "forbidden")
    assert told(house.as_(ROOT).get("/api/audit?cursor=1"))[:2] == (422, "field_invalid")
    assert house.as_(ROOT).delete("/api/audit").status_code == 405


def test_what_happens_to_accounts_and_tokens_is_in_the_same_log(house: House):
    root, password = house.as_(ROOT), "a long enough passphrase"
    made = root.post("/api/users", json={"username": "eve", "name": "Eve", "password": password}).get_json()["id"]
    token = root.post("/api/tokens", json={"name": "n", "scopes": ["read"]}).get_json()
    root.patch(f"/api/users/{made}", json={"role": "admin"})
    somebody = house.as_(None)
    for tried in ("wrong password", password):
        somebody.post("/api/auth/login", json={"username": "eve", "password": tried})
    root.delete(f"/api/users/{made}")

    seen = house.audit()
    expected = ["user.created", "token.created", "user.changed", "login.failed", "login", "user.removed"]
    assert [act["action"] for act in seen] == expected[::-1]
    assert [act["action"] for act in house.audit(action="user")] == ["user.removed", "user.changed", "user.created"]
    assert seen[3]["details"]["role"] == "admin"
    assert {act["via"] for act in seen} == {"session", "none"}
    for secret in (password, "wrong password", token["token"]):
        assert secret not in str(seen)


def test_a_budget_that_is_set_is_written_down(house: House):
    house.as_(ROOT).put("/api/budgets/team", json={"monthly_micros": 5_000_000})

    [act] = house.audit()
    assert (act["action"], act["target"], act["details"]) == ("budget.set", "team", {"monthly_micros": 5_000_000})
