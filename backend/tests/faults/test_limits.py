"""Keys that fail, calls that fail at random, providers that fail: the batch goes on, and each call is counted."""

import io
import random
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RedisServer
from tests.fakes.calls import Call
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.stack import Stack, running

GEMINI = ("AIza-first-key-of-the-team-0001", "AIza-second-key-of-the-team-0002")
DOUBAO = ("sk-doubao-key-of-the-team-0001",)
SURE, UNSURE = ("burst", "unavailable"), ("reset", "hang", "truncated")


def stack_of(folder: Path, redis: RedisServer, gemini: GeminiServer, doubao: DoubaoServer, **more: object) -> Any:
    settings: dict[str, Any] = {
        "GEMINI_API_KEY": ",".join(GEMINI), "GEMINI_BASE_URL": gemini.url, "DOUBAO_API_KEY": DOUBAO[0],
        "DOUBAO_BASE_URL": doubao.base_url, "PROVIDER_TIMEOUT_SECONDS": 3, "BREAKER_SECONDS": 1,
    }  # fmt: skip
    return running(folder, redis, **(settings | more))


def providers_of(stack: Stack, batch: str) -> Counter[str]:
    return Counter(item["provider"] for item in stack.items(batch))


@pytest.mark.timeout(300)
def test_with_three_of_ten_calls_failing_all_is_made_and_every_call_is_counted(tmp_path: Path, own_redis: RedisServer):
    dice = random.Random(20261125)

    def fail_at_random(_call: Call) -> str | None:
        return dice.choice(SURE + UNSURE) if dice.random() < 0.3 else None

    with GeminiServer() as gemini, DoubaoServer(keys=DOUBAO, plan=fail_at_random, latency_s=0.02) as doubao, stack_of(
        tmp_path, own_redis.fresh(), gemini, doubao, DOUBAO_CONCURRENCY=32, PROVIDER_TIMEOUT_SECONDS=1
    ) as stack:  # fmt: skip
        items = [{"prompt": f"picture {n}"} for n in range(300)]
        batch = stack.post("/api/batches", {"prompt": "p", "provider": "doubao", "items": items})["id"]
        while (counts := stack.until_done(batch, 200))["failed"]:
            failed = [item for item in stack.items(batch) if item["state"] == "failed"]
            # a person has to say that it may cost again, or four tries went wrong, as a few of 300 do
            assert all(item["possibly_paid"] or item["attempts"] >= 4 for item in failed)
            stack.post(f"/api/batches/{batch}/retry", {})

        assert counts["succeeded"] == 300
        calls = {f"picture {n}": [] for n in range(300)}  # type: dict[str, list[str]]
        for call in doubao.log():
            calls[call["prompt"]].append(call["behaviour"])
        price = 0
        for item in stack.items(batch):
            made = calls[item["prompt"]]
            assert item["attempts"] == len(made)
            assert made.count("ok") == 1
            log = stack.get(f"/api/items/{item['id']}")["attempt_log"]
            assert [a["charged"] == "unknown" for a in log] == [behaviour in UNSURE for behaviour in made]
            price = item["cost_micros"]
        unsure = sum(behaviour in UNSURE for made in calls.values() for behaviour in made)
        cost = stack.get(f"/api/batches/{batch}")["cost"]
        assert cost["settled_micros"] == 300 * price
        assert cost["possibly_paid_micros"] == unsure * price
        assert cost["held_micros"] == 0


def key_states(stack: Stack, provider: str) -> list[tuple[str, str | None]]:
    found = next(p for p in stack.get("/api/providers/health") if p["id"] == provider)
    return [(key["tail"], key["rest"] and key["rest"]["category"]) for key in found["keys"]]


def test_of_two_keys_one_revoked_and_one_over_its_day_the_batch_waits_for_the_reset(
    tmp_path: Path, own_redis: RedisServer
):
    with GeminiServer(keys=GEMINI, latency_s=0.2) as gemini, DoubaoServer(keys=DOUBAO) as doubao, stack_of(
        tmp_path, own_redis.fresh(), gemini, doubao, GEMINI_CONCURRENCY=2
    ) as stack:  # fmt: skip
        batch = stack.submit(40, provider="gemini")["id"]
        stack.until(lambda: stack.counts(batch)["succeeded"] >= 6, "both keys at work")
        assert {call["key"] for call in gemini.log()} == {0, 1}
        gemini.keys = ("somebody-else's", GEMINI[1])

        stack.until(lambda: stack.counts(batch)["succeeded"] >= 16, "the second key to go on alone")
        assert key_states(stack, "gemini") == [("0001", "auth"), ("0002", None)]
        assert stack.counts(batch)["failed"] == 0
        gemini.plan = lambda _call: "quota_day"
        stack.until(lambda: stack.get(f"/api/batches/{batch}")["hold"] is not None, "the queue to stand still")
        stack.until(lambda: stack.counts(batch)["running"] == 0, "the last calls to end")

        counts = stack.counts(batch)
        assert counts["failed"] == 0
        assert counts["waiting"] + counts["queued"] > 0
        waiting = [item for item in stack.items(batch) if item["state"] == "waiting"]
        assert {item["error"]["category"] for item in waiting} == {"quota_exhausted"}
        resets = [datetime.fromisoformat(item["retry_at"]) for item in waiting]
        assert max(resets) - min(resets) < timedelta(minutes=1)  # midnight over there
        assert stack.get("/health")["checks"]["providers"] == "resting"
        assert key_states(stack, "gemini") == [("0001", "auth"), ("0002", "quota_exhausted")]
        told = stack.http.get(f"{stack.url}/health").text + stack.http.get(f"{stack.url}/api/providers/health").text
        assert all(key not in told + stack.logs() for key in GEMINI)


def test_where_every_key_is_revoked_the_pile_fails_at_once_and_a_retry_asks_again(
    tmp_path: Path, own_redis: RedisServer
):
    with GeminiServer(keys=["new"]) as gemini, DoubaoServer(keys=DOUBAO) as doubao, stack_of(
        tmp_path, own_redis.fresh(), gemini, doubao
    ) as stack:  # fmt: skip
        batch = stack.submit(60, provider="gemini")["id"]

        assert stack.until_done(batch)["failed"] == 60
        assert {item["error"]["category"] for item in stack.items(batch)} == {"auth"}
        assert len(gemini.log()) <= 32  # what was under way; the rest was told without a call
        gemini.keys = GEMINI
        stack.post(f"/api/batches/{batch}/retry", {})
        assert stack.until_done(batch)["succeeded"] == 60


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer) -> Any:
    """Gemini, whose default model costs more than Doubao's."""
    folder = tmp_path_factory.mktemp("two")
    with GeminiServer(keys=GEMINI) as gemini, DoubaoServer(keys=DOUBAO) as doubao, stack_of(
        folder, own_redis.fresh(), gemini, doubao, MAX_ATTEMPTS=1, BREAKER_FAILURES=4, BREAKER_SECONDS=5
    ) as stack:  # fmt: skip
        yield gemini, doubao, stack


@pytest.fixture
def rested(two: Any) -> Any:
    two[2].forget_pace()
    for server in two[:2]:
        server.plan = ()
        server.calls.clear()
    return two


@pytest.mark.parametrize(
    ("behaviour", "category"),
    [
        ("rate_plain", "rate_limited"),
        ("quota_day", "quota_exhausted"),
        ("not_found", "model_unavailable"),
        ("internal", "upstream_error"),
        ("hang", "timeout"),
    ],
)
def test_what_one_provider_cannot_make_another_makes_and_the_item_says_so(rested: Any, behaviour: str, category: str):
    gemini, doubao, stack = rested
    gemini.plan = lambda _call: behaviour
    batch = stack.submit(3, provider="gemini", policy="same_price")["id"]

    assert stack.until_done(batch)["succeeded"] == 3
    for item in stack.items(batch):
        assert (item["provider"], item["moved_from"]["provider"]) == ("doubao", "gemini")
        assert item["moved_from"]["category"] == category
        assert item["cost_micros"] == 20_000
    assert len(doubao.log()) == 3
    cost = stack.get(f"/api/batches/{batch}")["cost"]
    assert (cost["held_micros"], cost["settled_micros"]) == (0, 60_000)
    archive = stack.http.get(f"{stack.url}/api/batches/{batch}/archive").content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert f"gemini/gemini-nano-banana-2.1 {category}" in files.read("manifest.csv").decode()


def test_the_pile_behind_a_provider_that_is_down_goes_on_with_the_next(rested: Any):
    gemini, _, stack = rested
    gemini.plan = lambda _call: "internal"
    batch = stack.submit(120, provider="gemini", policy="any")["id"]

    assert stack.until_done(batch)["succeeded"] == 120
    assert len(gemini.log()) < 60  # those that tried before it was left alone
    assert {item["provider"] for item in stack.items(batch)} == {"doubao"}


@pytest.mark.parametrize(
    ("provider", "policy", "moves"),
    [
        ("gemini", "none", False),
        ("gemini", "same_price", True),
        ("gemini", "any", True),
        ("doubao", "same_price", False),  # the other costs more
        ("doubao", "any", True),
    ],
)
def test_the_policy_of_the_batch_decides(rested: Any, provider: str, policy: str, moves: bool):
    gemini, doubao, stack = rested
    gemini.plan = doubao.plan = ()
    failing = gemini if provider == "gemini" else doubao
    failing.plan = lambda _call: "internal"
    batch = stack.submit(2, provider=provider, policy=policy)["id"]

    counts = stack.until_done(batch)

    assert counts["succeeded" if moves else "failed"] == 2
    assert {item["moved_from"] is not None for item in stack.items(batch)} == {moves}


def test_what_is_blocked_never_goes_elsewhere(rested: Any):
    gemini, doubao, stack = rested
    gemini.plan = lambda _call: "blocked"
    batch = stack.submit(2, provider="gemini", policy="any")["id"]

    assert stack.until_done(batch)["failed"] == 2
    assert {item["error"]["category"] for item in stack.items(batch)} == {"blocked"}
    assert doubao.log() == []
