"""The queue: fair turns, leases, live workers and their slots."""

import secrets
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.scripts import Script

SILENCE_MS = 25_000  # a worker that has not told of itself for so long has no slots


class Lease(NamedTuple):
    item_id: str
    token: str
    lane: str


class Expired(NamedTuple):
    item_id: str
    token: str
    sent: bool


class Queue:
    """`limits`: provider -> (calls at once, starts per minute or 0); `lease_ms`: a worker's silence until its items
    are taken from it."""

    def __init__(self, client: Client, limits: Mapping[str, tuple[int, int]], lease_ms: int) -> None:
        self._redis, self._limits, self._lease_ms = client, dict(limits), lease_ms
        self._lease, self._renew = Script(client, "lease_items"), Script(client, "renew_leases")
        self._expired = Script(client, "expired_leases")

    def lease(self, at_most: int, now_ms: int | None = None) -> list[Lease]:
        """Mark the fair next items running; only as many as live workers have free slots."""
        prefix = secrets.token_urlsafe(9)
        flat = self._lease(
            now_ms, at_most, self._limits, self._lease_ms, SILENCE_MS, prefix, keys=[key("lanes")]
        )  # fmt: skip
        return [Lease(*flat[i : i + 3]) for i in range(0, len(flat), 3)]

    def renew(self, leases: Iterable[Lease], now_ms: int | None = None) -> set[str]:
        """Heartbeat of running items; the ids that were taken away."""
        flat = [part for lease in leases for part in lease]
        return set(self._renew(now_ms, self._lease_ms, *flat)) if flat else set()

    def expired(self, now_ms: int | None = None) -> list[Expired]:
        """Items whose worker went silent (at most 200). They stay as they are until they are settled."""
        pause_ms = max(2_000, self._lease_ms // 3)
        flat = self._expired(
            now_ms, self._lease_ms, pause_ms, 200, keys=[key("lanes"), key("swept")]
        )  # fmt: skip
        return [Expired(flat[i], flat[i + 1], flat[i + 2] != "") for i in range(0, len(flat), 3)]

    def tell(self, worker: str, slots: int) -> None:
        """A worker is alive and has this many slots."""
        seconds, micros = self._redis.time()
        pipe = self._redis.pipeline(transaction=True)
        pipe.hset(key("slots"), worker, slots)
        pipe.zadd(key("workers"), {worker: seconds * 1000 + micros // 1000})
        pipe.execute()

    def leave(self, worker: str) -> None:
        """A worker takes nothing new."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.zrem(key("workers"), worker)
        pipe.hdel(key("slots"), worker)
        pipe.execute()

    def live_slots(self) -> int:
        """Slots of all live workers."""
        seconds, _ = self._redis.time()
        alive = self._redis.zrangebyscore(key("workers"), seconds * 1000 - SILENCE_MS, "+inf")
        if not alive:
            return 0
        return sum(int(slots or 0) for slots in self._redis.hmget(key("slots"), alive))

    def room(self, lane: str) -> int:
        """How many items of a lane may run at once, by its limit and the live slots."""
        concurrency, _ = self._limits.get(lane.partition("/")[0], (0, 0))
        return min(concurrency, self.live_slots())

    def outlook(self, owner: str, batch: str, lane: str) -> tuple[int | None, int, int]:
        """(turns until the batch's next picture or None where it stands in no queue, batches that take turns in
        its lane, smoothed milliseconds per picture or 0)."""
        pipe = self._redis.pipeline()
        pipe.zrank(key("ring", lane), owner)
        pipe.zcard(key("ring", lane))
        pipe.zrank(key("turns", lane, owner), batch)
        pipe.hget(key("speed"), lane)
        pipe.zrange(key("ring", lane), 0, -1)
        my_rank, owners, turn, speed, everyone = pipe.execute()
        if my_rank is None or turn is None:
            return None, 1, int(speed or 0)
        pipe = self._redis.pipeline()
        for other in everyone:
            pipe.zcard(key("turns", lane, other))
        return my_rank + turn * owners + 1, sum(pipe.execute()), int(speed or 0)
