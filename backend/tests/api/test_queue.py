"""A person's queue has a size, whichever way leads into it."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.store.connection import Client
from tests.api.conftest import Make
from tests.api.test_bad_input import EN, GOOD, ZH, leftovers, png

TWO: dict[str, Any] = GOOD | {"items": [{}, {}]}


def submit_files(client: FlaskClient, **headers: str):
    files = [(io.BytesIO(png("red")), "a.png"), (io.BytesIO(png("blue")), "b.png")]
    return client.post("/api/batches", data={"files": files, "prompt": "p"}, headers=EN | headers)


def generate(client: FlaskClient):
    return client.post("/api/generate", data={"file": (io.BytesIO(png()), "a.png"), "prompt": "p"}, headers=EN)


@pytest.fixture
def full(make: Make) -> FlaskClient:
    """A person with three pictures still to be made, of four at most; one is cancelled."""
    client = make(MAX_QUEUED_PER_USER=4, GENERATE_WAIT_SECONDS=1)
    batch = client.post("/api/batches", json=GOOD | {"items": [{}] * 4}, headers=EN).get_json()
    client.post(f"/api/items/{batch['id']}-0/cancel")
    one = client.post("/api/batches", json=GOOD, headers=EN)
    assert one.status_code == 202
    client.environ_base["batch"] = batch["id"]
    return client


def test_a_full_queue_is_429_with_retry_after_on_every_way_into_it(full: FlaskClient, redis: Client, var: Path):
    batch, before = full.environ_base["batch"], leftovers(redis, var)

    for answer in (
        full.post("/api/batches", json=GOOD, headers=EN),
        submit_files(full),
        generate(full),
        full.post("/api/duels", json=TWO | {"contestants": [{"prompt": "as oil"}, {"prompt": "as ink"}]}, headers=EN),
        full.post(f"/api/batches/{batch}/retry", json={}, headers=EN),
        full.post(f"/api/items/{batch}-0/retry", json={}, headers=EN),
    ):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (429, "queue_full")
        assert answer.headers["Retry-After"] == "30"
        assert leftovers(redis, var) == before


def test_the_sentence_says_what_is_open_and_what_to_do(full: FlaskClient):
    said = [full.post("/api/batches", json=TWO, headers=h).get_json()["error"]["message"] for h in (EN, ZH)]

    assert said == [
        "4 of your pictures are still to be made, of 4 at most; this needs 2 more. "
        "Try again when some are done, or with fewer.",
        "你还有 4 张图片未完成，上限 4 张，本次需要 2 张。请等一部分完成后再试，或减少图片。",
    ]


def test_the_quote_says_so_before_the_start(full: FlaskClient):
    told = full.post("/api/estimates", json=TWO, headers=EN).get_json()["warnings"]

    assert [(one["code"], one["message"]) for one in told] == [
        (
            "queue_short",
            "Your queue is full: 4 of at most 4 pictures are still to be made; this needs 2 more.",
        )
    ]


def test_the_same_submit_again_gives_the_first_batch_though_the_queue_is_full(make: Make):
    client = make(MAX_QUEUED_PER_USER=1)
    keyed = EN | {"Idempotency-Key": "k"}
    first, again = (client.post("/api/batches", json=GOOD, headers=keyed) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.get_json()["id"] == again.get_json()["id"]
