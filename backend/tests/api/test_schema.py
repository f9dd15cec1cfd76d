"""Whatever is made up from the OpenAPI document: no 5xx, and no answer outside what the document says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from batchgen.bootstrap import core, make_web
from batchgen.settings import load
from batchgen.store.connection import Client
from tests.api.test_bad_input import GOOD, png, upload
from tests.api.test_contract import OPENAPI
from tests.conftest import UNHURRIED, RedisServer

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
ENDLESS = "/events"  # a stream ends when its reader leaves; tests/faults/test_streams.py reads those


@pytest.fixture(scope="module")
def app(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    var: Path = tmp_path_factory.mktemp("var")
    given = {"REDIS_URL": redis_server.url, "VAR_DIR": str(var), "GENERATE_WAIT_SECONDS": "1"}
    parts = core(load(given | UNHURRIED))
    made = make_web(parts)
    made.testing = False
    yield made
    parts.close()


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


OPERATIONS = [
    (method.upper(), path)
    for path, methods in json.loads(OPENAPI.read_text())["paths"].items()
    for method in methods
    if not path.endswith(ENDLESS)
]


MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.mark.parametrize("mode", MODES, ids=["allowed", "forbidden"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_what_is_made_up_from_the_document_is_answered_as_it_says(
    app: Flask, schema: Any, redis: Client, mode: GenerationMode, method: str, path: str
):
    operation = schema[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
        return  # nothing can be wrong but the path, and every text is one

    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    @settings(
        max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    def ask(case: Any, real: bool) -> None:
        if real:
            case.path_parameters.update({name: value for name, value in known(app) if name in case.path_parameters})
        case.call_and_validate(checks=CHECKS)

    ask()


def known(app: Flask) -> list[tuple[str, str]]:
    """Ids that exist, of fresh things: an earlier request may have deleted the last ones."""
    client = app.test_client()
    upload_id = upload(client, data=png()).get_json()["id"]
    batch_id = client.post("/api/batches", json=GOOD | {"items": [{"upload_id": upload_id}, {}]}).get_json()["id"]
    client.post(f"/api/items/{batch_id}-1/cancel")
    return [("batch_id", batch_id), ("item_id", f"{batch_id}-1"), ("upload_id", upload_id)]
