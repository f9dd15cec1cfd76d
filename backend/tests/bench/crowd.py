"""The crowd of `make simulate`: users, workers and web processes of a day with very many pictures."""

import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from batchgen.domain.failures import Charged
from batchgen.domain.pace import Sign
from batchgen.domain.states import ItemState
from batchgen.engine.celery_app import make_celery
from batchgen.engine.names import QUEUE, RUN_ITEM
from batchgen.store.connection import connect
from batchgen.store.events import Events
from batchgen.store.keys import key
from batchgen.store.queue import Lease
from tests.bench.day import PROVIDERS, Load, Part, Told, jain, most
from tests.bench.meter import Meter, Reading
from tests.conftest import RedisServer
from tests.store.steps import World

STEP_MS = 250  # a worker looks four times a second
_LONG = 20  # steps that somebody has to wait until their share says something
_TELL_S = 5.0  # see engine/heart.py
_FIELDS: dict[str, str | int] = {
    "format": "png", "width": 1024, "height": 1024, "bytes": 2_000_000, "sha": "0" * 64, "seed": 1,
}  # fmt: skip


class Call(NamedTuple):
    ends_ms: float
    lease: Lease


class Crowd:
    def __init__(self, redis: RedisServer, load: Load, seed: int = 1) -> None:
        self.load, self._random = load, random.Random(seed)
        self.redis, self._waiting = connect(redis.url, timeout_s=60), connect(redis.url, timeout_s=60)
        self.world = World(self.redis, slots=0, limits=load.rooms())
        self.world.queue.leave("w1")
        world = self.world
        self._events = Events(self.redis, self._waiting, world.batches, world.items, world.uploads)
        self._celery = make_celery(redis.url)
        self._wire = self._celery.connection_for_read()
        self.meter = Meter(self.redis)
        self.times = Counter[str]()
        self.running: list[Call] = []
        self._cursors: dict[str, str] = {}
        self._owners: dict[str, str] = {}  # of each batch
        self._since: dict[str, int] = {}  # when each was submitted
        self._waits: dict[str, list[float]] = defaultdict(list)
        self._starts, self._queued = Counter[str](), Counter[str]()  # of each owner; starts in this step
        self._shares: dict[str, list[float]] = defaultdict(list)
        self.submitted = self.ended = self._beats = 0
        self._empty = self._memory()

    def run(self, seconds: float) -> Told:
        self._fill()
        steps = max(1, round(seconds * 1000 / STEP_MS))
        before, file = self.ended, self._file()
        for _ in range(steps):
            self.world.now += STEP_MS
            self._starts.clear()
            self._arrive()
            self._end()
            self._tick()
            self._watch()
            self._compare()
        made, grown = self.ended - before, self._file() - file
        waits = self._waits
        self._waits = defaultdict(list)  # the rest ends by a clock of its own
        self._drain()
        return self._told(steps * STEP_MS / 1000, max(1, made), grown, waits)

    def close(self) -> None:
        self._wire.close()
        self._celery.close()
        for client in (self.redis, self._waiting):
            client.close()

    # what happens

    def _fill(self) -> None:
        """As it stands in the middle of the day: workers are there, and what runs is spread over a call's length."""
        names = [f"worker{n}" for n in range(self.load.workers)]
        self.redis.hset(key("slots"), mapping=dict.fromkeys(names, self.load.slots_each))
        self.redis.zadd(key("workers"), dict.fromkeys(names, self.world.now + 10**9))
        while len(self.running) < min(self.load.busy, self.load.slots):
            self._submit()
            self._begin(self._lease(), self._random.random)
        self.world.queue.expired(self.world.now)
        self._waits.clear()

    def _submit(self) -> None:
        owner = f"user{self._random.randrange(self.load.users)}"
        count = max(1, round(self._random.expovariate(1 / self.load.batch)))
        batch = self.world.submit(count, owner, self._random.choice(PROVIDERS))
        self._since[batch], self._owners[batch] = self.world.now, owner
        self._queued[owner] += count
        self.submitted += count
        if len(self._cursors) < self.load.sample:
            self._cursors.setdefault(owner, self._events.last_id(owner))

    def _arrive(self) -> None:
        due = self.load.rate / self.load.batch * STEP_MS / 1000
        count = int(due) + (self._random.random() < due % 1)
        with self._part("submit a batch", count):
            for _ in range(count):
                self._submit()
        self._start()

    def _start(self) -> None:
        before = len(self.running)
        with self.meter.of("dispatch a picture", 0):
            leases = self._lease()
        self.meter.calls["dispatch a picture"] += len(leases)
        self.times["dispatch a picture"] += len(leases)
        self._carry(leases)
        with self._part("begin a call", len(leases)):
            self._begin(leases)
        assert len(self.running) == before + len(leases)

    def _lease(self) -> list[Lease]:
        """As the dispatcher does it."""
        found: list[Lease] = []
        while leases := self.world.lease():
            found += leases
        return found

    def _carry(self, leases: list[Lease]) -> None:
        some = leases[: self.load.sample]
        self.times["carry a message"] += len(leases)
        with self.meter.of("carry a message", len(some)):
            for lease in some:
                self._celery.send_task(RUN_ITEM, list(lease), queue=QUEUE)
                message = self._wire.default_channel.basic_get(QUEUE)
                message.ack()

    def _begin(self, leases: Iterable[Lease], left: Callable[[], float] = lambda: 1.0) -> None:
        for lease in leases:
            batch, _, n = lease.item_id.rpartition("-")
            self.world.batches.raw(batch)
            self.world.items.raw(batch, [int(n)])
            attempt, owner = self.world.send(lease), self._owners[batch]
            assert attempt > 0
            if attempt == 1:
                self._waits[batch].append((self.world.now - self._since[batch]) / 1000)
            self._starts[owner] += 1
            self._queued[owner] -= 1
            took = 1000 * self._random.uniform(*self.load.call_s) * left()
            self.running.append(Call(self.world.now + took, lease))

    def _end(self) -> None:
        over = [call for call in self.running if call.ends_ms <= self.world.now]
        self.running = [call for call in self.running if call.ends_ms > self.world.now]
        with self._part("end a call", len(over)):
            for call in over:
                self._settle(call.lease, failed=self._random.random() < self.load.failing)
        self._look("look after an end", len(over))
        self._start()

    def _settle(self, lease: Lease, *, failed: bool) -> None:
        world = self.world
        world.queue.note(lease, Sign.OTHER if failed else Sign.OK, now_ms=world.now)
        if failed:
            batch, _, n = lease.item_id.rpartition("-")
            world.items.raw(batch, [int(n)])
            assert world.settle(lease, ItemState.WAITING, delay_ms=1000)
            self._queued[self._owners[batch]] += 1
            return
        world.items.holds(lease.item_id, lease.token)
        done = world.items.settle(
            lease.item_id, lease.token, ItemState.SUCCEEDED, fields=_FIELDS, outcome="succeeded",
            charged=Charged.YES, now_ms=world.now,
        )  # fmt: skip
        assert done is ItemState.SUCCEEDED
        self.ended += 1

    def _look(self, part: str, times: int, *, whole: bool = False) -> None:
        """A dispatch that finds as much as there is: mostly nothing. `whole`: with the sweep before it."""
        some, found = min(times, self.load.sample), []
        self.times[part] += times
        with self.meter.of(part, some):
            for n in range(some):
                if whole:
                    self.world.queue.expired(self.world.now)
                    self.world.items.stopping()
                if whole and n % 4 == 0:  # failover looks once a second
                    for lane in self.world.queue.lanes():
                        self.world.queue.hold(lane, self.world.now)
                found += self.world.lease()
        self._carry(found)
        with self._part("begin a call", len(found)):
            self._begin(found)

    def _tick(self) -> None:
        self._look("tick of a worker", self.load.workers, whole=True)
        self._beats += 1
        turns = round(_TELL_S * 1000 / STEP_MS)
        now = [n for n in range(self.load.workers) if n % turns == self._beats % turns]
        with self._part("heartbeat of a worker", len(now)):
            for n in now:
                self.redis.time()
                pipe = self.redis.pipeline(transaction=True)
                pipe.hset(key("slots"), f"worker{n}", self.load.slots_each)
                pipe.zadd(key("workers"), {f"worker{n}": self.world.now + 10**9})
                pipe.execute()
                held = [call.lease for call in self.running[n :: self.load.workers]]
                assert not self.world.queue.renew(held, self.world.now)

    def _watch(self) -> None:
        """A page of each of some owners is open, at one web process."""
        if not self._cursors:
            return
        count = 0
        with self.meter.of("show a change", 0):
            for owner, entries in self._events.wait(self._cursors, 1).items():
                self._events.hydrate(entries)
                self._cursors[owner] = entries[-1][0]
                count += len(entries)
        self.meter.calls["show a change"] += count

    def _compare(self) -> None:
        """What each owner who has to wait was given in this step, over what all of them were given on average."""
        waiting = [owner for owner, left in self._queued.items() if left > 0]
        given = sum(self._starts[owner] for owner in waiting)
        for owner in waiting if given and len(waiting) > 1 else ():
            self._shares[owner].append(self._starts[owner] * len(waiting) / given)

    def _drain(self) -> None:
        """Everything ends well, so that what a picture leaves can be weighed."""
        for _ in range(100):
            for call in self.running:
                self._settle(call.lease, failed=False)
            self.running = []
            self.world.now += 61_000
            if self.ended == self.submitted:
                return
            self._begin(self._lease())

    # what it took

    @contextmanager
    def _part(self, name: str, count: int) -> Iterator[None]:
        self.times[name] += count
        with self.meter.of(name, count):
            yield

    def _told(self, seconds: float, made: int, grown: int, waits: Mapping[str, list[float]]) -> Told:
        added, streams = self._streams()
        self.times["show a change"] = round(added / self.ended * made)
        parts = {name: Part(n / seconds, self.meter.each(name).cpu_us) for name, n in self.times.items()}
        whole = Reading()
        for name, n in self.times.items():
            whole = whole.plus(self.meter.each(name), n / made)
        ledger = self._weight(key("ledger"))
        memory = self._memory() - self._empty - ledger - streams
        of_all = [wait for several in waits.values() for wait in several]
        shares = [statistics.mean(several) for several in self._shares.values() if len(several) >= _LONG]
        return Told(
            parts, *whole, grown / made, memory / self.ended, ledger / self.ended, streams / self.ended,
            added / self.ended, most(map(min, waits.values())), most(of_all), jain(shares),
        )  # fmt: skip

    def _streams(self) -> tuple[int, int]:
        """Entries ever, and bytes."""
        names = [key("events", owner) for owner in {*self._owners.values()}]
        added = sum(int(self.redis.xinfo_stream(name)["entries-added"]) for name in names)
        return added, sum(map(self._weight, names))

    def _weight(self, name: str) -> int:
        return int(self.redis.memory_usage(name, samples=0) or 0)

    def _memory(self) -> int:
        return int(self.redis.info("memory")["used_memory_dataset"])

    def _file(self) -> int:
        return int(self.redis.info("persistence")["aof_current_size"])
