"""Pilots and duels as callers see them. Nothing runs here; what runs is in tests/faults."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.store.connection import Client
from tests.api.test_bad_input import EN, GOOD, leftovers, png, told

SIX: dict[str, Any] = GOOD | {"items": [{}] * 6}
TWO = [{"prompt": "as oil"}, {"prompt": "as ink"}]


def submit(client: FlaskClient, **more: object) -> Any:
    answer = client.post("/api/batches", json=SIX | more, headers=EN)
    assert answer.status_code == 202, answer.get_json()
    return answer.get_json()


@pytest.mark.parametrize(
    ("asked", "variants", "indexes"),
    [
        ({}, 1, [0, 1, 2]),
        ({"mode": "first", "size": 2}, 1, [0, 1]),
        ({"mode": "spread"}, 1, [0, 2, 5]),
        ({"mode": "spread", "size": 1}, 1, [0]),
        ({"mode": "chosen", "indexes": [5, 3, 5]}, 1, [3, 5]),
        ({"size": 3}, 2, [0, 2, 4]),
        ({"mode": "spread", "size": 2}, 2, [0, 10]),
        ({"size": 8}, 2, [0, 1, 2, 3, 4, 6, 8, 10]),
    ],
)
def test_a_pilot_makes_its_sample_first(
    client: FlaskClient, asked: dict[str, object], variants: int, indexes: list[int]
):
    batch = submit(client, pilot=asked, variants=variants)

    total = 6 * variants
    assert batch["pilot"] == {
        "state": "running", "indexes": indexes, "round": 1, "held_back": total - len(indexes), "sample_micros": 0,
        "rest_micros": 0,
    }  # fmt: skip
    assert batch["counts"]["queued"] == total
    assert batch["duel_id"] is None


def test_a_batch_without_a_pilot_says_so(client: FlaskClient):
    assert submit(client)["pilot"] is None


def test_a_pilot_over_all_there_is_needs_no_approval(client: FlaskClient):
    batch = submit(client, pilot={"size": 6})

    assert (batch["pilot"]["state"], batch["pilot"]["held_back"]) == ("approved", 0)


def test_a_multipart_submit_takes_a_pilot(client: FlaskClient):
    files = [(io.BytesIO(png(colour)), f"{colour}.png") for colour in ("red", "blue", "green")]

    answer = client.post("/api/batches", data={"prompt": "p", "files": files, "pilot": '{"size": 1}'})

    assert answer.get_json()["pilot"]["held_back"] == 2


CASES = [
    ("nothing chosen", {"mode": "chosen"}, "pilot"),
    ("chosen without saying so", {"indexes": [1]}, "pilot"),
    ("chosen with a size", {"mode": "chosen", "indexes": [1], "size": 2}, "pilot"),
    ("an index that is none", {"mode": "chosen", "indexes": [6]}, "pilot.indexes"),
    ("a negative index", {"mode": "chosen", "indexes": [-1]}, "pilot.indexes[0]"),
    ("too large a sample", {"size": 21}, "pilot.size"),
    ("an empty sample", {"size": 0}, "pilot.size"),
    ("another mode", {"mode": "last"}, "pilot.mode"),
]


@pytest.mark.parametrize(("asked", "field"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
@pytest.mark.parametrize("path", ["/api/batches", "/api/estimates"])
def test_a_wrong_pilot_is_refused_by_name_and_leaves_nothing(
    client: FlaskClient, redis: Client, var: Path, path: str, asked: dict[str, object], field: str
):
    before = leftovers(redis, var)

    answer = client.post(path, json=SIX | {"pilot": asked}, headers=EN)

    assert told(answer) == (422, "field_invalid", [field])
    assert leftovers(redis, var) == before


def test_an_estimate_tells_the_price_of_the_sample_and_of_the_whole(client: FlaskClient):
    found = client.post("/api/estimates", json=SIX | {"pilot": {"size": 2}}).get_json()
    empty = client.post("/api/estimates", json=GOOD | {"items": [], "prompt": "", "pilot": {}}).get_json()

    assert found["pictures"] == 6
    assert found["pilot"] == {"pictures": 2, "cost_low_micros": 0, "cost_high_micros": 0, "seconds": None}
    assert empty["pilot"]["pictures"] == 0
    assert client.post("/api/estimates", json=SIX).get_json()["pilot"] is None


@pytest.mark.parametrize("act", ["approve", "repeat", "estimate"])
def test_nothing_is_decided_before_the_sample_is_made(client: FlaskClient, act: str):
    for batch in (submit(client, pilot={}), submit(client)):
        answer = client.post(f"/api/batches/{batch['id']}/pilot/{act}", json={}, headers=EN)
        assert told(answer) == (409, "pilot_not_ready", [])
    assert told(client.post(f"/api/batches/b{'0' * 20}/pilot/{act}", json={}))[:2] == (404, "not_found")
    assert told(client.post(f"/api/batches/{batch['id']}/pilot/{act}", json={"x": 1}))[:2] == (422, "field_unknown")


def test_a_duel_is_pilots_of_one_sample(client: FlaskClient):
    body = SIX | {"pilot": {"mode": "spread", "size": 2}, "contestants": [*TWO, {"options": {"seed": 7}}]}
    answer = client.post("/api/duels", json=body, headers=EN)
    duel = answer.get_json()

    assert answer.status_code == 202, duel
    made = duel["contestants"]
    assert [c["batch"]["prompt"] for c in made] == ["as oil", "as ink", "p"]
    assert [c["batch"]["options"]["seed"] for c in made] == [None, None, 7]
    assert {tuple(c["batch"]["pilot"]["indexes"]) for c in made} == {(0, 5)}
    assert [[i["index"] for i in c["items"]] for c in made] == [[0, 5]] * 3
    assert {c["batch"]["duel_id"] for c in made} == {duel["id"]}
    assert [(c["cost_micros"], c["seconds_each"]) for c in made] == [(0, None)] * 3
    assert duel["chosen"] is None
    assert client.get(f"/api/duels/{duel['id']}", headers=EN).get_json() == duel
    assert client.get(f"/api/batches/{made[1]['batch']['id']}").get_json()["duel_id"] == duel["id"]


def test_a_duel_without_a_word_on_the_sample_makes_three(client: FlaskClient):
    duel = client.post("/api/duels", json=SIX | {"contestants": TWO}).get_json()

    assert [len(c["items"]) for c in duel["contestants"]] == [3, 3]


def test_a_repeated_duel_with_its_key_is_the_first_one(client: FlaskClient):
    headers = EN | {"Idempotency-Key": "press-1"}
    body = SIX | {"contestants": TWO}
    first = client.post("/api/duels", json=body, headers=headers).get_json()

    assert client.post("/api/duels", json=body, headers=headers).get_json()["id"] == first["id"]
    other = client.post("/api/duels", json=body | {"contestants": [*TWO, {}]}, headers=headers)
    assert told(other)[:2] == (409, "idempotency_conflict")
    assert client.get("/api/batches").get_json()["total"] == 2
    assert client.post("/api/batches", json=SIX, headers=headers).status_code == 202  # another act


WRONG: list[tuple[str, dict[str, object], str, list[str]]] = [
    ("one contestant", {"contestants": TWO[:1]}, "field_invalid", ["contestants"]),
    ("five", {"contestants": [{}] * 5}, "field_invalid", ["contestants"]),
    ("no model of that name", {"contestants": [{}, {"model": "x"}]}, "unknown_model", ["contestants[1].model"]),
    ("an empty prompt", {"contestants": [{"prompt": " "}, {}]}, "prompt_empty", ["contestants[0].prompt"]),
    ("a ratio", {"contestants": [{}, {"options": {"aspect_ratio": "7:5"}}]}, "option_not_offered",
     ["contestants[1].options.aspect_ratio"]),
    ("no key", {"contestants": [{}, {"provider": "gemini"}]}, "provider_unavailable", ["contestants[1].provider"]),
    ("an upload", {"contestants": TWO, "items": [{"upload_id": "u0"}]}, "unknown_upload", ["items[0].upload_id"]),
    ("an unknown word", {"contestants": [{}, {"variants": 2}]}, "field_unknown", ["contestants[1].variants"]),
]  # fmt: skip


@pytest.mark.parametrize(("more", "code", "fields"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_a_wrong_duel_is_refused_whole(
    client: FlaskClient, redis: Client, var: Path, more: dict[str, object], code: str, fields: list[str]
):
    before = leftovers(redis, var)

    assert told(client.post("/api/duels", json=SIX | more, headers=EN)) == (422, code, fields)
    assert leftovers(redis, var) == before


def test_a_duel_is_not_decided_before_its_samples_are_made(client: FlaskClient):
    duel = client.post("/api/duels", json=SIX | {"contestants": TWO}).get_json()
    path = f"/api/duels/{duel['id']}/choose"
    batch = duel["contestants"][0]["batch"]["id"]

    assert told(client.post(path, json={"batch_id": batch}))[:2] == (409, "pilot_not_ready")
    assert told(client.post(path, json={"batch_id": submit(client)["id"]}))[:2] == (404, "not_found")
    assert told(client.post(f"/api/duels/d{'0' * 20}/choose", json={"batch_id": batch}))[:2] == (404, "not_found")
    assert client.get("/api/duels/nonsense").status_code == 404
