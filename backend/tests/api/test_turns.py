"""The board of the queue: everybody sees how many stand before them, and whose batches they may see anyway."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgen.domain.models import User
from batchgen.store.connection import Client
from batchgen.store.keys import key
from tests.api.house import ANN, BOB, ROOT, House, house_on
from tests.conftest import RedisServer


@pytest.fixture
def house(redis_server: RedisServer, redis: Client, tmp_path: Path) -> Iterator[House]:
    with house_on(redis_server.url, tmp_path) as found:
        yield found


def board(house: House, user: User) -> dict[str, Any]:
    (found,) = house.as_(user).get("/api/turns").get_json()
    return dict(found)


def test_everybody_sees_their_place_and_of_others_only_what_they_may(house: House):
    anns, bobs = house.submit(ANN, name="Ann's secret"), house.submit(BOB)
    second = house.submit(ANN)

    seen = board(house, BOB)["turns"]
    assert [(one["position"], one["queued"], one["mine"]) for one in seen] == [
        (1, 2, False),
        (2, 2, True),
        (3, 2, False),
    ]
    assert [one["batch"] and one["batch"]["id"] for one in seen] == [None, bobs, None]
    assert "Ann" not in str(seen)

    house.share(anns)
    [shown] = [one["batch"] for one in board(house, BOB)["turns"] if one["batch"] and one["batch"]["id"] != bobs]
    assert (shown["id"], shown["owner"]["name"]) == (anns, "Ann")
    first, middle, last = (one["batch"]["id"] for one in board(house, ROOT)["turns"])
    assert (middle, {first, last}) == (bobs, {anns, second})  # one person's two begin alike


def test_times_are_told_where_they_were_measured_and_somebody_works(house: House):
    house.submit(ANN)
    before = board(house, ANN)
    assert [one["done_seconds"] for one in before["turns"]] == [None]

    house.redis.hset(key("speed"), f"{before['provider']}/{before['model']}", 8000)
    house.redis.zadd(key("workers"), {"w": 10**15})
    house.redis.hset(key("slots"), "w", 1)

    told = board(house, ANN)
    assert (told["slots"], told["seconds_each"]) == (1, 8.0)
    assert [(one["next_seconds"], one["done_seconds"]) for one in told["turns"]] == [(0, 16)]


def test_an_empty_queue_has_no_board(house: House):
    batch = house.submit(ANN)
    house.as_(ANN).post(f"/api/batches/{batch}/cancel")

    assert house.as_(ANN).get("/api/turns").get_json() == []
