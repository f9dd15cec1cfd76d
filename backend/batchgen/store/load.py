"""How much work stands in a lane: what a new batch has to share it with."""

from typing import NamedTuple

from batchgen.store.connection import Client
from batchgen.store.keys import key, line


class Load(NamedTuple):
    running: int
    queued: tuple[int, ...]  # items of each batch that takes turns
    each_ms: int  # smoothed milliseconds per picture; 0: never measured


class Loads:
    def __init__(self, client: Client) -> None:
        self._redis = client

    def open_of(self, owner: str) -> int:
        """How many of a person's items are not final."""
        return sum(map(int, self._redis.hvals(key("open", owner))))

    def of(self, lane: str) -> Load:
        pipe = self._redis.pipeline()
        pipe.smembers(key("lines"))
        pipe.hget(key("speed"), lane)
        pipe.zrange(key("ring", lane), 0, -1)
        lines, each_ms, owners = pipe.execute()
        pipe = self._redis.pipeline()
        for one in lines:
            if one.startswith(line(lane, "")):
                pipe.zcard(key("leases", one))
        running = sum(pipe.execute())
        pipe = self._redis.pipeline()
        for owner in owners:
            pipe.zrange(key("turns", lane, owner), 0, -1)
        batches = [batch for several in pipe.execute() for batch in several]
        pipe = self._redis.pipeline()
        for batch in batches:
            pipe.zcard(key("ready", batch, lane))
        return Load(running, tuple(pipe.execute()), int(each_ms or 0))
