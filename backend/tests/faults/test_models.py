"""A model that disappears while batches run: the real stack, and a server that lists and refuses as OpenAI does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RedisServer
from tests.fakes.openai_server import OpenAIServer
from tests.stack import Stack, running

SECRET = "sk-test-secret-of-openai-0123456789"
MODEL, SUCCESSOR = "gpt-image-2.5-flare", "gpt-image-2.5-sunburst"
AT_ONCE = 2


@pytest.fixture(scope="module")
def fake() -> Iterator[OpenAIServer]:
    with OpenAIServer(keys=[SECRET], latency_s=0.3) as server:
        yield server


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer, fake: OpenAIServer) -> Iterator[Stack]:
    with running(
        tmp_path_factory.mktemp("models"), own_redis, workers=2, OPENAI_API_KEY=SECRET, OPENAI_BASE_URL=fake.base_url,
        OPENAI_CONCURRENCY=AT_ONCE, MODEL_PROBE_MINUTES=0.05, LOG_LEVEL="DEBUG",
    ) as found:  # fmt: skip
        yield found


def openai(stack: Stack) -> Any:
    return next(one for one in stack.get("/api/providers") if one["id"] == "openai")


def refused(fake: OpenAIServer) -> int:
    return sum(call["behaviour"] == "refused" for call in fake.log())


def test_a_model_that_disappears_in_the_middle_of_a_batch(stack: Stack, fake: OpenAIServer):
    assert openai(stack)["default_model"] == MODEL
    batch = stack.submit(20, provider="openai")["id"]
    stack.until(lambda: stack.counts(batch)["succeeded"] >= 3, "the first pictures")

    fake.gone = {MODEL}
    counts = stack.until_done(batch)

    # the rest fails with the reason and what to go on with, and all but those that ran then without a call
    assert counts["succeeded"] + counts["failed"] == 20
    failed = [item for item in stack.items(batch) if item["state"] == "failed"]
    assert {item["error"]["category"] for item in failed} == {"model_unavailable"}
    assert {str(item["error"]["successor"]) for item in failed} == {
        str({"provider": "openai", "model": SUCCESSOR, "name": "GPT Image 2.5 Sunburst (finest)"})
    }  # fmt: skip
    assert refused(fake) <= AT_ONCE
    assert sum(item["attempts"] for item in failed) == refused(fake)
    assert all((item["cost_micros"], item["possibly_paid"]) == (0, False) for item in failed)

    # the catalogue says so, and what comes is refused by name or takes the new default
    stack.until(lambda: openai(stack)["moved_from"] == MODEL, "the default to move")
    told = openai(stack)
    gone = next(model for model in told["models"] if model["id"] == MODEL)
    assert (told["default_model"], gone["available"], gone["successor"]) == (SUCCESSOR, False, SUCCESSOR)
    body = {"prompt": "p", "items": [{}], "provider": "openai", "model": MODEL}
    answer = stack.http.post(f"{stack.url}/api/batches", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "model_gone")
    assert SUCCESSOR in answer.json()["error"]["message"]

    # one click: the failed ones with the successor, and nothing that succeeded once more
    heir = failed[0]["error"]["successor"]
    stack.post(
        f"/api/batches/{batch}/retry",
        {"categories": ["model_unavailable"], "provider": heir["provider"], "model": heir["model"]},
    )
    assert stack.until_done(batch)["succeeded"] == 20
    assert len(fake.log()) - refused(fake) == 20


def test_a_model_that_comes_back_is_the_default_again(stack: Stack, fake: OpenAIServer):
    fake.gone = {MODEL}
    stack.until(lambda: openai(stack)["moved_from"] == MODEL, "the default to move")

    fake.gone = set()

    stack.until(lambda: openai(stack)["default_model"] == MODEL, "the default to come back")
    batch = stack.submit(1, provider="openai")["id"]
    assert stack.until_done(batch)["succeeded"] == 1


def test_a_list_that_cannot_be_read_takes_no_model_away(stack: Stack, fake: OpenAIServer):
    stack.until(lambda: openai(stack)["default_model"] == MODEL, "the model to be there")
    before = len(fake.probes)
    fake.probing = "html_502"
    stack.until(lambda: len(fake.probes) >= before + 2, "two probes in vain")
    fake.probing = "ok"

    assert openai(stack)["default_model"] == MODEL


def test_no_key_is_in_a_log_or_in_redis(stack: Stack, own_redis: RedisServer):
    stored = b"".join(p.read_bytes() for p in own_redis.folder.rglob("*") if p.is_file())

    assert "models probed" in stack.logs()
    assert SECRET not in stack.logs()
    assert SECRET.encode() not in stored


def ready(stack: Stack) -> int:
    return sum("ready." in line for line in stack.logs().splitlines())


def test_of_many_workers_one_probes_and_a_restart_does_not_ask_again(
    tmp_path: Path, redis_server: RedisServer, redis: object
):
    with OpenAIServer(keys=[SECRET]) as fake, running(
        tmp_path, redis_server, workers=3, OPENAI_API_KEY=SECRET, OPENAI_BASE_URL=fake.base_url,
    ) as stack:  # fmt: skip
        stack.until(lambda: stack.logs().count("models probed") >= 2, "openai and demo to be probed")
        stack.until(lambda: ready(stack) >= 3, "all workers")
        stack.kill_worker()
        stack.start_worker()
        stack.until(lambda: ready(stack) >= 4, "the new worker")
        batch = stack.submit(3, provider="openai")["id"]
        stack.until_done(batch)

        assert fake.probes == ["/v1/models"]
