"""Metrics and logs of the real stack: two web processes and a worker, told of in one scrape."""

import json

from tests.api.test_metrics import samples
from tests.conftest import RedisServer
from tests.stack import Stack, Stream, running


def scrape(stack: Stack) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return samples(stack.http.get(f"{stack.url}/metrics", timeout=30).text)


def test_one_scrape_tells_of_all_processes_and_every_log_line_whose_it_is(tmp_path, own_redis: RedisServer):
    with running(tmp_path, own_redis, WEB_WORKERS=2, WORKER_CONCURRENCY=4) as stack:
        stack.until(lambda: scrape(stack)["batchgen_worker_slots", ()] == 4, "the worker's slots")
        stream = Stream(f"{stack.url}/api/events")
        stack.http.headers["X-Request-ID"] = "the-submit-of-a-test"
        ok = stack.submit(6)["id"]
        del stack.http.headers["X-Request-ID"]
        bad = stack.submit(2, prompt="x [fail:blocked]")["id"]
        stack.until_done(ok), stack.until_done(bad)

        def told() -> bool:
            now = scrape(stack)
            by = {dict(labels)["category"]: n for (name, labels), n in now.items() if name == "batchgen_attempts_total"}
            return by.get("succeeded", 0) == 6 and by.get("blocked", 0) == 2

        stack.until(told, "the attempts by category")
        now = scrape(stack)
        assert now["batchgen_item_seconds_count", (("provider", "demo"),)] == 8
        assert now["batchgen_sse_streams", ()] == 1
        assert now["batchgen_queue_items", (("provider", "demo"),)] == 0
        assert now["batchgen_running_items", (("provider", "demo"),)] == 0
        stream.close()
        stack.until(lambda: scrape(stack)["batchgen_sse_streams", ()] == 0, "the stream's end")
        stack.get(f"/api/batches/{ok}")

    lines = [json.loads(line) for line in stack.logs().splitlines() if line.startswith("{")]
    made = [line for line in lines if line["event"] == "picture came"]
    asked = [line for line in lines if line["event"] == "request" and line["path"] == f"/api/batches/{ok}"]
    assert len(made) == 6
    assert all(line["batch_id"] == ok and line["user_id"] == "local" for line in made)
    assert len({line["item_id"] for line in made}) == 6
    assert {line["request_id"] for line in made} == {"the-submit-of-a-test"}
    assert asked
    assert all(line["batch_id"] == ok and line["user_id"] == "local" and line["request_id"] for line in asked)
