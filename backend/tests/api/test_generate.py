"""The one-shot call where no worker answers, and where the request is wrong."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.store.connection import Client
from tests.api.test_bad_input import EN, leftovers, png, told


def generate(client: FlaskClient, **form: Any) -> Any:
    return client.post("/api/generate", data={"file": (io.BytesIO(png()), "a.png"), "prompt": "p"} | form, headers=EN)


def test_a_picture_that_is_not_done_in_time_is_told_with_its_item_and_goes_on(client: FlaskClient):
    answer = generate(client)

    assert told(answer)[:2] == (504, "not_done_in_time")
    batch = client.get("/api/batches").get_json()["items"][0]
    assert f"{batch['id']}-0" in answer.get_json()["error"]["message"]
    assert batch["state"] == "queued"


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"prompt": ""}, 422, "prompt_empty"),
        ({"provider": "nope"}, 422, "unknown_provider"),
        ({"model": "nope"}, 422, "unknown_model"),
        ({"options": "{"}, 400, "invalid_json"),
        ({"options": '{"size": "9K"}'}, 422, "option_not_offered"),
        ({"colour": "red"}, 422, "field_unknown"),
    ],
)
def test_a_wrong_call_is_refused_and_leaves_nothing(
    client: FlaskClient, redis: Client, var: Path, form: dict[str, str], status: int, code: str
):
    before = leftovers(redis, var)

    assert told(generate(client, **form))[:2] == (status, code)
    assert leftovers(redis, var) == before


def test_the_same_key_makes_one_picture(client: FlaskClient):
    for _ in range(2):
        body = {"file": (io.BytesIO(png()), "a.png"), "prompt": "p"}
        client.post("/api/generate", data=body, headers=EN | {"Idempotency-Key": "k"})

    assert client.get("/api/batches").get_json()["total"] == 1
