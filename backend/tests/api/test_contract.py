"""The contract's answers that need no worker."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from batchgen.api.openapi import document
from tests.api.test_bad_input import EN, GOOD, png, upload

BATCH_FIELDS = {
    "id", "name", "owner", "state", "paused", "prompt", "provider", "model", "options", "references", "variants",
    "lane", "policy", "counts", "cost", "eta_seconds", "position", "created_at", "started_at", "finished_at", "version",
}  # fmt: skip
ITEM_FIELDS = {
    "id", "batch_id", "index", "name", "state", "upload", "prompt", "provider", "model", "attempts", "retry_at",
    "error", "result", "cost_micros", "possibly_paid", "review", "started_at", "finished_at", "version",
}  # fmt: skip
OPENAPI = Path(__file__).resolve().parents[3] / "Docs" / "openapi.json"


def test_equal_bytes_give_the_same_upload(client: FlaskClient):
    first, again = upload(client, "a.png"), upload(client, "other name.png")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert first.get_json()["filename"] == "a.png"
    assert (first.get_json()["width"], first.get_json()["height"], first.get_json()["format"]) == (8, 6, "png")


def test_an_upload_is_served_as_it_came_and_its_thumbnail_as_webp(client: FlaskClient):
    made = upload(client).get_json()
    original, thumbnail = (client.get(made[name], buffered=True) for name in ("url", "thumbnail_url"))

    assert original.data == png()
    assert original.mimetype == "image/png"
    assert thumbnail.mimetype == "image/webp"
    for answer in (original, thumbnail):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "private" in answer.headers["Cache-Control"]
    assert client.get(made["url"].replace(".png", ".jpg")).status_code == 404


def test_an_unused_upload_is_deleted_with_its_files_and_a_used_one_stays(client: FlaskClient, var: Path):
    unused, used = upload(client).get_json(), upload(client, data=png("blue")).get_json()
    client.post("/api/batches", json=GOOD | {"items": [{"upload_id": used["id"]}]})

    assert client.delete(f"/api/uploads/{unused['id']}").status_code == 204
    assert client.get(unused["url"]).status_code == 404
    assert not list(var.rglob(f"*{unused['sha256']}*"))
    answer = client.delete(f"/api/uploads/{used['id']}", headers=EN)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "upload_in_use")


def test_a_repeated_submit_with_its_key_gives_the_first_batch(client: FlaskClient):
    headers = EN | {"Idempotency-Key": "press-1"}
    first = client.post("/api/batches", json=GOOD, headers=headers)
    again = client.post("/api/batches", json=GOOD, headers=headers)
    other = client.post("/api/batches", json=GOOD | {"prompt": "other"}, headers=headers)

    assert first.status_code == again.status_code == 202
    assert first.get_json()["id"] == again.get_json()["id"]
    assert other.get_json()["error"]["code"] == "idempotency_conflict"
    assert client.get("/api/batches").get_json()["total"] == 1


def test_a_multipart_submit_makes_uploads_and_a_batch(client: FlaskClient):
    files = [(io.BytesIO(png("red")), "a.png"), (io.BytesIO(png("blue")), "b/c.png")]
    answer = client.post(
        "/api/batches", data={"prompt": "p", "variants": "2", "files": files, "options": '{"seed": 4}'}
    )

    made = answer.get_json()
    assert (answer.status_code, made["counts"]["total"], made["options"]["seed"]) == (202, 4, 4)
    items = client.get(f"/api/batches/{made['id']}/items").get_json()["items"]
    assert [i["name"] for i in items] == ["a-1.png", "a-2.png", "c-1.png", "c-2.png"]
    assert all(i["upload"]["url"].startswith("/static/uploads/") for i in items)


def test_batches_are_listed_newest_first_searched_and_paged(client: FlaskClient):
    for n in range(5):
        client.post("/api/batches", json=GOOD | {"name": f"Nr {n}", "prompt": "Blau" if n % 2 else "Rot"})

    page = client.get("/api/batches?limit=2").get_json()
    assert [b["name"] for b in page["items"]] == ["Nr 4", "Nr 3"]
    rest = client.get(f"/api/batches?limit=200&cursor={page['next_cursor']}").get_json()
    assert [b["name"] for b in rest["items"]] == ["Nr 2", "Nr 1", "Nr 0"]
    assert rest["next_cursor"] is None
    assert [b["name"] for b in client.get("/api/batches?q=blau").get_json()["items"]] == ["Nr 3", "Nr 1"]
    assert client.get("/api/batches?state=completed").get_json()["items"] == []
    assert len(client.get("/api/batches?state=queued").get_json()["items"]) == 5


def test_a_batch_is_renamed_and_after_its_end_deleted(client: FlaskClient):
    made = client.post("/api/batches", json=GOOD).get_json()
    path = f"/api/batches/{made['id']}"

    assert client.patch(path, json={"name": "Neu"}).get_json()["name"] == "Neu"
    assert client.delete(path).get_json()["error"]["code"] == "batch_active"
    assert client.post(f"{path}/cancel").get_json()["state"] == "cancelled"
    assert client.get(f"{path}/archive").get_json()["error"]["code"] == "nothing_to_download"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get("/api/batches").get_json()["total"] == 0


def test_the_resources_carry_exactly_the_contract_s_fields(client: FlaskClient):
    batch = client.post("/api/batches", json=GOOD).get_json()
    item = client.get(f"/api/batches/{batch['id']}/items").get_json()["items"][0]

    more = {"hold", "economy", "pilot", "duel_id", "shared", "review", "result_bytes", "results_expired_at"}
    assert set(batch) == BATCH_FIELDS | more | {"filename_pattern", "embed_metadata"}
    assert set(item) == ITEM_FIELDS | {"moved_from", "lane", "earlier", "result_expired_at", "folder"}
    assert batch["created_at"].endswith("Z")


def test_providers_are_told_in_both_languages_with_the_demo_as_default(client: FlaskClient):
    english = client.get("/api/providers", headers=EN).get_json()
    chinese = client.get("/api/providers").get_json()

    by_id: dict[str, Any] = {p["id"]: p for p in english}
    assert set(by_id) == {"gemini", "doubao", "openai", "demo"}
    assert by_id["demo"]["default"] is True
    assert by_id["gemini"]["available"] is False
    assert by_id["gemini"]["reason"]
    assert [sum(m["default"] for m in p["models"]) for p in english] == [1, 1, 1, 1]
    assert [p["name"] for p in english] != [p["name"] for p in chinese]


def test_health_says_status_words_only(client: FlaskClient):
    answer = client.get("/health")

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "degraded"  # no worker here
    assert answer.get_json()["checks"] == {"redis": "ok", "storage": "ok", "workers": "none", "providers": "demo"}
    assert client.get("/health/live").get_json() == {"status": "ok"}


def test_every_answer_carries_the_security_headers(client: FlaskClient):
    for path in ("/api/batches", "/health", "/api/docs", "/api/nothing"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_harmless_request_id_is_kept_and_any_other_replaced(client: FlaskClient):
    assert client.get("/health", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert client.get("/health", headers={"X-Request-ID": "a b{}"}).headers["X-Request-ID"] != "a b{}"


def test_the_openapi_document_is_the_one_that_is_committed(client: FlaskClient):
    assert document(client.application) == json.loads(OPENAPI.read_text()), "run: make types"


def test_the_document_is_valid_openapi_3_1(client: FlaskClient):
    validate(document(client.application), cls=OpenAPIV31SpecValidator)


def test_every_endpoint_of_the_api_is_in_the_document(client: FlaskClient):
    rules = {r.rule for r in client.application.url_map.iter_rules() if r.rule.startswith(("/api/", "/health"))}
    undocumented = {rule for rule in rules if rule.startswith(("/api/openapi.json", "/api/docs"))}
    assert len(document(client.application)["paths"]) == len(rules - undocumented)


@pytest.mark.parametrize(
    "path", ["/api/docs", "/api/docs/css/swagger-ui.css", "/api/docs/js/swagger-ui-bundle.js", "/api/docs/start.js"]
)
def test_the_page_of_the_document_is_served_from_here(client: FlaskClient, path: str):
    assert client.get(path, buffered=True).status_code == 200
