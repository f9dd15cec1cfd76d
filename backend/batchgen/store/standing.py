"""Who stands in the queue, read for people; the scripts decide whose turn it is."""

from collections import defaultdict
from typing import NamedTuple

from batchgen.domain.standing import LaneStanding, PersonStanding, Place, Standing, WorkerStanding
from batchgen.store.connection import Client
from batchgen.store.keys import is_economy, key, provider_of
from batchgen.store.queue import SILENCE_MS

_FORGOTTEN_MS = 3_600_000  # a worker that was killed is shown as silent for so long


class _Turn(NamedTuple):
    lane: str
    owner: str
    batch: str


class Standings:
    def __init__(self, client: Client) -> None:
        self._redis = client

    def read(self) -> Standing:
        """As things stand; a lane in which nothing waits or runs is left out."""
        pipe = self._redis.pipeline()
        pipe.smembers(key("lanes"))
        pipe.smembers(key("lines"))
        pipe.hgetall(key("payers"))
        pipe.zcard(key("waiting"))
        lanes, lines, names, waiting = pipe.execute()
        found = self._lanes(sorted(lanes), lines, names)
        return Standing(found, self._people(names), self._workers(), int(waiting))

    def _lanes(self, lanes: list[str], lines: set[str], names: dict[str, str]) -> tuple[LaneStanding, ...]:
        queued, since, running = self._places(lanes), dict[str, int](), defaultdict[str, int](int)
        places: dict[str, dict[str, int]] = {lane: {} for lane in lanes}
        for turn, ready, began in queued:
            mine = places[turn.lane]
            mine[turn.owner] = mine.get(turn.owner, 0) + ready
            since[turn.lane] = min(began, since.get(turn.lane, began))
        pipe, ordered = self._redis.pipeline(), sorted(lines)
        for one in ordered:
            pipe.zcard(key("leases", one))
        for one, count in zip(ordered, pipe.execute(), strict=True):
            running[one.rpartition("|")[0]] += count
        return tuple(
            LaneStanding(
                provider_of(lane), lane.partition("/")[2], is_economy(lane), running[lane], since.get(lane),
                tuple(Place(owner, names.get(owner, owner), n) for owner, n in places[lane].items()),
            )
            for lane in lanes
            if places[lane] or running[lane]
        )  # fmt: skip

    def _places(self, lanes: list[str]) -> list[tuple[_Turn, int, int]]:
        """(turn, its items that may run, since when its batch is open), of those with any."""
        pipe = self._redis.pipeline()
        for lane in lanes:
            pipe.zrange(key("ring", lane), 0, -1)
        pairs = [(lane, owner) for lane, owners in zip(lanes, pipe.execute(), strict=True) for owner in owners]
        for lane, owner in pairs:
            pipe.zrange(key("turns", lane, owner), 0, -1)
        turns = [
            _Turn(lane, owner, batch)
            for (lane, owner), batches in zip(pairs, pipe.execute(), strict=True)
            for batch in batches
        ]
        for turn in turns:
            pipe.zcard(key("ready", turn.batch, turn.lane))
            pipe.hmget(key("batch", turn.batch), "since", "created")
        told = pipe.execute()
        pairs_told = zip(turns, told[::2], told[1::2], strict=True)
        return [(turn, int(ready), int(began[0] or began[1] or 0)) for turn, ready, began in pairs_told if ready]

    def _people(self, names: dict[str, str]) -> tuple[PersonStanding, ...]:
        pipe, owners = self._redis.pipeline(), sorted(names, key=lambda owner: names[owner])
        for owner in owners:
            pipe.hvals(key("open", owner))
        told = zip(owners, pipe.execute(), strict=True)
        return tuple(PersonStanding(o, names[o], sum(map(int, left)), len(left)) for o, left in told if left)

    def _workers(self) -> tuple[WorkerStanding, ...]:
        pipe = self._redis.pipeline()
        pipe.time()
        pipe.zrange(key("workers"), 0, -1, withscores=True)
        pipe.hgetall(key("slots"))
        (seconds, _), told, slots = pipe.execute()
        alive, lately = seconds * 1000 - SILENCE_MS, seconds * 1000 - _FORGOTTEN_MS
        workers = [(name, ms) for name, ms in told if ms >= lately]
        return tuple(WorkerStanding(name, int(slots.get(name, 0)), int(ms), ms >= alive) for name, ms in workers)
