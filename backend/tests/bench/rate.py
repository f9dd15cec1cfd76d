"""How a limit of the provider is held and used, by two workers with one key, from the provider's own log."""

from pathlib import Path

import requests

from tests.bench.upstream import upstream
from tests.conftest import RedisServer
from tests.stack import KEYS, running

_WORKERS, _SLOTS = 2, 32


def measure_rate(folder: Path, limit: int, window_s: float, runs: int) -> dict[str, list[float]]:
    """Three windows' worth of items each run, at a provider that refuses what is over `limit` in `window_s`."""
    found: dict[str, list[float]] = {
        "answers 429": [], "most calls in a window / limit": [], "limit used after the first window": [],
    }  # fmt: skip
    for n in range(runs):
        redis = RedisServer(folder / f"redis{n}")
        redis.start()
        try:
            with upstream(latency=0.05, limit=limit, window=window_s) as url, running(
                folder / f"stack{n}", redis, workers=_WORKERS, WORKER_CONCURRENCY=_SLOTS, DOUBAO_CONCURRENCY=2 * _SLOTS,
                DOUBAO_RATE_PER_MINUTE=limit, RATE_WINDOW_SECONDS=window_s, DOUBAO_BASE_URL=f"{url}/api/v3",
                DOUBAO_API_KEY=KEYS["doubao"],
            ) as stack:  # fmt: skip
                batch = stack.submit(3 * limit, provider="doubao")["id"]
                assert stack.until_done(batch, 60 + 5 * window_s)["succeeded"] == 3 * limit
                calls = requests.get(f"{url}/_log", timeout=30).json()
        finally:
            redis.stop()
        times = sorted(call["received"] for call in calls)
        found["answers 429"].append(sum(call["status"] == 429 for call in calls))
        found["most calls in a window / limit"].append(_most(times, window_s) / limit)
        windows = (len(times) - limit) / limit  # that the rest would take at the limit, and took
        found["limit used after the first window"].append(windows * window_s / (times[-1] - times[limit - 1]))
    return found


def _most(times: list[float], window_s: float) -> int:
    """The most calls in any window."""
    first, most = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - window_s:
            first += 1
        most = max(most, last - first + 1)
    return most
