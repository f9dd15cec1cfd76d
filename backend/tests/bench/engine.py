"""What the engine costs beyond the provider's own time: wall, processor, memory, and whether workers add up."""

import json
import math
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench.table import Found
from tests.bench.upstream import upstream
from tests.bench.usage import cpu_seconds, memory_mb
from tests.conftest import BACKEND, PYTHON, UNHURRIED, RedisServer
from tests.stack import KEYS, Stack, running

_ITEMS, _SLOTS, _LATENCY_S = 400, 32, 2.0
_SERIAL = 8  # items of the serial loop, which is as slow for each


def run_batch(stack: Stack, items: int) -> float:
    """Seconds from the first to the last moment of one batch, by the server's clock."""
    body = {"prompt": "p", "provider": "doubao", "items": [{"prompt": f"picture {n}"} for n in range(items)]}
    batch = stack.post("/api/batches", body)["id"]
    counts = stack.until_done(batch, 600)
    assert counts["succeeded"] == items, counts
    found = stack.get(f"/api/batches/{batch}")
    return _seconds(found["finished_at"]) - _seconds(found["created_at"])


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def bare(url: str, items: int, slots: int) -> dict[str, float]:
    """Wall and processor seconds of the thread pool."""
    command = [PYTHON, "-m", "tests.bench.bare", url, str(items), str(slots)]
    done = subprocess.run(command, cwd=BACKEND, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def settings(url: str, slots: int) -> dict[str, Any]:
    return {
        "WORKER_CONCURRENCY": slots, "DOUBAO_CONCURRENCY": 256, "DOUBAO_BASE_URL": f"{url}/api/v3",
        "DOUBAO_API_KEY": KEYS["doubao"], **UNHURRIED,
    }  # fmt: skip


def wall(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    ideal = math.ceil(_ITEMS / _SLOTS) * _LATENCY_S
    with upstream(latency=_LATENCY_S) as url, running(folder, redis.fresh(), **settings(url, _SLOTS)) as stack:
        run_batch(stack, _SLOTS)  # warm: imports, connections, children
        ours, pool = [], []
        for _ in range(runs):  # in turns, so that what else the machine does meets both
            ours.append(run_batch(stack, _ITEMS))
            pool.append(bare(url, _ITEMS, _SLOTS)["wall"])
        serial = bare(url, _SERIAL, 1)["wall"] / _SERIAL * _ITEMS
    title = f"{_ITEMS} items of {_LATENCY_S:g} s at {_SLOTS} slots"
    yield Found(f"{title}: wall / ideal", "<= 1.05", [one / ideal for one in ours])
    yield Found(f"{title}: wall / bare thread pool", "<= 1.03", [a / b for a, b in zip(ours, pool, strict=True)])
    yield Found(
        "the same in a serial loop: wall / ours", "", [serial / one for one in ours], f"from {_SERIAL} items of it"
    )


def cost(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """An upstream that answers at once, so that what is measured is work and not waiting."""
    with upstream(latency=0.2) as url, running(folder, redis.fresh(), **settings(url, _SLOTS)) as stack:
        run_batch(stack, 4 * _SLOTS)
        worker, ratios, sizes = stack.workers[0].pid, [], []
        for _ in range(runs):
            before = cpu_seconds(worker)
            with _peak(worker) as peak:
                run_batch(stack, _ITEMS)
            ratios.append((cpu_seconds(worker) - before) / bare(url, _ITEMS, _SLOTS)["cpu"])
            sizes.append(peak.mb)
    yield Found(
        "processor per item / bare client call", "<= 1.3", ratios,
        "ours also decodes, checks and thumbnails each picture, in child processes",
    )  # fmt: skip
    yield Found(f"memory of a worker at {_SLOTS} slots, MB", "<= 300", sizes, "proportional, children included")


class _peak:
    """The most memory of a process and its children while it is entered."""

    def __init__(self, pid: int) -> None:
        self._pid, self.mb, self._ends = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.wait(0.5):
            self.mb = max(self.mb, memory_mb(self._pid))


def more_workers(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """Pictures per second of 1, 2 and 4 workers with 8 slots each."""
    slots, latency = 8, 2.0
    for workers in (2, 4):
        shares = []
        for n in range(runs):
            rates = {}
            for count in (1, workers):
                with upstream(latency=latency) as url, running(
                    folder / f"{workers}-{n}-{count}", redis.fresh(), count, **settings(url, slots)
                ) as stack:  # fmt: skip
                    run_batch(stack, count * slots)
                    items = 6 * count * slots
                    rates[count] = items / run_batch(stack, items)
            shares.append(rates[workers] / rates[1] / workers)
            time.sleep(0.2)
        yield Found(f"{workers} workers of {slots} slots: throughput / {workers} × that of one", ">= 0.95", shares)
