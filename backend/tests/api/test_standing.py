"""GET /api/queue: who waits for what, since when, and who works."""

from typing import Any

import pytest

from batchgen.store.keys import key
from batchgen.store.queue import SILENCE_MS
from tests.api.house import ANN, BOB, ROOT, House


def look(house: House) -> Any:
    answer = house.as_(ROOT).get("/api/queue")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_an_empty_house_has_no_queue(house: House):
    assert look(house) == {"lanes": [], "people": [], "workers": [], "waiting": 0, "running": 0, "slots": 0}


def test_it_tells_who_waits_in_the_order_of_turns_and_who_has_waited_longest(house: House):
    first = house.submit(ANN)
    house.submit(BOB, items=[{}] * 3)
    paused = house.submit(ANN, items=[{}] * 4)
    house.as_(ANN).post(f"/api/batches/{paused}/pause")

    found = look(house)

    [lane] = found["lanes"]
    assert {name: lane[name] for name in ("provider", "model", "economy", "queued", "running")} == {
        "provider": "demo", "model": "demo-paint", "economy": False, "queued": 5, "running": 0,
    }  # fmt: skip
    assert lane["people"] == [
        {"id": "ann", "name": "Ann", "queued": 2}, {"id": "bob", "name": "Bob", "queued": 3},
    ]  # fmt: skip
    assert lane["since"] == house.as_(ANN).get(f"/api/batches/{first}").get_json()["created_at"]
    assert found["people"] == [
        {"id": "ann", "name": "Ann", "items": 6, "batches": 2}, {"id": "bob", "name": "Bob", "items": 3, "batches": 1},
    ]  # fmt: skip


def test_workers_are_told_with_slots_and_heartbeat_and_the_silent_are_marked(house: House):
    house.submit(ANN)
    queue = house.parts.queue
    queue.tell("host-a.1", 1)
    queue.tell("host-b.7", 8)
    house.redis.zincrby(key("workers"), -SILENCE_MS - 1000, "host-b.7")
    queue.lease(64)

    found = look(house)

    assert [(w["name"], w["slots"], w["live"]) for w in found["workers"]] == [
        ("host-b.7", 8, False),
        ("host-a.1", 1, True),
    ]
    assert (found["running"], found["slots"]) == (1, 1)
    assert [(lane["running"], lane["queued"]) for lane in found["lanes"]] == [(1, 1)]


def test_a_retry_waits_since_it_was_asked_for_not_since_the_batch_was_made(house: House):
    batch = house.done(ANN)
    house.redis.hset(key("batch", batch), mapping={"created": 1_000, "since": 1_000})
    house.as_(ANN).post(f"/api/batches/{batch}/retry", json={})

    [lane] = look(house)["lanes"]

    assert lane["since"] > "2020"


@pytest.mark.parametrize("who", [ANN, BOB])
def test_it_is_for_admins(house: House, who: Any):
    assert house.as_(who).get("/api/queue").status_code == 403
