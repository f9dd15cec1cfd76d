"""What is counted in every process, and how it reaches the one place where it is read.

Counters and histograms are prometheus-client's own; what they grew by is added up in Redis every few seconds, so that
one scrape of any web process tells of all processes on all machines, and a restart loses nothing.
"""

import atexit
import json
import threading
from collections.abc import Callable, Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

log = structlog.get_logger(__name__)
COUNTED = CollectorRegistry()
_SHIP_EVERY_S = 2.0
_QUICK_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
_SLOW_S = (0.5, 1, 2.5, 5, 10, 20, 30, 60, 90, 120, 180, 300)

HTTP_REQUESTS = Counter("batchgen_http_requests", "Answered requests.", ["method", "route", "status"], registry=COUNTED)
HTTP_SECONDS = Histogram(
    "batchgen_http_request_seconds", "Seconds until a request's answer began.", ["method", "route"],
    buckets=_QUICK_S, registry=COUNTED,
)  # fmt: skip
ATTEMPTS = Counter(
    "batchgen_attempts", "Ended attempts: succeeded, cancelled, or why they failed.", ["provider", "category"],
    registry=COUNTED,
)  # fmt: skip
ITEM_SECONDS = Histogram(
    "batchgen_item_seconds", "Seconds that a worker spent on one attempt at an item.", ["provider"], buckets=_SLOW_S,
    registry=COUNTED,
)  # fmt: skip
LEASES_LOST = Counter("batchgen_leases_lost", "Leases that ran out because their worker went silent.", registry=COUNTED)


def sample_name(name: str, labels: Mapping[str, str]) -> str:
    """One sample as a text; `sample_of` reads it."""
    return json.dumps([name, labels], sort_keys=True, separators=(",", ":"))


def sample_of(text: str) -> tuple[str, dict[str, str]]:
    name, labels = json.loads(text)
    return name, labels


class Shipper:
    """Adds what this process has counted to the sum of all. `add`: takes the growth of each sample."""

    def __init__(self, add: Callable[[Mapping[str, float]], None]) -> None:
        self._add, self._shipped = add, dict[str, float]()
        self._lock, self._stop = threading.Lock(), threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._loop, daemon=True, name="metrics").start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Bring in the last counts."""
        self._stop.set()
        self._safely()

    def ship(self) -> None:
        """What `add` raises is raised; what was not taken is brought again."""
        with self._lock:
            now = _samples()
            growth = {name: value - self._shipped.get(name, 0.0) for name, value in now.items()}
            growth = {name: value for name, value in growth.items() if value}
            if growth:
                self._add(growth)
            self._shipped = now

    def _loop(self) -> None:
        while not self._stop.wait(_SHIP_EVERY_S):
            self._safely()

    def _safely(self) -> None:
        try:
            self.ship()
        except Exception as away:  # noqa: BLE001 - counting must not end because Redis was away once
            log.debug("counts wait", reason=type(away).__name__)


def _samples() -> dict[str, float]:
    return {
        sample_name(sample.name, sample.labels): sample.value
        for family in COUNTED.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
