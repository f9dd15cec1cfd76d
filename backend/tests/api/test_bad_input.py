"""Whatever is wrong with a request: a 4xx in the one shape, a sentence that names the field, nothing left behind."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from batchgen.store.connection import Client

ZH, EN = {"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}


def png(colour: str = "red", size: tuple[int, int] = (8, 6)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def upload(client: FlaskClient, name: str = "a.png", data: bytes | None = None) -> Any:
    """One file, its body written by hand: the test client would leave a temporary file of a large one open."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body = head + (png() if data is None else data) + b"\r\n--x--\r\n"
    return client.post("/api/uploads", data=body, content_type="multipart/form-data; boundary=x", headers=EN)


def told(answer: Any) -> tuple[int, str, list[str]]:
    error = answer.get_json()["error"]
    assert answer.get_json()["success"] is False
    assert error["message"]
    assert error["request_id"] == answer.headers["X-Request-ID"]
    return answer.status_code, error["code"], [d["field"] for d in error["details"]]


def leftovers(redis: Client, var: Path) -> tuple[list[str], list[str]]:
    files = [str(p.relative_to(var)) for p in var.rglob("*") if p.is_file()]
    return sorted(k for k in redis.keys("bg:*") if not k.startswith(("bg:workers", "bg:slots"))), sorted(files)


ITEM: dict[str, Any] = {"upload_id": None}
GOOD: dict[str, Any] = {"prompt": "p", "items": [{}]}

CASES: list[tuple[str, object, int, str, list[str]]] = [
    ("an empty prompt", GOOD | {"prompt": " "}, 422, "prompt_empty", ["prompt"]),
    ("a prompt over the limit", GOOD | {"prompt": "x" * 8001}, 422, "prompt_too_long", ["prompt"]),
    ("no prompt", {"items": [{}]}, 422, "field_required", ["prompt"]),
    ("an item's empty prompt", GOOD | {"items": [{}, {"prompt": ""}]}, 422, "prompt_empty", ["items[1].prompt"]),
    ("an unknown provider", GOOD | {"provider": "nope"}, 422, "unknown_provider", ["provider"]),
    ("a provider without a key", GOOD | {"provider": "gemini"}, 422, "provider_unavailable", ["provider"]),
    ("an unknown model", GOOD | {"model": "nope"}, 422, "unknown_model", ["model"]),
    ("no items", GOOD | {"items": []}, 422, "no_items", ["items"]),
    ("too many items", GOOD | {"items": [{}] * 51}, 422, "too_many_items", ["items"]),
    ("too many by variants", GOOD | {"items": [{}] * 26, "variants": 2}, 422, "too_many_items", ["items"]),
    ("no such upload", GOOD | {"items": [{"upload_id": "unope"}]}, 422, "unknown_upload", ["items[0].upload_id"]),
    ("no such reference", GOOD | {"references": ["unope"]}, 422, "unknown_upload", ["references[0]"]),
    ("a ratio not offered", GOOD | {"options": {"aspect_ratio": "7:5"}}, 422, "option_not_offered",
     ["options.aspect_ratio"]),
    ("nine variants", GOOD | {"variants": 9}, 422, "field_invalid", ["variants"]),
    ("a number as text", GOOD | {"variants": "2"}, 422, "field_invalid", ["variants"]),
    ("true for one", GOOD | {"variants": True}, 422, "field_invalid", ["variants"]),
    ("an unknown field", GOOD | {"cost": 0}, 422, "field_unknown", ["cost"]),
    ("a list", [GOOD], 400, "invalid_json", []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "code", "fields"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_wrong_submit_is_refused_with_its_field_named_and_leaves_nothing(
    client: FlaskClient, redis: Client, var: Path, body: object, status: int, code: str, fields: list[str]
):
    before = leftovers(redis, var)

    answer = client.post("/api/batches", json=body, headers=EN)

    assert told(answer) == (status, code, fields)
    assert leftovers(redis, var) == before


@pytest.mark.parametrize(("body", "status", "code", "fields"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_sentence_is_in_the_request_s_language(
    client: FlaskClient, body: object, status: int, code: str, fields: list[str]
):
    chinese = client.post("/api/batches", json=body, headers=ZH).get_json()["error"]["message"]
    english = client.post("/api/batches", json=body, headers=EN).get_json()["error"]["message"]

    assert any("\u4e00" <= c <= "\u9fff" for c in chinese)
    assert not any("\u4e00" <= c <= "\u9fff" for c in english)
    assert client.post("/api/batches", json=body).get_json()["error"]["message"] == chinese


def test_all_wrong_items_are_named_at_once(client: FlaskClient):
    items = [{"upload_id": "u1"}, {}, {"upload_id": "u2"}]
    answer = client.post("/api/batches", json=GOOD | {"items": items}, headers=EN)

    assert told(answer)[2] == ["items[0].upload_id", "items[2].upload_id"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "invalid_json"), (b"{", "invalid_json"), (b'{"a": NaN}', "invalid_json"),
        (b'{"a": 1e999}', "invalid_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "invalid_json"), (b"[" * 5000 + b"]" * 5000, "invalid_json"),
        (b'{"prompt": "\\ud800"}', "invalid_json"), (b'{"prompt": "\\u0000"}', "invalid_json"),
        (b'{"prompt": "\xff"}', "invalid_json"), (b"\xef\xbb\xbf{}", "invalid_json"), (b'"text"', "invalid_json"),
        (b"null", "invalid_json"), (b'{"prompt": "a", "prompt": "b"}', "field_invalid"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/batches", "/api/batches/b00000000000000000000/retry"])
def test_broken_json_is_refused(client: FlaskClient, path: str, raw: bytes, code: str):
    answer = client.post(path, data=raw, content_type="application/json", headers=EN)

    assert told(answer)[:2] == (400 if code == "invalid_json" else 422, code)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_under_another_name_is_refused(client: FlaskClient, kind: str):
    answer = client.post("/api/batches", data=json.dumps(GOOD), content_type=kind, headers=EN)

    assert told(answer)[:2] == (415, "unsupported_media_type")


def test_a_json_body_over_two_mebibytes_is_refused(client: FlaskClient):
    answer = client.post("/api/batches", json=GOOD | {"name": "x" * (2 * 2**20)}, headers=EN)

    assert told(answer)[:2] == (413, "body_too_large")


def test_an_upload_over_the_limit_is_refused_and_nothing_stays(client: FlaskClient, redis: Client, var: Path):
    before = leftovers(redis, var)

    assert told(upload(client, data=png() + b"\0" * 2**20))[:2] == (413, "file_too_large")
    assert leftovers(redis, var) == before


def test_a_body_over_the_limit_is_refused_while_it_comes(client: FlaskClient):
    answer = upload(client, data=b"\xff" * (3 * 2**20))

    assert told(answer)[:2] == (413, "body_too_large")


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("a.png", b"", 422, "empty_file"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_format"),
        ("a.jpg", b"PK\x03\x04rest", 415, "unsupported_format"),
        ("a.png", png(size=(300, 300))[:-200], 422, "corrupt_image"),
    ],
)
def test_a_file_that_is_no_sound_image_is_refused_by_name(
    client: FlaskClient, redis: Client, var: Path, name: str, data: bytes, status: int, code: str
):
    before = leftovers(redis, var)
    answer = upload(client, name, data)

    assert told(answer)[:2] == (status, code)
    assert name in answer.get_json()["error"]["message"]
    assert leftovers(redis, var) == before


def test_an_upload_without_a_file_says_so(client: FlaskClient):
    assert told(client.post("/api/uploads", data={"x": "y"}, content_type="multipart/form-data"))[:2] == (
        422, "missing_file",
    )  # fmt: skip
    assert told(client.post("/api/uploads", json={}))[:2] == (415, "unsupported_media_type")


def test_a_batch_with_bad_files_is_refused_whole_and_names_each(client: FlaskClient, redis: Client, var: Path):
    before = leftovers(redis, var)
    files = [
        (io.BytesIO(png("red")), "good.png"), (io.BytesIO(b"nothing"), "bad.png"), (io.BytesIO(b""), "empty.png"),
        (io.BytesIO(png("blue")), "fine.png"),
    ]  # fmt: skip

    answer = client.post("/api/batches", data={"prompt": "p", "files": files}, headers=EN)

    status, _, fields = told(answer)
    assert (status, fields) == (415, ["files[1]", "files[2]"])
    assert ["bad.png" in d["message"] or "empty.png" in d["message"] for d in answer.get_json()["error"]["details"]]
    assert leftovers(redis, var) == before


@pytest.mark.parametrize(
    ("form", "code"),
    [({"prompt": ""}, "prompt_empty"), ({"prompt": "p", "provider": "x"}, "unknown_provider"),
     ({"prompt": "p", "options": "{"}, "invalid_json"), ({"prompt": "p", "colour": "x"}, "field_unknown")],
)  # fmt: skip
def test_a_multipart_submit_that_is_wrong_leaves_no_upload(
    client: FlaskClient, redis: Client, var: Path, form: dict[str, str], code: str
):
    before = leftovers(redis, var)
    answer = client.post("/api/batches", data=form | {"files": [(io.BytesIO(png()), "a.png")]}, headers=EN)

    assert told(answer)[1] == code
    assert leftovers(redis, var) == before


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"), ("GET", "/api/batches/bnope", 404, "not_found"),
        ("GET", "/api/items/x", 404, "not_found"), ("PUT", "/api/batches", 405, "method_not_allowed"),
        ("GET", "/static/uploads/../app.py", 404, "not_found"), ("GET", "/static/%2e%2e/secret", 404, "not_found"),
        ("GET", "/static/results/", 404, "not_found"),
        ("GET", "/api/batches?limit=0", 422, "field_invalid"), ("GET", "/api/batches?limit=201", 422, "field_invalid"),
        ("GET", "/api/batches?nope=1", 422, "field_unknown"), ("GET", "/api/batches?cursor=x", 422, "field_invalid"),
        ("GET", "/api/batches?limit=1&limit=2", 422, "field_invalid"),
        ("DELETE", "/api/uploads/unope", 404, "not_found"),
    ],
)  # fmt: skip
def test_every_refusal_has_the_one_shape(client: FlaskClient, method: str, path: str, status: int, code: str):
    assert told(client.open(path, method=method, headers=EN))[:2] == (status, code)


def test_a_foreign_page_cannot_submit_and_a_foreign_name_reads_nothing(client: FlaskClient):
    foreign = EN | {"Origin": "https://evil.example"}

    assert told(client.post("/api/batches", json=GOOD, headers=foreign))[:2] == (403, "csrf_failed")
    assert told(client.post("/api/batches", json=GOOD, headers=EN | {"Origin": "null"}))[:2] == (403, "csrf_failed")
    assert told(client.get("/api/batches", headers=EN | {"Host": "evil.example"}))[:2] == (421, "unknown_host")
    assert "Access-Control-Allow-Origin" not in client.get("/api/batches", headers=foreign).headers


@pytest.mark.parametrize("key", ["", "x" * 201, "\u00e9"])
def test_an_idempotency_key_is_short_and_plain(client: FlaskClient, key: str):
    answer = client.post("/api/batches", json=GOOD, headers=EN | {"Idempotency-Key": key})

    assert told(answer)[2] == ["Idempotency-Key"]
