"""What waits for one provider holds nothing that another could use."""

from pathlib import Path

from tests.conftest import RedisServer
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.stack import KEYS, running


def test_items_that_wait_for_gemini_hold_no_slot_that_doubao_could_use(tmp_path: Path, own_redis: RedisServer):
    gemini = GeminiServer(keys=[KEYS["gemini"]], plan=lambda _call: "rate_minute")
    doubao = DoubaoServer(keys=[KEYS["doubao"]], latency_s=0.2)
    with gemini, doubao, running(
        tmp_path, own_redis, WORKER_CONCURRENCY=8, GEMINI_API_KEY=KEYS["gemini"], GEMINI_BASE_URL=gemini.url,
        DOUBAO_API_KEY=KEYS["doubao"], DOUBAO_BASE_URL=doubao.base_url,
    ) as stack:  # fmt: skip
        waiting = stack.submit(20, provider="gemini")["id"]
        stack.until(lambda: stack.counts(waiting)["waiting"] > 0 == stack.counts(waiting)["running"], "Gemini to rest")
        told = len(gemini.log())
        item = next(item for item in stack.items(waiting) if item["state"] == "waiting")
        assert item["error"]["category"] == "rate_limited"
        assert item["retry_at"] > item["started_at"]

        other = stack.submit(40, provider="doubao")["id"]

        assert stack.until_done(other)["succeeded"] == 40
        assert stack.counts(waiting)["running"] == 0
        assert stack.get(f"/api/batches/{waiting}")["hold"]["category"] == "rate_limited"
        assert len(gemini.log()) == told <= 8  # those behind do not try the limit one by one
        gemini.plan = ()
        assert stack.until_done(waiting)["succeeded"] == 20
