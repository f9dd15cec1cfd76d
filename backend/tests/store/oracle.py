"""What has to hold after every step: the holder of every item and its last state, kept in plain Python."""

from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
)

from batchgen.domain.budgets import Caps, Terms
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from batchgen.store.items import LETTERS
from batchgen.store.keys import key
from batchgen.store.queue import Lease
from tests.store.steps import ECONOMY, World

OWNERS, PROVIDERS = ("ann", "bob", "cy"), ("demo", "slow")
LANES = ("demo/m", "slow/m", ECONOMY)
LINES = [f"{provider}/m|{k}" for provider in PROVIDERS for k in ("-", "")]  # with the key, and where it is of no use
USER, TEAM, BATCH = 2_000, 4_000, 900
OPEN = 12
TERMS = Terms(Caps(USER, TEAM, BATCH), max_open=OPEN)
END = [ItemState.SUCCEEDED, ItemState.FAILED, ItemState.WAITING]


class Oracle(RuleBasedStateMachine):
    redis: Client

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
        self.in_jobs: set[str] = set()

    @invariant()
    def counters_and_letters_equal_states(self) -> None:
        for batch, expected in getattr(self, "states", {}).items():
            stored = [self.world.state(f"{batch}-{n}") for n in range(len(expected))]
            assert stored == expected
            assert [LETTERS[c] for c in self.redis.get(key("states", batch))] == expected
            assert self.world.counts(batch) == {s: expected.count(s) for s in set(expected)}

    @invariant()
    def what_is_open_of_each_person_is_known(self) -> None:
        for owner in OWNERS:
            mine = {b: states for b, states in getattr(self, "states", {}).items() if self.owner_of(b) == owner}
            left = {b: sum(s in ("queued", "waiting", "running") for s in states) for b, states in mine.items()}
            stored = {b: int(n) for b, n in self.redis.hgetall(key("open", owner)).items()}
            assert stored == {b: n for b, n in left.items() if n}
            assert sum(stored.values()) <= OPEN

    @invariant()
    def decisions_are_of_what_succeeded_and_counted(self) -> None:
        for batch, expected in getattr(self, "states", {}).items():
            said = [self.redis.hget(key("item", batch, n), "review") for n in range(len(expected))]
            counted = [int(n or 0) for n in self.redis.hmget(key("batch", batch), "approved", "rejected")]
            assert counted == [said.count("approved"), said.count("rejected")]
            assert all(state == "succeeded" for state, word in zip(expected, said, strict=True) if word)
            letters = (self.redis.get(key("reviews", batch)) or "").ljust(len(expected), "-")
            assert [{"a": "approved", "r": "rejected"}.get(letter) for letter in letters] == said

    @invariant()
    def every_open_item_has_one_place(self) -> None:
        """Ready, held back, between attempts, or leased: exactly one of them; and none for what has ended."""
        for batch, expected in getattr(self, "states", {}).items():
            for n, state in enumerate(expected):
                item = f"{batch}-{n}"
                places = sum(self.redis.zscore(key("ready", batch, lane), n) is not None for lane in LANES)
                places += self.redis.zscore(key("waiting"), item) is not None
                waits = self.redis.zscore(key("back", batch), n) is not None
                assert waits == (n in self.held_back(batch)), item
                places += waits
                places += sum(self.redis.zscore(key("leases", line), item) is not None for line in LINES)
                places += item in self.in_jobs
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
            whole = self.redis.hget(key("batch", batch), "price")
            prices = [self.redis.hget(key("item", batch, n), "price") or whole for n in still_open]
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
                self.in_jobs.discard(item)
            for lease in self.world.lease():
                self.holder[lease.item_id] = lease.token
            for batch in getattr(self, "states", {}):
                if job := self.world.begin(batch):
                    self.holder |= {
                        f"{batch}-{n}": job for n in range(len(self.states[batch])) if self.holds(batch, n, job)
                    }
            if not self.still_open():  # that nothing was handed out is no end: keys may rest
                break
        assert not self.still_open()

    def still_open(self) -> set[str]:
        found = {state for batch in getattr(self, "states", {}) for state in self.world.counts(batch)}
        return found & {"queued", "waiting", "running"}

    def held_back(self, batch: str) -> set[int]:
        return set()  # what waits for a person: see test_pilot_machine

    def owner_of(self, batch: str) -> str:
        return str(self.redis.hget(key("batch", batch), "owner"))

    def look_away(self, batch: str) -> None: ...

    def holds(self, batch: str, n: int, token: str) -> bool:
        return bool(self.redis.hget(key("item", batch, n), "token") == token)

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
