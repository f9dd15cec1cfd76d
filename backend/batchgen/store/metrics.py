"""The counts of all processes, added up."""

from collections.abc import Mapping

from batchgen.store.connection import Client
from batchgen.store.keys import key


class Metrics:
    def __init__(self, client: Client) -> None:
        self._redis = client

    def add(self, growth: Mapping[str, float]) -> None:
        """Add to each sample what it grew by, all or none."""
        pipe = self._redis.pipeline(transaction=True)
        for sample, value in growth.items():
            pipe.hincrbyfloat(key("metrics"), sample, value)
        pipe.execute()

    def sums(self) -> dict[str, float]:
        return {sample: float(value) for sample, value in self._redis.hgetall(key("metrics")).items()}

    def spent(self) -> dict[str, int]:
        """Provider -> settled micro-USD since the beginning."""
        return {provider: int(micros) for provider, micros in self._redis.hgetall(key("spent")).items()}

    def waiting(self) -> int:
        """Items between two attempts."""
        return int(self._redis.zcard(key("waiting")))
