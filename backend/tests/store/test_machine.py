"""Whatever happens in whatever order: counters equal states, nothing is lost, nothing has two holders."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from batchgen.domain.failures import Charged
from batchgen.domain.pace import Sign
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from batchgen.store.items import LETTERS
from batchgen.store.keys import key
from batchgen.store.pilots import Pilots
from batchgen.store.queue import Lease
from tests.store.steps import LEASE_MS, World

OWNERS, PROVIDERS = ("ann", "bob", "cy"), ("demo", "slow")
LINES = [f"{provider}/m|{k}" for provider in PROVIDERS for k in ("-", "")]  # with the key, and where it is of no use
END = [ItemState.SUCCEEDED, ItemState.FAILED, ItemState.WAITING]


class Store(RuleBasedStateMachine):
    """The oracle keeps the holder of every item and the last state it was told, in plain Python."""

    redis: Client
    batches = Bundle("batches")
    leases = Bundle("leases")

    @initialize()
    def begin(self) -> None:
        self.redis.flushdb()
        self.world = World(self.redis, slots=6)
        self.states: dict[str, list[str]] = {}
        self.holder: dict[str, str] = {}
        self.sent: set[str] = set()
        self.paid: dict[str, int] = {}
        self.marked: set[str] = set()
        self.prices: dict[str, int] = {}
        self.news: set[str] = set()  # batches of which something ran since they last finished
        self.finishes: dict[str, int] = {}
        self.pilots = Pilots(self.redis)
        self.samples: dict[str, int] = {}  # of pilots that nobody has approved: this many of the first items

    @rule(target=batches, count=st.integers(1, 5), owner=st.sampled_from(OWNERS), provider=st.sampled_from(PROVIDERS))
    def submit(self, count: int, owner: str, provider: str) -> str:
        batch = self.world.submit(count, owner, provider, notify="n1")
        self.states[batch], self.paid[batch] = ["queued"] * count, 0
        return batch

    @rule(target=batches, count=st.integers(2, 5), sample=st.integers(1, 2), owner=st.sampled_from(OWNERS))
    def submit_pilot(self, count: int, sample: int, owner: str) -> str:
        batch = self.world.submit(count, owner, "demo", notify="n1", sample=tuple(range(sample)))
        self.states[batch], self.paid[batch] = ["queued"] * count, 0
        if sample < count:
            self.samples[batch] = sample
        return batch

    @rule(batch=batches)
    def approve(self, batch: str) -> None:
        ready = self.in_review(batch)
        assert (self.pilots.approve(batch) == 1) == ready
        if ready:
            del self.samples[batch]

    @rule(batch=batches)
    def repeat(self, batch: str) -> None:
        ready = self.in_review(batch)
        assert (self.pilots.repeat(batch, {}, None, now_ms=self.world.now) == 1) == ready
        for n in range(self.samples[batch]) if ready else ():
            self.states[batch][n] = "queued"
            self.marked.discard(f"{batch}-{n}")

    @rule(target=leases, at_most=st.integers(1, 4))
    def dispatch(self, at_most: int):
        found = self.world.lease(at_most)
        for lease in found:
            assert self.get(lease.item_id) in ("queued", "waiting")
            assert lease.item_id not in self.holder
            self.holder[lease.item_id] = lease.token
            self.put(lease.item_id, "running")
        assert len(self.holder) <= 6
        return multiple(*found)

    @rule(lease=leases)
    def send(self, lease: Lease) -> None:
        done = self.world.send(lease)
        assert (done == 0) == (self.holder.get(lease.item_id) != lease.token or lease.token in self.sent)
        if done > 0:
            self.sent.add(lease.token)

    @rule(lease=consumes(leases), to=st.sampled_from(END), charged=st.sampled_from(list(Charged)))
    def settle(self, lease: Lease, to: ItemState, charged: Charged) -> None:
        holds = self.holder.get(lease.item_id) == lease.token
        done = (
            self.world.succeed(lease)
            if to is ItemState.SUCCEEDED
            else self.world.settle(lease, to, delay_ms=1_000, charged=charged)
        )
        assert (done is not None) == holds
        if done is not None:
            assert done is to or (to is ItemState.WAITING and done is ItemState.CANCELLED)
            del self.holder[lease.item_id]
            self.put(lease.item_id, done.value)

    @rule(lease=leases, sign=st.sampled_from(list(Sign)))
    def note(self, lease: Lease, sign: Sign) -> None:
        self.world.queue.note(lease, sign, 3.0, now_ms=self.world.now)

    @rule(batch=batches, n=st.integers(0, 4), to=st.sampled_from(PROVIDERS), price=st.sampled_from([0, 70, 250]))
    def move_on(self, batch: str, n: int, to: str, price: int) -> None:
        fields: dict[str, str | int] = {"provider": to, "price": price}
        for provider in PROVIDERS:
            if self.world.items.move(batch, f"{provider}/m", [n], fields, now_ms=self.world.now):
                self.prices[f"{batch}-{n}"] = price

    @rule(lease=consumes(leases))
    def mark(self, lease: Lease) -> None:
        holds = self.holder.get(lease.item_id) == lease.token
        assert (self.world.mark(lease) is ItemState.FAILED) == holds
        if holds:
            del self.holder[lease.item_id]
            self.put(lease.item_id, "failed")
            self.marked.add(lease.item_id)

    @rule(batch=batches, some=st.sets(st.integers(0, 6)))
    def accept(self, batch: str, some: set[int]) -> None:
        """Only what has ended without success and holds a picture; never for money."""
        before = self.redis.hmget(key("batch", batch), "settled", "held", "unclear", "finished")
        states = self.states[batch]
        able = {n for n in range(len(states)) if states[n] in ("failed", "cancelled") and f"{batch}-{n}" in self.marked}

        assert self.world.items.accept(batch, sorted(some), now_ms=self.world.now) == len(able & some)

        for n in able & some:
            states[n] = "succeeded"
        assert self.redis.hmget(key("batch", batch), "settled", "held", "unclear", "finished") == before

    @rule(batch=batches)
    def cancel(self, batch: str) -> None:
        self.look_away(batch)
        self.world.items.cancel(batch, now_ms=self.world.now)
        self.states[batch] = ["cancelled" if s in ("queued", "waiting") else s for s in self.states[batch]]
        self.heard(batch)

    @rule(batch=batches)
    def cancel_by_halves(self, batch: str) -> None:
        """Its caller dies; a retry may come before a sweep goes on with it."""
        self.look_away(batch)
        self.world.items.cancel(batch, at_most=1, now_ms=self.world.now)
        states = self.states[batch]
        for n in [n for n, state in enumerate(states) if state in ("queued", "waiting")][:1]:
            states[n] = "cancelled"
        self.heard(batch)

    @rule(batch=batches, n=st.integers(0, 4))
    def cancel_one(self, batch: str, n: int) -> None:
        if n < len(self.states[batch]):
            self.world.items.cancel(batch, n, now_ms=self.world.now)
            if self.states[batch][n] in ("queued", "waiting"):
                self.put(f"{batch}-{n}", "cancelled")

    @rule(batch=batches)
    def pause(self, batch: str) -> None:
        self.world.batches.pause(batch)

    @rule(batch=batches)
    def resume(self, batch: str) -> None:
        self.world.batches.resume(batch)

    @rule(batch=batches)
    def retry(self, batch: str) -> None:
        indexes = list(range(len(self.states[batch])))
        self.world.items.requeue(batch, indexes, {}, now_ms=self.world.now)
        self.states[batch] = ["queued" if s in ("failed", "cancelled") else s for s in self.states[batch]]

    @rule(ms=st.sampled_from([10, 900, 5_000, LEASE_MS + 1]))
    def lose_leases(self, ms: int) -> None:
        self.world.now += ms
        for lost in self.world.queue.expired(now_ms=self.world.now):
            if self.holder.get(lost.item_id) == lost.token:
                done = self.world.items.settle(
                    lost.item_id, lost.token, ItemState.WAITING, outcome="interrupted" if lost.sent else "",
                    now_ms=self.world.now,
                )  # fmt: skip
                assert done is not None
                del self.holder[lost.item_id]
                self.put(lost.item_id, done.value)

    @invariant()
    def counters_and_letters_equal_states(self) -> None:
        for batch, expected in getattr(self, "states", {}).items():
            stored = [self.world.state(f"{batch}-{n}") for n in range(len(expected))]
            assert stored == expected
            assert [LETTERS[c] for c in self.redis.get(key("states", batch))] == expected
            assert self.world.counts(batch) == {s: expected.count(s) for s in set(expected)}

    @invariant()
    def every_open_item_has_one_place(self) -> None:
        """Ready, held back, between attempts, or leased: exactly one of them; and none for what has ended."""
        for batch, expected in getattr(self, "states", {}).items():
            for n, state in enumerate(expected):
                item = f"{batch}-{n}"
                places = sum(self.redis.zscore(key("ready", batch, f"{p}/m"), n) is not None for p in PROVIDERS)
                places += self.redis.zscore(key("waiting"), item) is not None
                waits = self.redis.zscore(key("back", batch), n) is not None
                assert waits == (n in self.held_back(batch)), item
                places += waits
                places += sum(self.redis.zscore(key("leases", line), item) is not None for line in LINES)
                assert places == (state in ("queued", "waiting", "running")), (item, state)

    @invariant()
    def the_hold_is_what_is_still_open(self) -> None:
        for batch, expected in getattr(self, "states", {}).items():
            held = int(self.redis.hget(key("batch", batch), "held"))
            still_open = [n for n, s in enumerate(expected) if s in ("queued", "waiting", "running")]
            still_open = [n for n in still_open if n not in self.held_back(batch)]
            assert held == sum(self.prices.get(f"{batch}-{n}", 100) for n in still_open)

    @invariant()
    def every_finish_is_told_once(self) -> None:
        """By one entry in the outbox, written in the same step; nothing where nothing ran."""
        finishes = getattr(self, "finishes", {})
        told = {f"{batch}:{n}" for batch, times in finishes.items() for n in range(1, times + 1)}
        assert set(self.redis.zrange(key("outbox"), 0, -1)) == told

    def teardown(self) -> None:
        """Nothing is stuck: resumed and given time, every open item is handed out to the last."""
        for batch in getattr(self, "states", {}):
            self.world.batches.resume(batch)
        for _ in range(200):
            self.world.now += 2_000
            for batch in self.world.items.stopping():
                self.world.items.cancel(batch, now_ms=self.world.now)
            for item, token in list(self.holder.items()):
                self.world.succeed(Lease(item, token, ""))
                del self.holder[item]
            for lease in self.world.lease():
                self.holder[lease.item_id] = lease.token
            for batch in list(self.samples):
                self.pilots.approve(batch)
            if not self.still_open():  # that nothing was handed out is no end: keys may rest
                break
        assert not self.still_open()

    def still_open(self) -> set[str]:
        found = {state for batch in getattr(self, "states", {}) for state in self.world.counts(batch)}
        return found & {"queued", "waiting", "running"}

    def held_back(self, batch: str) -> set[int]:
        if batch not in self.samples:
            return set()
        return {n for n, s in enumerate(self.states[batch]) if n >= self.samples[batch] and s == "queued"}

    def in_review(self, batch: str) -> bool:
        left = {n for n, s in enumerate(self.states[batch]) if s in ("queued", "waiting", "running")}
        stopped = self.redis.hget(key("batch", batch), "stopped") == "1"
        return bool(left) and left == self.held_back(batch) and not stopped

    def look_away(self, batch: str) -> None:
        """Who stops a sample that is complete has just looked at it: no news."""
        if self.in_review(batch):
            self.news.discard(batch)

    def get(self, item_id: str) -> str:
        batch, _, n = item_id.rpartition("-")
        return self.states[batch][int(n)]

    def put(self, item_id: str, state: str) -> None:
        batch, _, n = item_id.rpartition("-")
        self.states[batch][int(n)] = state
        self.heard(batch)

    def heard(self, batch: str) -> None:
        if "running" in self.states[batch]:
            self.news.add(batch)
        if batch in self.news and not {"queued", "waiting", "running"} & set(self.states[batch]):
            self.finishes[batch] = self.finishes.get(batch, 0) + 1
            self.news.remove(batch)


def test_under_any_schedule_counters_equal_states_and_no_item_is_lost_or_held_twice(redis: Client):
    Store.redis = redis
    run_state_machine_as_test(
        Store,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
