"""Workers and Redis are killed in the middle; the provider's own log says what was called how often."""

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RedisServer
from tests.fakes.doubao_server import DoubaoServer
from tests.stack import KEYS, Stack, running

SLOTS = 32


@pytest.fixture
def fake():
    with DoubaoServer(keys=[KEYS["doubao"]], latency_s=2.0) as server:
        yield server


def settings(fake: DoubaoServer, **more: Any) -> dict[str, Any]:
    return {
        "DOUBAO_API_KEY": KEYS["doubao"], "DOUBAO_BASE_URL": fake.base_url, "DOUBAO_CONCURRENCY": SLOTS,
        "WORKER_CONCURRENCY": SLOTS,
    } | more  # fmt: skip


def submit(stack: Stack, count: int) -> str:
    items = [{"prompt": f"picture {n}"} for n in range(count)]
    return str(stack.post("/api/batches", {"prompt": "p", "provider": "doubao", "items": items})["id"])


def calls(fake: DoubaoServer) -> Counter[str]:
    return Counter(call["prompt"] for call in fake.log())


def in_states(stack: Stack, batch: str, *states: str) -> set[str]:
    return {i["prompt"] for i in stack.items(batch) if i["state"] in states}


def test_kill_9_of_the_worker_loses_nothing_and_repeats_only_what_was_running(
    tmp_path: Path, own_redis: RedisServer, fake: DoubaoServer
):
    with running(tmp_path, own_redis, **settings(fake)) as stack:
        batch = submit(stack, 232)
        stack.until(lambda: len(fake.log()) == SLOTS, "32 calls under way")
        stack.kill_worker(signal.SIGKILL)
        ran = set(calls(fake))
        queued = in_states(stack, batch, "queued")
        assert (len(ran), len(queued)) == (32, 200)

        stack.start_worker()
        counts = stack.until_done(batch, 120)

        assert counts["succeeded"] == 232
        seen = calls(fake)
        assert {prompt: seen[prompt] for prompt in queued} == dict.fromkeys(queued, 1)
        assert all(1 <= seen[prompt] <= 2 for prompt in ran)
        rerun = [i for i in stack.items(batch) if i["prompt"] in ran and seen[i["prompt"]] == 2]
        assert all(i["possibly_paid"] and i["attempts"] == 2 for i in rerun)


def test_sigterm_lets_running_calls_finish_and_sends_nothing_twice(
    tmp_path: Path, own_redis: RedisServer, fake: DoubaoServer
):
    with running(tmp_path, own_redis, **settings(fake)) as stack:
        batch = submit(stack, 80)
        stack.until(lambda: len(fake.log()) >= SLOTS, "calls under way")
        stack.kill_worker(signal.SIGTERM)

        stack.start_worker()
        counts = stack.until_done(batch, 120)

        assert counts["succeeded"] == 80
        assert set(calls(fake).values()) == {1}
        assert not any(i["possibly_paid"] for i in stack.items(batch))


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_an_outage_of_redis_answers_503_and_then_all_goes_on_by_itself(
    tmp_path: Path, own_redis: RedisServer, fake: DoubaoServer, kill: bool
):
    fake.control({"latency_s": 1.0})
    with running(tmp_path, own_redis, **settings(fake)) as stack:
        batch = submit(stack, 160)
        stack.until(lambda: len(fake.log()) >= SLOTS, "calls under way")
        own_redis.stop(kill=kill)

        answer: Any = stack.http.get(f"{stack.url}/api/batches/{batch}")
        assert answer.status_code == 503
        assert answer.json()["success"] is False
        assert answer.json()["error"]["code"] == "state_unavailable"
        assert stack.http.get(f"{stack.url}/health").status_code == 503
        stack.until(lambda: all(c["answered"] for c in fake.log()), "the running calls to end in the outage")
        own_redis.start()

        counts = stack.until_done(batch, 120)
        assert counts["succeeded"] == 160
        assert set(calls(fake).values()) == {1}


def test_a_picture_that_an_interrupted_attempt_left_is_used_and_not_paid_again(
    tmp_path: Path, own_redis: RedisServer, fake: DoubaoServer
):
    """The worker dies between keeping the bytes and finishing the item: Redis is away just then."""
    fake.control({"latency_s": 1.0})
    with running(tmp_path, own_redis, **settings(fake)) as stack:
        batch = submit(stack, 8)
        stack.until(lambda: len(fake.log()) == 8, "calls under way")
        own_redis.stop()
        kept = tmp_path / "var" / "files" / "kept"
        stack.until(lambda: len(list(kept.rglob("*.json"))) == 8, "the pictures to be kept")
        stack.kill_worker(signal.SIGKILL)
        own_redis.start()
        stack.start_worker()

        counts = stack.until_done(batch, 120)

        assert counts["succeeded"] == 8
        assert set(calls(fake).values()) == {1}
        assert not any(i["possibly_paid"] for i in stack.items(batch))
        assert not list(kept.rglob("*.json"))
