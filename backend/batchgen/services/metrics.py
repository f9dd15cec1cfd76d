"""What Prometheus reads: the counts of all processes, and how things stand now."""

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from batchgen import __version__
from batchgen.domain.models import User
from batchgen.observability.metrics import COUNTED, sample_of
from batchgen.services.access import require_admin
from batchgen.store.load import Loads
from batchgen.store.metrics import Metrics
from batchgen.store.queue import Queue
from batchgen.store.streams import Streams

type _Samples = dict[str, list[tuple[dict[str, str], float]]]


class MetricsService:
    """`token`: opens the metrics to whoever sends it; empty: to admins only. `ship`: brings in what this process has
    counted."""

    def __init__(
        self, metrics: Metrics, queue: Queue, loads: Loads, streams: Streams, ship: Callable[[], None], token: str
    ) -> None:
        self._metrics, self._queue, self._loads, self._streams = metrics, queue, loads, streams
        self._ship, self._token = ship, token.encode()

    def opens(self, token: str) -> bool:
        """Whether `token` is the operator's METRICS_TOKEN."""
        return bool(self._token) and hmac.compare_digest(token.encode(), self._token)

    def text(self, user: User | None) -> bytes:
        """In Prometheus's text format. `user`: who asks, None where the token has opened it. Raises AppError: that it
        is for admins only, state_unavailable."""
        if user is not None:
            require_admin(user)
        self._ship()
        registry = CollectorRegistry()
        registry.register(_Collected([*_families(self._metrics.sums()), *self._now()]))
        return generate_latest(registry)

    def _now(self) -> Iterator[Metric]:
        queued, running, resting = defaultdict[str, int](int), defaultdict[str, int](int), dict[str, int]()
        for lane in self._queue.lanes():
            provider, load = lane.partition("/")[0], self._loads.of(lane)
            queued[provider] += sum(load.queued)
            running[provider] += load.running
            resting[provider] = sum(rest is not None for rest in self._queue.key_rests(provider).values())
        yield _gauge("batchgen_queue_items", "Items that may run and wait for their turn.", queued)
        yield _gauge("batchgen_running_items", "Items that are being made.", running)
        yield _gauge("batchgen_resting_keys", "Keys that may not be used for now.", resting)
        yield GaugeMetricFamily("batchgen_waiting_items", "Items between two attempts.", self._metrics.waiting())
        yield GaugeMetricFamily("batchgen_worker_slots", "Items that live workers can make at once.",
                                self._queue.live_slots())  # fmt: skip
        yield GaugeMetricFamily("batchgen_sse_streams", "Open event streams of all processes.", self._streams.count())
        spent = CounterMetricFamily("batchgen_spend_micros", "Settled micro-USD.", labels=["provider"])
        for provider, micros in self._metrics.spent().items():
            spent.add_metric([provider], micros)
        yield spent
        build = GaugeMetricFamily("batchgen_build_info", "1, with the version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build


class _Collected(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _gauge(name: str, about: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=["provider"])
    for provider, value in sorted(values.items()):
        family.add_metric([provider], value)
    return family


def _families(sums: dict[str, float]) -> Iterator[Metric]:
    """The sums as the families that this version counts; what an older one counted is left out."""
    samples: _Samples = defaultdict(list)
    for text, value in sums.items():
        name, labels = sample_of(text)
        samples[name].append((labels, value))
    for family in COUNTED.collect():
        made = Metric(family.name, family.documentation, family.type)
        ends = ("_bucket", "_count", "_sum") if family.type == "histogram" else ("_total",)
        rows = [(labels, end, value) for end in ends for labels, value in samples[family.name + end]]
        for labels, end, value in sorted(rows, key=_place):
            made.add_sample(family.name + end, labels, value)
        yield made


def _place(row: tuple[dict[str, str], str, float]) -> tuple[list[tuple[str, str]], str, float]:
    """Series beside each other, their buckets by size."""
    labels, end, _ = row
    series = sorted((name, value) for name, value in labels.items() if name != "le")
    return series, end, float(labels.get("le", 0))
