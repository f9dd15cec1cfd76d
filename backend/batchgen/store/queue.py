"""The queue: fair turns, leases, live workers and their slots."""

import secrets
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from batchgen.domain.failures import Category
from batchgen.domain.pace import HOLD_CATEGORIES, HOPELESS, Breaker, Hold, Room, Sign
from batchgen.store.connection import Client
from batchgen.store.keys import key, line
from batchgen.store.scripts import Script

_BREAKER = Breaker()
_GONE_MS = 60_000  # when to look again for a provider that is not configured: no more is known
SILENCE_MS = 25_000  # a worker that has not told of itself for so long has no slots


class Lease(NamedTuple):
    item_id: str
    token: str
    lane: str
    key: str = ""  # id of the provider's key that the call is to use; empty: none is of use

    @property
    def line(self) -> str:
        return line(self.lane, self.key)


class Expired(NamedTuple):
    item_id: str
    token: str
    sent: bool


class Queue:
    """`limits`: of each provider; `lease_ms`: a worker's silence until its items are taken from it."""

    def __init__(self, client: Client, limits: Mapping[str, Room], lease_ms: int, breaker: Breaker = _BREAKER) -> None:
        self._redis, self._limits, self._lease_ms, self._breaker = client, dict(limits), lease_ms, breaker
        self._wire = {provider: room.wire() for provider, room in limits.items()}
        self._lease, self._renew = Script(client, "lease_items"), Script(client, "renew_leases")
        self._expired, self._note = Script(client, "expired_leases"), Script(client, "note_call")

    def lease(self, at_most: int, now_ms: int | None = None) -> list[Lease]:
        """Mark the fair next items running; only as many as live workers have free slots."""
        prefix = secrets.token_urlsafe(9)
        flat = self._lease(
            now_ms, at_most, self._wire, self._lease_ms, SILENCE_MS, prefix, keys=[key("lanes"), key("lines")]
        )  # fmt: skip
        return [Lease(*flat[i : i + 4]) for i in range(0, len(flat), 4)]

    def note(self, lease: Lease, sign: Sign, rest_s: float = 0.0, now_ms: int | None = None) -> float | None:
        """Learn from the end of a call. Seconds until one of the provider's keys may go in this lane; None: not
        before a person has seen to them."""
        batch, _, n = lease.item_id.rpartition("-")
        limit = self._wire.get(lease.lane.partition("/")[0])
        if limit is None:
            return None
        ms = self._note(
            now_ms, lease.lane, lease.key, sign.value, int(rest_s * 1000), limit, self._breaker.wire(),
            keys=[key("item", batch, n)],
        )  # fmt: skip
        return None if int(ms) < 0 else int(ms) / 1000

    def renew(self, leases: Iterable[Lease], now_ms: int | None = None) -> set[str]:
        """Heartbeat of running items; the ids that were taken away."""
        flat = [part for lease in leases for part in (lease.item_id, lease.token, lease.line)]
        return set(self._renew(now_ms, self._lease_ms, *flat)) if flat else set()

    def expired(self, now_ms: int | None = None) -> list[Expired]:
        """Items whose worker went silent (at most 200). They stay as they are until they are settled."""
        pause_ms = max(2_000, self._lease_ms // 3)
        flat = self._expired(
            now_ms, self._lease_ms, pause_ms, 200, keys=[key("lines"), key("swept")]
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
        room = self._limits.get(lane.partition("/")[0], Room(0))
        return min(room.at_once * len(room.keys), self.live_slots())

    def lanes(self) -> list[str]:
        """Every lane that ever had work."""
        return sorted(self._redis.smembers(key("lanes")))

    def lanes_of(self, batch: str) -> list[str]:
        """The lanes in which items of a batch queue now: it may have been moved, or retried elsewhere."""
        lanes = str(self._redis.hget(key("batch", batch), "lanes") or "").split()
        pipe = self._redis.pipeline()
        for lane in lanes:
            pipe.exists(key("ready", batch, lane))
        return [lane for lane, found in zip(lanes, pipe.execute(), strict=True) if found]

    def hold(self, lane: str, now_ms: int | None = None) -> Hold | None:
        """Why nothing starts in a lane for now; None: something may."""
        provider = lane.partition("/")[0]
        pipe = self._redis.pipeline()
        pipe.time()
        pipe.hgetall(key("pace", lane))
        pipe.hgetall(key("rests", provider))
        (seconds, micros), pace, rests = pipe.execute()
        now = seconds * 1000 + micros // 1000 if now_ms is None else now_ms
        if provider not in self._limits:
            return Hold(Category.MODEL_UNAVAILABLE, now + _GONE_MS)
        found = [
            (_is_hopeless(rests.get(one)), _rest(rests.get(one), _ms(pace.get(f"{one}:until"))))
            for one in self._limits[provider].keys
        ]
        resting = bool(found) and all(rest.until_ms > now for _, rest in found)
        hopeless, rest = min(found, key=lambda one: (one[0], one[1].until_ms)) if resting else (False, None)
        shut = _ms(pace.get("until"))  # in the order of `budgets`: where no key is of use, that is what is told
        return Hold(HOLD_CATEGORIES[Sign.DOWN], shut) if shut > now and not hopeless else rest

    def batches_in(self, lane: str) -> list[str]:
        """The batches that take turns in a lane."""
        owners = self._redis.zrange(key("ring", lane), 0, -1)
        return [batch for owner in owners for batch in self._redis.zrange(key("turns", lane, owner), 0, -1)]

    def wake(self) -> None:
        """Keys that a person had to see to may go again."""
        for provider in self._limits:
            for one, rest in self._redis.hgetall(key("rests", provider)).items():
                if _is_hopeless(rest):
                    self._redis.hdel(key("rests", provider), one)

    def key_rests(self, provider: str) -> dict[str, Hold | None]:
        """The keys of a provider by id, with their rest where they have one now."""
        seconds, _ = self._redis.time()
        rests = self._redis.hgetall(key("rests", provider))
        found = {one: _rest(rests.get(one), 0) for one in self._limits.get(provider, Room(0)).keys}
        return {one: rest if rest.until_ms > seconds * 1000 else None for one, rest in found.items()}

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


def _ms(text: str | None) -> int:
    return int(float(text)) if text else 0


def _is_hopeless(rest: str | None) -> bool:
    return (rest or "").partition(" ")[2] in HOPELESS


def _rest(rest: str | None, slow_until: int) -> Hold:
    """The longer one of a key's two rests: for all of its provider, and in one lane after a 429."""
    until, _, why = (rest or "0 slow").partition(" ")
    if _ms(until) >= slow_until:
        return Hold(HOLD_CATEGORIES[Sign(why)], _ms(until))
    return Hold(HOLD_CATEGORIES[Sign.SLOW], slow_until)
