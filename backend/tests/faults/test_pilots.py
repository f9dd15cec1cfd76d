"""Pilots and duels on the real stack, before a server that counts: no picture of a sample is made, or paid, twice."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import RedisServer
from tests.fakes.gemini_server import GeminiServer
from tests.stack import Stack, running

FLASH, PRO = "gemini-3.1-flash-lite-image", "gemini-3-pro-image"


@pytest.fixture(scope="module")
def painter() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer, painter: GeminiServer) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("studio")
    with running(folder, own_redis, GEMINI_API_KEY="test-key-1", GEMINI_BASE_URL=painter.url) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _accounts(studio: Stack, painter: GeminiServer) -> Iterator[None]:
    """Each test counts its own calls, and leaves ledger, items and budgets of one mind."""
    with painter.lock:
        painter.calls.clear()
    yield
    assert studio.get("/api/ledger/check")["differences"] == []


PRICES = {FLASH: 33_600, PRO: 134_000}


def asked(painter: GeminiServer) -> Counter[tuple[str, str]]:
    return Counter((call["model"], call["prompt"]) for call in painter.log())


def body(count: int, words: str, **more: object) -> dict[str, Any]:
    items = [{"variables": {"thing": f"thing {n}"}} for n in range(count)]
    return {"prompt": f"{words} {{thing}}", "provider": "gemini", "model": FLASH, "items": items} | more


def batch_of(stack: Stack, batch: str) -> Any:
    return stack.get(f"/api/batches/{batch}")


def until_review(stack: Stack, *batches: str) -> None:
    stack.until(
        lambda: all(batch_of(stack, one)["pilot"]["state"] == "review" for one in batches), "the sample to be made"
    )


def refused(stack: Stack, path: str, json: object) -> tuple[int, str]:
    answer = stack.http.post(stack.url + path, json=json)
    return answer.status_code, answer.json()["error"]["code"]


def test_of_a_pilot_nothing_is_made_or_paid_twice(studio: Stack, painter: GeminiServer):
    batch = studio.post("/api/batches", body(6, "once", pilot={"size": 2}))
    path = f"/api/batches/{batch['id']}"
    price = batch["pilot"]["sample_micros"] // 2
    assert batch["cost"]["held_micros"] == 2 * price > 0
    until_review(studio, batch["id"])
    other = studio.submit(4, provider="demo")["id"]  # the pilot stands in nobody's way

    seen = batch_of(studio, batch["id"])
    assert (seen["state"], seen["finished_at"], seen["eta_seconds"]) == ("review", None, None)
    assert (seen["cost"]["held_micros"], seen["cost"]["settled_micros"]) == (0, 2 * price)
    assert studio.until_done(other)["succeeded"] == 4
    before = {item["id"]: item for item in studio.items(batch["id"])[:2]}
    assert len(painter.log()) == 2

    for _ in range(3):  # a double click, another tab
        assert studio.post(f"{path}/pilot/approve", {"round": 1})["pilot"]["state"] == "approved"

    assert studio.until_done(batch["id"])["succeeded"] == 6
    assert asked(painter) == Counter({(FLASH, f"once thing {n}"): 1 for n in range(6)})
    after = {item["id"]: item for item in studio.items(batch["id"])}
    assert {item_id: after[item_id] for item_id in before} == before
    assert batch_of(studio, batch["id"])["cost"]["settled_micros"] == 6 * price


def test_a_sample_is_made_again_with_other_words_and_the_rest_takes_them(studio: Stack, painter: GeminiServer):
    batch = studio.post("/api/batches", body(4, "first", pilot={"mode": "chosen", "indexes": [1, 3]}))["id"]
    path = f"/api/batches/{batch}"
    until_review(studio, batch)
    old = studio.items(batch)[1]["result"]
    changes = {"prompt": "second {thing}", "provider": "gemini", "model": PRO}
    quoted = studio.post(f"{path}/pilot/estimate", changes)

    again = studio.post(f"{path}/pilot/repeat", changes | {"round": 1})
    assert again["pilot"]["round"] == 2
    assert quoted["sample_micros"] == again["pilot"]["sample_micros"] > 0
    assert refused(studio, f"{path}/pilot/repeat", changes | {"round": 1})[0] == 409
    until_review(studio, batch)

    new = studio.items(batch)[1]["result"]
    assert new["url"] != old["url"]
    assert studio.http.get(studio.url + new["url"]).ok
    assert studio.http.get(studio.url + new["thumbnail_url"]).ok
    assert studio.http.get(studio.url + old["url"]).status_code == 404
    assert refused(studio, f"{path}/pilot/approve", {"round": 1}) == (409, "pilot_changed")
    studio.post(f"{path}/pilot/approve", {"round": 2})

    assert studio.until_done(batch)["succeeded"] == 4
    expected = {(FLASH, f"first thing {n}"): 1 for n in (1, 3)} | {(PRO, f"second thing {n}"): 1 for n in range(4)}
    assert asked(painter) == Counter(expected)
    settled = batch_of(studio, batch)["cost"]["settled_micros"]
    assert settled == sum(item["cost_micros"] for item in studio.items(batch))


def test_what_is_stopped_after_its_sample_is_never_sent(studio: Stack, painter: GeminiServer):
    batch = studio.post("/api/batches", body(5, "stop", pilot={"size": 1}))["id"]
    until_review(studio, batch)

    ended = studio.post(f"/api/batches/{batch}/cancel")

    assert (ended["state"], ended["pilot"]["state"]) == ("completed", "stopped")
    assert (ended["counts"]["succeeded"], ended["counts"]["cancelled"]) == (1, 4)
    assert refused(studio, f"/api/batches/{batch}/pilot/approve", {}) == (409, "pilot_not_ready")
    assert studio.http.get(f"{studio.url}/api/batches/{batch}/archive").ok
    assert studio.until_done(studio.submit(4, provider="demo")["id"])["succeeded"] == 4  # the queue has gone by it
    assert len(painter.log()) == 1
    assert studio.http.delete(f"{studio.url}/api/batches/{batch}").status_code == 204


def test_the_sample_is_still_in_review_after_everything_was_killed(
    studio: Stack, painter: GeminiServer, own_redis: RedisServer
):
    batch = studio.post("/api/batches", body(4, "kept", pilot={"size": 2}))["id"]
    until_review(studio, batch)
    studio.kill_worker()
    own_redis.stop()
    own_redis.start()
    studio.start_worker()

    studio.until(lambda: batch_of(studio, batch)["pilot"]["state"] == "review", "the state after the restart")
    studio.until(lambda: studio.get("/health")["status"] == "ok", "a worker")
    assert len(painter.log()) == 2
    studio.post(f"/api/batches/{batch}/pilot/approve", {})

    assert studio.until_done(batch)["succeeded"] == 4
    assert set(asked(painter).values()) == {1}


def capped(stack: Stack, micros: int | None) -> None:
    answer = stack.http.put(f"{stack.url}/api/budgets/team", json={"monthly_micros": micros})
    answer.raise_for_status()


def test_a_budget_that_reaches_for_the_sample_alone_refuses_the_approval_with_the_figures(
    studio: Stack, painter: GeminiServer
):
    team = studio.get("/api/money")["team"]
    used = team["held_micros"] + team["settled_micros"] + team["possibly_paid_micros"]
    price = PRICES[FLASH]
    try:
        capped(studio, used + 3 * price)
        batch = studio.post("/api/batches", body(5, "capped", pilot={"size": 2}))["id"]
        until_review(studio, batch)

        assert refused(studio, f"/api/batches/{batch}/pilot/approve", {}) == (402, "budget_exceeded")
        assert refused(studio, f"/api/batches/{batch}/pilot/repeat", {}) == (402, "budget_exceeded")
        seen = batch_of(studio, batch)
        assert (seen["state"], seen["cost"]["held_micros"], seen["pilot"]["held_back"]) == ("review", 0, 3)
        duel = body(3, "duelled", pilot={"size": 1}, contestants=[{}, {"prompt": "b {thing}"}])
        assert refused(studio, "/api/duels", duel) == (402, "budget_exceeded")
        capped(studio, used + 5 * price)
        studio.post(f"/api/batches/{batch}/pilot/approve", {})

        assert studio.until_done(batch)["succeeded"] == 5
        assert Counter(call["prompt"].split()[0] for call in painter.log()) == {"capped": 5}
    finally:
        capped(studio, None)


def test_a_duel_shows_price_and_time_and_only_the_chosen_one_goes_on(studio: Stack, painter: GeminiServer):
    contestants = [{"prompt": "ink {thing}"}, {"model": PRO}, {"prompt": "oil {thing}"}]
    duel = studio.post("/api/duels", body(5, "plain", pilot={"size": 2}, contestants=contestants))
    batches = [one["batch"]["id"] for one in duel["contestants"]]
    until_review(studio, *batches)

    made = studio.get(f"/api/duels/{duel['id']}")["contestants"]
    assert all(one["cost_micros"] == one["batch"]["pilot"]["sample_micros"] > 0 for one in made)
    assert all(one["seconds_each"] is not None for one in made)
    assert made[1]["cost_micros"] > made[0]["cost_micros"]
    for _ in range(2):
        chosen = studio.post(f"/api/duels/{duel['id']}/choose", {"batch_id": batches[1]})
    assert chosen["chosen"] == batches[1]
    assert refused(studio, f"/api/duels/{duel['id']}/choose", {"batch_id": batches[0]}) == (409, "duel_decided")

    assert studio.until_done(batches[1])["succeeded"] == 5
    for loser in (batches[0], batches[2]):
        ended = batch_of(studio, loser)
        assert (ended["state"], ended["pilot"]["state"]) == ("completed", "stopped")
        assert (ended["counts"]["succeeded"], ended["counts"]["cancelled"]) == (2, 3)
    expected = {(FLASH, f"{words} thing {n}"): 1 for words in ("ink", "oil") for n in range(2)}
    expected |= {(PRO, f"plain thing {n}"): 1 for n in range(5)}
    assert asked(painter) == Counter(expected)
