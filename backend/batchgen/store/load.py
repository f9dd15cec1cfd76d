"""How much work stands in a lane: what a new batch has to share it with."""

from typing import NamedTuple

from batchgen.domain.turns import Waiting
from batchgen.store.connection import Client
from batchgen.store.keys import key, line


class Load(NamedTuple):
    """`turns`: each owner's batches, in the order in which they are served next."""

    running: int
    turns: tuple[tuple[Waiting, ...], ...]
    each_ms: int  # smoothed milliseconds per picture; 0: never measured

    @property
    def queued(self) -> tuple[int, ...]:
        """Items of each batch that takes turns."""
        return tuple(one.queued for batches in self.turns for one in batches)


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
        lines, each_ms = pipe.execute()
        pipe = self._redis.pipeline()
        for one in lines:
            if one.startswith(line(lane, "")):
                pipe.zcard(key("leases", one))
        return Load(sum(pipe.execute()), self._turns(lane), int(each_ms or 0))

    def _turns(self, lane: str) -> tuple[tuple[Waiting, ...], ...]:
        owners = self._redis.zrange(key("ring", lane), 0, -1)
        pipe = self._redis.pipeline()
        for owner in owners:
            pipe.zrange(key("turns", lane, owner), 0, -1)
        turns: list[list[str]] = pipe.execute()
        pipe = self._redis.pipeline()
        for batch in (batch for several in turns for batch in several):
            pipe.zcard(key("ready", batch, lane))
        counts = iter(pipe.execute())
        return tuple(tuple(Waiting(batch, int(next(counts))) for batch in several) for several in turns)
