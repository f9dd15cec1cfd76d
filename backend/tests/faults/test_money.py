"""Money under storms on the real stack: caps hold, and the ledger, the items and the budgets agree after anything."""

import random
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import UNHURRIED, RedisServer
from tests.fakes.calls import Call
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.openai_server import OpenAIServer
from tests.stack import KEYS, Stack, running

FREE, UNSURE = ("data_blocked", "data_internal"), ("reset", "truncated")
PRICE = 20_000  # of a text-only picture by Doubao's default model


def settings(fake: DoubaoServer, **more: Any) -> dict[str, Any]:
    return {
        "DOUBAO_API_KEY": KEYS["doubao"], "DOUBAO_BASE_URL": fake.base_url, "DOUBAO_CONCURRENCY": 32,
        "PROVIDER_TIMEOUT_SECONDS": 1, "BREAKER_FAILURES": 1000,
    } | UNHURRIED | more  # fmt: skip


def failing(share: float, seed: int) -> Any:
    dice = random.Random(seed)

    def plan(_call: Call) -> str | None:
        return dice.choice((*FREE, *UNSURE)) if dice.random() < share else None

    return plan


def submit(stack: Stack, count: int) -> int:
    body = {"prompt": "p", "provider": "doubao", "items": [{}] * count}
    return requests.post(f"{stack.url}/api/batches", json=body, timeout=60).status_code


def used(stack: Stack) -> tuple[int, int]:
    """Held, and paid or possibly paid, of the team."""
    team = stack.get("/api/money")["team"]
    return team["held_micros"], team["settled_micros"] + team["possibly_paid_micros"]


def agrees(stack: Stack) -> bool:
    assert stack.get("/api/ledger/check")["differences"] == []
    return True


def called(fake: DoubaoServer, times: int) -> bool:
    return len(fake.log()) >= times


def batches(stack: Stack) -> list[str]:
    return [batch["id"] for batch in stack.get("/api/batches", limit=200)["items"]]


@pytest.mark.timeout(240)
def test_two_hundred_submits_at_once_never_pass_the_cap_whatever_fails_and_is_cancelled(
    tmp_path: Path, own_redis: RedisServer
):
    cap = 37 * PRICE + PRICE - 1
    with DoubaoServer(keys=[KEYS["doubao"]], latency_s=0.2) as fake, running(
        tmp_path, own_redis.fresh(), **settings(fake, TEAM_BUDGET_USD=f"0.{cap:06}")
    ) as stack, ThreadPoolExecutor(20) as pool:  # fmt: skip
        answers = list(pool.map(lambda _: submit(stack, 1), range(200)))
        assert (answers.count(202), answers.count(402)) == (37, 163)
        for batch in batches(stack):
            stack.until_done(batch)
        assert used(stack) == (0, 37 * PRICE)
        assert agrees(stack)

        cap = 200 * PRICE
        stack.http.put(f"{stack.url}/api/budgets/team", json={"monthly_micros": cap}).raise_for_status()
        fake.plan = failing(0.4, 7)
        dice = random.Random(8)

        def storm(n: int) -> None:
            submit(stack, dice.randint(1, 12))
            if n % 5 == 0:
                victim = dice.choice(batches(stack))
                requests.post(
                    f"{stack.url}/api/batches/{victim}/{dice.choice(('cancel', 'retry'))}", json={}, timeout=60
                )
            assert sum(used(stack)) <= cap

        list(pool.map(storm, range(200)))
        for batch in batches(stack):
            stack.until_done(batch, 120)
        held, paid = used(stack)
        assert held == 0
        assert 37 * PRICE < paid <= cap
        assert paid >= PRICE * sum(call["behaviour"] in ("ok", *UNSURE) for call in fake.log())
        assert agrees(stack)


@pytest.mark.timeout(240)
def test_after_kills_of_the_worker_the_web_and_redis_all_accounts_agree(tmp_path: Path, own_redis: RedisServer):
    with DoubaoServer(keys=[KEYS["doubao"]], plan=failing(0.3, 20261125), latency_s=0.1) as fake, running(
        tmp_path, own_redis.fresh(), **settings(fake)
    ) as stack:  # fmt: skip
        items = [{"prompt": f"picture {n}"} for n in range(300)]
        batch = stack.post("/api/batches", {"prompt": "p", "provider": "doubao", "items": items})["id"]
        for calls in (60, 140, 220):
            stack.until(partial(called, fake, calls), f"{calls} calls")
            stack.kill_worker(signal.SIGKILL)
            assert agrees(stack)
            stack.start_worker()
        own_redis.stop(kill=True)
        own_redis.start()
        stack.kill_web()
        stack.start_web()
        while stack.until_done(batch, 120)["failed"]:
            stack.post(f"/api/batches/{batch}/retry", {})

        assert stack.counts(batch)["succeeded"] == 300
        assert agrees(stack)
        billed = sum(call["behaviour"] in ("ok", *UNSURE) for call in fake.log())
        [row] = stack.get("/api/ledger/summary", by="model")
        assert row["calls"] >= billed
        assert row["settled_micros"] + row["possibly_paid_micros"] == row["calls"] * PRICE
        assert row["settled_micros"] >= 300 * PRICE
        cost = stack.get(f"/api/batches/{batch}")["cost"]
        assert (cost["held_micros"], cost["settled_micros"]) == (0, row["settled_micros"])

        stack.http.delete(f"{stack.url}/api/batches/{batch}").raise_for_status()
        assert stack.get("/api/ledger/summary", by="model") == [row]
        assert agrees(stack)


def test_what_a_provider_says_it_took_is_what_is_paid(tmp_path: Path, own_redis: RedisServer):
    with GeminiServer(keys=["g"]) as gemini, OpenAIServer(keys=["o"]) as openai, running(
        tmp_path, own_redis.fresh(), GEMINI_API_KEY="g", GEMINI_BASE_URL=gemini.url, OPENAI_API_KEY="o",
        OPENAI_BASE_URL=openai.base_url,
    ) as stack:  # fmt: skip
        gemini_batch = stack.submit(1, provider="gemini", options={"size": "2K"})["id"]
        openai_batch = stack.submit(1, provider="openai")["id"]
        for batch in (gemini_batch, openai_batch):
            assert stack.until_done(batch)["succeeded"] == 1

        found = {e["provider"]: e for e in stack.get("/api/ledger")["items"]}
        assert (found["gemini"]["amount_micros"], found["gemini"]["quantity"]) == (1680 * 30, 1680)
        assert (found["openai"]["amount_micros"], found["openai"]["unit"]) == (1756 * 30 + 10 * 5, "tokens")
        for batch, provider in ((gemini_batch, "gemini"), (openai_batch, "openai")):
            cost = stack.get(f"/api/batches/{batch}")["cost"]
            assert (cost["held_micros"], cost["settled_micros"]) == (0, found[provider]["amount_micros"])
            [attempt] = stack.get(f"/api/items/{batch}-0")["attempt_log"]
            assert attempt["cost_micros"] == found[provider]["amount_micros"]
        assert agrees(stack)
