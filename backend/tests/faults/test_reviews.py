"""A finished picture made once more, on the real stack and for real prices: nothing that was paid for is lost."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import RedisServer
from tests.fakes import images
from tests.fakes.gemini_server import GeminiServer
from tests.stack import KEYS, Stack, running

PRICE = 33_600  # of the default model
FIRST, SECOND = (images.encode(images.photo(1024, 1024, seed=seed), "jpeg") for seed in (5, 6))


@pytest.fixture
def fake() -> Iterator[GeminiServer]:
    with GeminiServer(keys=[KEYS["gemini"]]) as server:
        server.given = {"first": FIRST, "second": SECOND, "page": b"<html>not a picture</html>"}
        yield server


@pytest.fixture
def paid(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer, fake: GeminiServer) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("reviews")
    with running(folder, own_redis, GEMINI_API_KEY=KEYS["gemini"], GEMINI_BASE_URL=fake.url) as stack:
        yield stack


def picture(stack: Stack, path: str) -> bytes:
    answer = stack.http.get(stack.url + path, timeout=30)
    answer.raise_for_status()
    return answer.content


def zipped(stack: Stack, batch: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(picture(stack, f"/api/batches/{batch}/archive?only=approved")))


def redone(stack: Stack, item: Any, body: object) -> Any:
    stack.post(f"/api/items/{item['id']}/redo", body)
    stack.until_done(item["batch_id"])
    return stack.items(item["batch_id"])[0]


def test_a_redo_is_paid_once_and_both_pictures_can_be_had(paid: Stack, fake: GeminiServer):
    fake.plan = ["given:first", "given:second", "given:page"]
    body = {"prompt": "a shoe", "provider": "gemini", "items": [{"name": "shoe"}], "options": {"aspect_ratio": "1:1"}}
    batch = paid.post("/api/batches", body)["id"]
    paid.until_done(batch)
    [item] = paid.items(batch)
    quote = paid.post(f"/api/items/{item['id']}/redo/estimate", {"add": "on sand"})

    again = redone(paid, item, {"add": "on sand"})

    assert quote == {"cost_micros": PRICE}
    assert paid.get(f"/api/batches/{batch}")["cost"]["settled_micros"] == 2 * PRICE
    assert fake.log()[1]["prompt"] == "a shoe\non sand"
    assert again["result"]["url"] != item["result"]["url"]
    assert [picture(paid, one["result"]["url"]) for one in (item, again)] == [FIRST, SECOND]
    assert again["earlier"][0]["url"] == item["result"]["url"]
    assert picture(paid, again["earlier"][0]["thumbnail_url"])

    failed = redone(paid, again, {})
    assert (failed["state"], [one["number"] for one in failed["earlier"]]) == ("failed", [0, 2])
    back = paid.post(f"/api/items/{item['id']}/restore", {"number": 2})
    paid.post(f"/api/items/{item['id']}/review", {"decision": "approved"})

    assert back["result"]["url"] == again["result"]["url"]
    assert zipped(paid, batch).read("shoe.jpg") == SECOND
