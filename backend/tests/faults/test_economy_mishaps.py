"""The economy lane: what it refuses, and a batch that meets every mishap at once."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from tests.conftest import RedisServer
from tests.fakes.calls import Call
from tests.fakes.gemini_batch_server import GeminiBatchServer
from tests.faults.economy import FULL, HALF, costs, of, stack_of, submit
from tests.stack import Stack


def refusal(stack: Stack, **body: object) -> tuple[str, str]:
    asked = {"prompt": "p", "items": [{}], "lane": "economy", "needed_by": "2030-01-01T00:00:00Z"} | body
    answer = requests.post(f"{stack.url}/api/batches", json=asked, headers={"Accept-Language": "en"}, timeout=10)
    assert answer.status_code == 422
    error = answer.json()["error"]
    return error["code"], error["details"][0]["field"]


def test_what_the_lane_cannot_do_is_refused_by_name(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    soon = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    with stack_of(tmp_path, own_redis, batch_api, workers=1, ECONOMY_SHORTEST_MINUTES=60) as stack:
        assert refusal(stack, provider="demo") == ("economy_not_offered", "lane")
        assert refusal(stack, provider="gemini", needed_by=None) == ("needed_by_missing", "needed_by")
        assert refusal(stack, provider="gemini", needed_by=soon) == ("needed_by_out_of_range", "needed_by")
        assert refusal(stack, provider="gemini") == ("needed_by_out_of_range", "needed_by")
        assert refusal(stack, provider="gemini", needed_by="tomorrow") == ("field_invalid", "needed_by")
        assert refusal(stack, provider="gemini", lane="normal") == ("field_invalid", "lane")


@pytest.mark.timeout(300)
def test_three_hundred_items_go_through_every_mishap_and_none_is_paid_twice(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    """One job is done in part, one never ends, the answer to one creation is lost with its worker."""

    def fate(call: Call) -> str | None:
        return "blocked" if int(call.prompt.split()[-1]) < 10 else None

    of(batch_api, plan=fate, job_plan=["ok", "hang", "lost"], only=30)
    with stack_of(
        tmp_path,
        own_redis,
        batch_api,
        ECONOMY_JOB_ITEMS=100,
        WORKER_CONCURRENCY=200,
        GEMINI_CONCURRENCY=400,
        PROVIDER_TIMEOUT_SECONDS=10,
    ) as stack:
        batch = submit(stack, 300, 80 + 3 + 20, full_price_ok=True)
        stack.until(lambda: batch_api.creates == 3, "three jobs")
        stack.kill_worker(signal.SIGKILL)
        stack.start_worker()

        counts = stack.until_done(batch, 200)

        assert (counts["succeeded"], counts["failed"]) == (290, 10)
        assert len(batch_api.jobs) == 3
        assert set(batch_api.made().values()) == {1}
        lanes = [item["lane"] for item in stack.items(batch) if item["state"] == "succeeded"]
        assert (lanes.count("economy"), lanes.count("normal")) == (220, 70)
        assert costs(stack, batch) == (220 * HALF + 70 * FULL, 0, 0)
