"""Open event streams, counted over all web processes. A stream that its process no longer tells of runs out."""

from batchgen.store.connection import Client, now_ms
from batchgen.store.keys import key
from batchgen.store.scripts import Script

LIFE_MS = 45_000  # three heartbeats


class Streams:
    """`at_most`: how many one user may have open."""

    def __init__(self, client: Client, at_most: int) -> None:
        self._redis, self._at_most = client, at_most
        self._open = Script(client, "open_stream")

    def open(self, user: str, stream: str, now_ms: int | None = None) -> bool:
        """Count one more, or keep counting one that is open. False: the user has as many as may be."""
        keys = [key("streams", user), key("viewers")]
        return bool(self._open(now_ms, stream, self._at_most, LIFE_MS, keys=keys))

    def close(self, user: str, stream: str) -> None:
        """Missing is fine."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.zrem(key("streams", user), stream)
        pipe.zrem(key("viewers"), stream)
        pipe.execute()

    def count(self) -> int:
        """Open streams of everybody."""
        return int(self._redis.zcount(key("viewers"), now_ms(self._redis), "+inf"))
