"""`make bench`: what a batch costs beyond the provider's own time, and in Redis. Ratios, for this machine.

The upstream is a server of ours that answers after a fixed time, in a process of its own; everything else is the real
stack. Ideal: as many rounds of that time as the slots need.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from batchgen.store.connection import connect
from tests.bench.rate import measure_rate
from tests.bench.upstream import upstream
from tests.conftest import RedisServer
from tests.stack import KEYS, Stack, running

GOALS = {"wall / ideal": "<= 1.05", "Redis bytes per finished item": "<= 1500"}
RATE_GOALS = {
    "answers 429": "0",
    "most calls in a window / limit": "<= 1",
    "limit used after the first window": ">= 0.95",
}


def run_batch(stack: Stack, items: int) -> float:
    """Seconds from the first to the last moment of one batch, by the server's clock."""
    body = {"prompt": "p", "provider": "doubao", "items": [{"prompt": f"picture {n}"} for n in range(items)]}
    batch = stack.post("/api/batches", body)["id"]
    counts = stack.until_done(batch, 600)
    assert counts["succeeded"] == items, counts
    found = stack.get(f"/api/batches/{batch}")
    return float(_seconds(found["finished_at"]) - _seconds(found["created_at"]))


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def used_bytes(redis: RedisServer) -> int:
    client = connect(redis.url)
    try:
        return int(client.info("memory")["used_memory"])
    finally:
        client.close()


def measure(folder: Path, items: int, slots: int, latency_s: float, runs: int) -> dict[str, list[float]]:
    redis = RedisServer(folder / "redis")
    redis.start()
    try:
        with upstream(latency=latency_s) as url, running(
            folder / "stack", redis, WORKER_CONCURRENCY=slots, DOUBAO_CONCURRENCY=slots,
            DOUBAO_BASE_URL=f"{url}/api/v3", DOUBAO_API_KEY=KEYS["doubao"],
        ) as stack:  # fmt: skip
            run_batch(stack, slots)  # warm: imports, connections, children
            ideal = math.ceil(items / slots) * latency_s
            found: dict[str, list[float]] = {name: [] for name in GOALS}
            for _ in range(runs):
                before = used_bytes(redis)
                found["wall / ideal"].append(run_batch(stack, items) / ideal)
                time.sleep(1)  # buffers of connections that are closing are not the items'
                found["Redis bytes per finished item"].append((used_bytes(redis) - before) / items)
            return found
    finally:
        redis.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--slots", type=int, default=32)
    parser.add_argument("--latency", type=float, default=2.0, help="seconds per picture")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=int, default=300, help="calls in a window, for the run at a limit")
    parser.add_argument("--window", type=float, default=10.0, help="its seconds; 60 is the real thing")
    parser.add_argument("--only", choices=["wall", "rate"])
    asked = parser.parse_args()
    if asked.only != "rate":
        with tempfile.TemporaryDirectory() as folder:
            found = measure(Path(folder), asked.items, asked.slots, asked.latency, asked.runs)
        told(f"{asked.items} items of {asked.latency} s at {asked.slots} slots, {asked.runs} runs", found, GOALS)
    if asked.only != "wall":
        with tempfile.TemporaryDirectory() as folder:
            found = measure_rate(Path(folder), asked.limit, asked.window, asked.runs)
        told(f"{asked.limit} calls per {asked.window} s, three times as many items, two workers", found, RATE_GOALS)


def told(title: str, found: dict[str, list[float]], goals: dict[str, str]) -> None:
    out = sys.stdout
    out.write(f"{title}\n")
    for name, values in found.items():
        line = f"median {statistics.median(values):.3f}  (min {min(values):.3f}, max {max(values):.3f})"
        out.write(f"  {name:36} {line}  goal {goals[name]}\n")
    out.write(json.dumps({name: statistics.median(values) for name, values in found.items()}) + "\n")


if __name__ == "__main__":
    main()
