"""Errors of the real stack, as the error tracker gets them: where it broke and the ids, and nobody's words."""

import requests

from batchgen.store.connection import connect
from tests.conftest import RedisServer
from tests.fakes.envelope_server import EnvelopeServer
from tests.stack import running

KEY, PROMPT = "AIza" + "k" * 30, "the-unpublished-teapot"


def test_an_error_in_web_and_worker_is_told_without_key_prompt_or_token(tmp_path, own_redis: RedisServer):
    with (
        EnvelopeServer() as tracker,
        running(tmp_path, own_redis, SENTRY_DSN=tracker.dsn, GEMINI_API_KEY=KEY, DEFAULT_PROVIDER="demo") as stack,
    ):
        redis = connect(own_redis.url)
        broken = stack.submit(1, prompt=PROMPT)["id"]
        stack.until_done(broken)
        redis.delete(f"bg:b:{broken}")
        redis.set(f"bg:b:{broken}", f"{PROMPT} {KEY}")  # a record that no code expects

        headers = {"Authorization": "Bearer some-token-of-a-person", "Cookie": "session=a-cookie-of-a-person"}
        answer = requests.get(f"{stack.url}/api/batches/{broken}", headers=headers, timeout=30)
        request_id = answer.json()["error"]["request_id"]
        assert answer.status_code == 500
        stack.until(lambda: any(e["tags"].get("request_id") == request_id for e in tracker.events), "the web's error")

        failed = stack.submit(1, prompt=f"{PROMPT} [fail:blocked]")["id"]
        stack.until_done(failed)
        redis.hset(f"bg:i:{failed}:0", "upload", PROMPT)  # the worker's KeyError will quote it
        stack.post(f"/api/batches/{failed}/retry", {})
        stack.until(
            lambda: any(e["tags"].get("item_id") == f"{failed}-0" for e in tracker.events), "the worker's error"
        )
        event = next(e for e in tracker.events if e["tags"].get("request_id") == request_id)
        redis.close()

    assert event["tags"]["user_id"] == "local"
    assert event["tags"]["batch_id"] == broken
    assert {e["exception"]["values"][-1]["type"] for e in tracker.events} >= {"ResponseError", "KeyError"}
    wrong = event["exception"]["values"][-1]
    assert wrong["type"] == "ResponseError"
    assert any(frame["function"] == "raw" for frame in wrong["stacktrace"]["frames"])
    sent = b"".join(tracker.raw)
    for word in (KEY, PROMPT, "some-token-of-a-person", "a-cookie-of-a-person", "WRONGTYPE"):
        assert word.encode() not in sent


def test_without_a_dsn_nothing_is_sent(tmp_path, own_redis: RedisServer):
    with EnvelopeServer() as tracker, running(tmp_path, own_redis) as stack:
        stack.get("/health")

    assert tracker.raw == []
