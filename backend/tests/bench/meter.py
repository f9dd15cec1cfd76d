"""What Redis itself says that it has done, by the part of the work that it was for."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from batchgen.store.connection import Client


class Reading(NamedTuple):
    cpu_us: float = 0.0
    commands: float = 0.0
    net_in: float = 0.0
    net_out: float = 0.0

    def plus(self, other: "Reading", sign: float = 1) -> "Reading":
        return Reading(*(a + sign * b for a, b in zip(self, other, strict=True)))


class Meter:
    """Redis's main thread, its commands (those inside scripts too) and its bytes. What the reading itself costs is
    taken off."""

    def __init__(self, client: Client) -> None:
        self._redis = client
        self.sums: defaultdict[str, Reading] = defaultdict(Reading)
        self.calls: defaultdict[str, int] = defaultdict(int)
        self._own = Reading()
        before = self._read()
        for _ in range(100):
            after = self._read()
        self._own = Reading(*(one / 100 for one in after.plus(before, -1)))

    @contextmanager
    def of(self, part: str, calls: int) -> Iterator[None]:
        """`calls`: how many times the thing was done meanwhile."""
        before = self._read()
        yield
        self.sums[part] = self.sums[part].plus(self._read().plus(before, -1).plus(self._own, -1))
        self.calls[part] += calls

    def each(self, part: str) -> Reading:
        """Of one time."""
        return Reading(*(max(0.0, one) / max(1, self.calls[part]) for one in self.sums[part]))

    def _read(self) -> Reading:
        pipe = self._redis.pipeline()
        pipe.info("cpu")
        pipe.info("stats")
        cpu, stats = pipe.execute()
        return Reading(
            1e6 * (_seconds(cpu, "user") + _seconds(cpu, "sys")), float(stats["total_commands_processed"]),
            float(stats["total_net_input_bytes"]), float(stats["total_net_output_bytes"]),
        )  # fmt: skip


def _seconds(cpu: dict[str, Any], kind: str) -> float:
    return float(cpu.get(f"used_cpu_{kind}_main_thread", cpu[f"used_cpu_{kind}"]))
