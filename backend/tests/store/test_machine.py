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

from batchgen.domain.budgets import Caps, Terms
from batchgen.domain.failures import Charged
from batchgen.domain.pace import Sign
from batchgen.domain.prices import Made
from batchgen.domain.states import ItemState
from batchgen.errors import OverBudget
from batchgen.store.connection import Client
from batchgen.store.items import LETTERS, NoBudgetLeftError, attempts_of
from batchgen.store.keys import key
from batchgen.store.queue import Lease
from tests.store.steps import LEASE_MS, World

OWNERS, PROVIDERS = ("ann", "bob", "cy"), ("demo", "slow")
PRICES = {"demo": 100, "slow": 130}  # what it costs to go on there
LINES = [f"{provider}/m|{k}" for provider in PROVIDERS for k in ("-", "")]  # with the key, and where it is of no use
USER, TEAM, BATCH = 2_000, 4_000, 900
TERMS = Terms(Caps(USER, TEAM, BATCH))
SETTINGS = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
END = [ItemState.SUCCEEDED, ItemState.FAILED, ItemState.WAITING]


class Store(RuleBasedStateMachine):
    """The oracle keeps the holder of every item and the last state it was told, in plain Python."""

    redis: Client
    batches = Bundle("batches")
    leases = Bundle("leases")

    @initialize()
    def begin(self) -> None:
        self.redis.flushdb()
        self.world = World(self.redis, slots=6, terms=TERMS)
        self.states: dict[str, list[str]] = {}
        self.holder: dict[str, str] = {}
        self.sent: set[str] = set()
        self.marked: set[str] = set()
        self.news: set[str] = set()  # batches of which something ran since they last finished
        self.finishes: dict[str, int] = {}

    @rule(target=batches, count=st.integers(1, 5), owner=st.sampled_from(OWNERS), provider=st.sampled_from(PROVIDERS))
    def submit(self, count: int, owner: str, provider: str):
        try:
            batch = self.world.submit(count, owner, provider, notify="n1")
        except OverBudget:
            return multiple()
        self.states[batch] = ["queued"] * count
        return batch

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
        try:
            done = (
                self.world.succeed(lease, Made(90, 90, 1, "picture"))  # a little less than was held
                if to is ItemState.SUCCEEDED
                else self.world.settle(lease, to, delay_ms=1_000, charged=charged)
            )
        except NoBudgetLeftError:
            assert to is ItemState.WAITING
            to = ItemState.FAILED
            done = self.world.settle(lease, to, charged=charged)
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
            self.world.items.move(batch, f"{provider}/m", [n], fields, now_ms=self.world.now)

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
        try:
            self.world.items.requeue(batch, indexes, {}, now_ms=self.world.now)
        except OverBudget:
            return
        self.states[batch] = ["queued" if s in ("failed", "cancelled") else s for s in self.states[batch]]

    @rule(lease=leases)
    def come_late(self, lease: Lease) -> None:
        """The picture of an attempt that may have been given up."""
        batch, _, n = lease.item_id.rpartition("-")
        first = attempts_of(self.world.items.raw(batch, [int(n)])[0])[:1]
        if first and first[0].charged == "unknown":
            self.world.items.correct(lease.item_id, Made(90, 90, 1, "picture", 1), now_ms=self.world.now)

    @rule(days=st.integers(1, 20))
    def let_days_pass(self, days: int) -> None:
        self.world.now += days * 86_400_000
        self.world.set_slots(6)
        for item, token in self.holder.items():  # somebody is still at them
            self.redis.zadd(key("leases", self.line_of(item)), {item: self.world.now + LEASE_MS}, xx=True)
            assert self.redis.hget(key("item", *item.rpartition("-")[::2]), "token") == token

    def line_of(self, item: str) -> str:
        return next(line for line in LINES if self.redis.zscore(key("leases", line), item) is not None)

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
    def ledger_items_and_budgets_agree(self) -> None:
        assert self.world.books.differences(tries=1) == []

    @invariant()
    def no_cap_is_passed(self) -> None:
        for name in self.redis.scan_iter(match=key("month", "*", "*")):
            held, settled, unclear = (int(v or 0) for v in self.redis.hmget(name, "held", "settled", "unclear"))
            assert min(held, settled, unclear) >= 0
            assert held + settled + unclear <= (TEAM if "@team" in name else USER)
        for batch in getattr(self, "states", {}):
            assert sum(self.world.money(batch)) <= BATCH

    @invariant()
    def the_hold_is_what_is_still_open(self) -> None:
        for batch, expected in getattr(self, "states", {}).items():
            still_open = [n for n, s in enumerate(expected) if s in ("queued", "waiting", "running")]
            still_open = [n for n in still_open if n not in self.held_back(batch)]
            prices = [self.redis.hget(key("item", batch, n), "price") or 100 for n in still_open]
            assert self.world.money(batch)[0] == sum(map(int, prices))

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
            if not self.still_open():  # that nothing was handed out is no end: keys may rest
                break
        assert not self.still_open()

    def still_open(self) -> set[str]:
        found = {state for batch in getattr(self, "states", {}) for state in self.world.counts(batch)}
        return found & {"queued", "waiting", "running"}

    def held_back(self, batch: str) -> set[int]:
        return set()  # what waits for a person: see test_pilot_machine

    def look_away(self, batch: str) -> None: ...

    def get(self, item_id: str) -> str:
        return self.states[item_id.rpartition("-")[0]][int(item_id.rpartition("-")[2])]

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
    run_state_machine_as_test(Store, settings=SETTINGS)
