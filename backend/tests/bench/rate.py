"""How a limit of the provider is held and used, by two workers with one key, from the provider's own log."""

from collections.abc import Iterator
from pathlib import Path

import requests

from tests.bench.table import Found
from tests.bench.upstream import upstream
from tests.conftest import UNHURRIED, RedisServer
from tests.stack import KEYS, running

_WORKERS, _SLOTS, _LIMIT, _WINDOW_S = 2, 32, 300, 10.0


def measure_rate(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """Three windows' worth of items each run, at a provider that refuses what is over its limit in a window."""
    refused, most, used = [], [], []
    for n in range(runs):
        with upstream(latency=0.05, limit=_LIMIT, window=_WINDOW_S) as url, running(
            folder / f"stack{n}", redis.fresh(), workers=_WORKERS, WORKER_CONCURRENCY=_SLOTS,
            DOUBAO_CONCURRENCY=2 * _SLOTS, DOUBAO_RATE_PER_MINUTE=_LIMIT, RATE_WINDOW_SECONDS=_WINDOW_S,
            DOUBAO_BASE_URL=f"{url}/api/v3", DOUBAO_API_KEY=KEYS["doubao"], **UNHURRIED,
        ) as stack:  # fmt: skip
            batch = stack.submit(3 * _LIMIT, provider="doubao")["id"]
            assert stack.until_done(batch, 60 + 5 * _WINDOW_S)["succeeded"] == 3 * _LIMIT
            calls = requests.get(f"{url}/_log", timeout=30).json()
        times = sorted(call["received"] for call in calls)
        refused.append(float(sum(call["status"] == 429 for call in calls)))
        most.append(_most(times, _WINDOW_S) / _LIMIT)
        windows = (len(times) - _LIMIT) / _LIMIT  # that the rest would take at the limit, and took
        used.append(windows * _WINDOW_S / (times[-1] - times[_LIMIT - 1]))
    title = f"{_LIMIT} calls in {_WINDOW_S:g} s, three times as many items"
    yield Found(f"{title}: answers 429", "<= 0", refused)
    yield Found(f"{title}: most calls in a window / limit", "<= 1", most)
    yield Found(f"{title}: limit used after the first window", ">= 0.95", used)


def _most(times: list[float], window_s: float) -> int:
    """The most calls in any window."""
    first, most = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - window_s:
            first += 1
        most = max(most, last - first + 1)
    return most
