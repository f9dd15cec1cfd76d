"""Each row on JSON of the threat list, on each endpoint that takes a JSON body."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.api.parsing import MAX_JSON_BYTES, strict_json
from batchgen.errors import AppError
from batchgen.store.connection import Client
from tests.api.test_bad_input import EN, leftovers, told
from tests.api.test_contract import OPENAPI

DOCUMENT = json.loads(OPENAPI.read_text())


def offered(told_: dict[str, Any]) -> set[str]:
    """The fields of an endpoint's body; none where it takes no JSON."""
    body = told_.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return set()
    return set(DOCUMENT["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]["properties"])


OFFERED = {
    (method.upper(), path.replace("{batch_id}", "b" + "0" * 20).replace("{item_id}", "b" + "0" * 20 + "-0")): fields
    for path, methods in DOCUMENT["paths"].items()
    for method, told_ in methods.items()
    if (fields := offered(told_))
}
BODIES = list(OFFERED)
FOREIGN = ("role", "owner", "cost", "cost_micros", "id", "state", "disabled", "__class__", "constructor")
ADDED = [(*body, field) for body in BODIES for field in FOREIGN if field not in OFFERED[body]]
NAMES = [f"{method} {path}" for method, path in BODIES]
BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "half": b'{"a"',
    "NaN": b'{"prompt": NaN}',
    "Infinity": b'{"prompt": Infinity}',
    "minus Infinity": b'{"prompt": -Infinity}',
    "a number beyond doubles": b'{"prompt": 1e999}',
    "a number of 5,000 digits": b'{"prompt": ' + b"9" * 5000 + b"}",
    "33 levels": b'{"a":' + b"[" * 33 + b"]" * 33 + b"}",
    "5,000 levels": b"[" * 5000 + b"]" * 5000,
    "100,000 levels that do not close": b'{"a":' * 100_000,
    "a lone surrogate": b'{"prompt": "\\ud800"}',
    "a lone surrogate as a name": b'{"\\udfff": 1}',
    "surrogates the wrong way round": b'{"prompt": "\\udc00\\ud800"}',
    "NUL in a text": b'{"prompt": "a\\u0000b"}',
    "NUL in a name": b'{"a\\u0000": 1}',
    "NUL deep in a list": b'{"a": [["\\u0000"]]}',
    "NUL as it is": b'{"prompt": "a\x00b"}',
    "Latin-1": b'{"prompt": "\xe9"}',
    "UTF-16": '{"prompt": "a"}'.encode("utf-16"),
    "an overlong slash": b'{"prompt": "\xc0\xaf"}',
    "a byte order mark": b'\xef\xbb\xbf{"prompt": "a"}',
    "a list": b"[]",
    "a text": b'"prompt"',
    "null": b"null",
    "true": b"true",
    "two bodies": b"{}{}",
    "a comment": b"{} // all",
    "a comma at the end": b'{"prompt": "a",}',
    "single quotes": b"{'prompt': 'a'}",
    "a line break in a text": b'{"prompt": "a\nb"}',
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize(("method", "path"), BODIES, ids=NAMES)
def test_a_body_that_is_no_sound_json_is_refused(client: FlaskClient, method: str, path: str, case: str):
    answer = client.open(path, method=method, data=BROKEN[case], content_type="application/json", headers=EN)

    assert told(answer)[:2] == (400, "invalid_json")


@pytest.mark.parametrize(("method", "path"), BODIES, ids=NAMES)
def test_a_name_given_twice_is_refused_by_name(client: FlaskClient, method: str, path: str):
    answer = client.open(path, method=method, data=b'{"x": 1, "x": 2}', content_type="application/json", headers=EN)

    assert told(answer) == (422, "field_invalid", ["x"])


@pytest.mark.parametrize(("method", "path", "field"), ADDED)
def test_a_field_that_nobody_offers_is_refused_by_name(client: FlaskClient, method: str, path: str, field: str):
    answer = client.open(path, method=method, json={field: "admin"}, headers=EN)

    assert answer.status_code == 422
    assert field in told(answer)[2]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
@pytest.mark.parametrize(("method", "path"), BODIES, ids=NAMES)
def test_json_under_another_name_is_refused(client: FlaskClient, method: str, path: str, kind: str):
    answer = client.open(path, method=method, data=b"{}", content_type=kind, headers=EN)

    assert told(answer)[:2] == (415, "unsupported_media_type")


@pytest.mark.parametrize(("method", "path"), BODIES, ids=NAMES)
def test_a_body_over_two_mebibytes_is_refused_and_changes_nothing(
    client: FlaskClient, redis: Client, var: Path, method: str, path: str
):
    before = leftovers(redis, var)
    data = b'{"prompt": "' + b"x" * MAX_JSON_BYTES + b'"}'

    answer = client.open(path, method=method, data=data, content_type="application/json", headers=EN)

    assert told(answer)[:2] == (413, "body_too_large")
    assert leftovers(redis, var) == before


@pytest.mark.parametrize("query", ["limit=1000000000", "limit=-1", "limit=1.5", "limit=", "limit=NaN", "limit=%D9%A1x",
                                   "cursor=%00", "cursor=" + "a" * 5000, "state=nope", "nope=1", "limit=1&limit=2",
                                   "limit=1e3", "limit=+1x", "limit=0x10"])  # fmt: skip
@pytest.mark.parametrize("path", ["/api/batches", "/api/batches/{id}/items"])
def test_a_query_out_of_bounds_is_refused_by_name(client: FlaskClient, path: str, query: str):
    made = client.post("/api/batches", json={"prompt": "p", "items": [{}]}).get_json()["id"]

    answer = client.get(f"{path.format(id=made)}?{query}", headers=EN)

    assert answer.status_code == 422
    assert told(answer)[2] == [query.partition("=")[0]]


def test_thirty_two_levels_and_eighteen_digits_pass():
    assert strict_json(b"[" * 32 + b"]" * 32) is not None
    assert strict_json(b'{"a": 999999999999999999}') == {"a": 999999999999999999}
    assert strict_json(b'{"a": "[[[[\\"]]]]"}') == {"a": '[[[["]]]]'}
    assert strict_json('{"猫": "\\ud83d\\udc31"}'.encode()) == {"猫": "🐱"}


def test_depth_is_counted_before_anything_is_built():
    with pytest.raises(AppError) as caught:
        strict_json(b"[" * 2_000_000)
    assert caught.value.params == {"reason": "depth"}
