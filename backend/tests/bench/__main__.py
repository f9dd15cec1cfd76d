"""`make bench`: what a batch costs beyond the provider's own time, and in Redis. Ratios, for this machine.

The upstream is a server of ours that answers after a fixed time, in a process of its own; everything else is the real
stack. Ideal: as many rounds of that time as the slots need.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from batchgen.store.connection import connect
from tests.conftest import BACKEND, PYTHON, RedisServer
from tests.stack import KEYS, Stack, running

GOALS = {"wall / ideal": 1.05, "Redis bytes per finished item": 1500}


@contextmanager
def upstream(latency_s: float) -> Iterator[str]:
    """A Doubao that takes `latency_s` per picture; its base URL."""
    command = [PYTHON, "-m", "tests.fakes.doubao_server", "--port", "0", "--latency", str(latency_s)]
    with subprocess.Popen(command, cwd=BACKEND, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}/api/v3"
        finally:
            server.terminate()


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
        with upstream(latency_s) as url, running(
            folder / "stack", redis, WORKER_CONCURRENCY=slots, DOUBAO_CONCURRENCY=slots, DOUBAO_BASE_URL=url,
            DOUBAO_API_KEY=KEYS["doubao"],
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
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), asked.items, asked.slots, asked.latency, asked.runs)
    out = sys.stdout
    out.write(f"{asked.items} items of {asked.latency} s at {asked.slots} slots, {asked.runs} runs\n")
    for name, values in found.items():
        line = f"median {statistics.median(values):.3f}  (min {min(values):.3f}, max {max(values):.3f})"
        out.write(f"  {name:32} {line}  goal <= {GOALS[name]}\n")
    out.write(json.dumps({name: statistics.median(values) for name, values in found.items()}) + "\n")


if __name__ == "__main__":
    main()
