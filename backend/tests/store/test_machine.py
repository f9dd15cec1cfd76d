"""Whatever happens in whatever order: counters equal states, nothing is lost, nothing has two holders."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    multiple,
    rule,
    run_state_machine_as_test,
)

from batchgen.domain.failures import Charged
from batchgen.domain.pace import Sign
from batchgen.domain.prices import Made
from batchgen.domain.states import REDOES, ItemState, Review
from batchgen.errors import NoRoom
from batchgen.store.connection import Client
from batchgen.store.items import NoBudgetLeftError, attempts_of, earlier_in
from batchgen.store.keys import key
from batchgen.store.queue import Lease
from batchgen.store.reviews import Reviews
from tests.store.oracle import END, LINES, OWNERS, PROVIDERS, Oracle
from tests.store.steps import ECONOMY, LEASE_MS

SETTINGS = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


class Store(Oracle):
    batches = Bundle("batches")
    leases = Bundle("leases")

    @rule(target=batches, count=st.integers(1, 5), owner=st.sampled_from(OWNERS), provider=st.sampled_from(PROVIDERS))
    def submit(self, count: int, owner: str, provider: str):
        try:
            batch = self.world.submit(count, owner, provider, notify="n1")
        except NoRoom:
            return multiple()
        self.states[batch] = ["queued"] * count
        return batch

    @rule(target=batches, count=st.integers(1, 5), owner=st.sampled_from(OWNERS))
    def submit_economy(self, count: int, owner: str):
        try:
            batch = self.world.submit(count, owner, notify="n1", needed_in_ms=10**9)
        except NoRoom:
            return multiple()
        self.states[batch] = ["queued"] * count
        return batch

    @rule(target=leases, batch=batches, at_most=st.integers(1, 4))
    def begin_job(self, batch: str, at_most: int):
        """What a job holds is held as by a lease that does not run out, and takes no slot."""
        job = self.world.begin(batch, at_most)
        found: list[Lease] = []
        if job is None:
            return multiple()
        for n in range(len(self.states[batch])):
            if self.holds(batch, n, job):
                assert self.get(f"{batch}-{n}") in ("queued", "waiting")
                self.in_jobs.add(f"{batch}-{n}")
                self.put(f"{batch}-{n}", "running")
                self.holder[f"{batch}-{n}"] = job
                found.append(Lease(f"{batch}-{n}", job, ECONOMY, "-"))
        assert found
        return multiple(*found)

    @rule()
    def send_job(self) -> None:
        while held := self.world.jobs.claim(self.world.now):
            done = self.world.jobs.send(held, self.world.now)
            for n in held.items if done > 0 else ():
                if self.holder.get(f"{held.batch}-{n}") == held.id:
                    self.sent.add(held.id + str(n))
            self.world.jobs.wait(held, 5.0, {}, self.world.now)

    @rule(target=leases, at_most=st.integers(1, 4))
    def dispatch(self, at_most: int):
        found = self.world.lease(at_most)
        for lease in found:
            assert self.get(lease.item_id) in ("queued", "waiting")
            assert lease.item_id not in self.holder
            self.holder[lease.item_id] = lease.token
            self.put(lease.item_id, "running")
        assert len(set(self.holder) - self.in_jobs) <= 6
        return multiple(*found)

    @rule(lease=leases)
    def send(self, lease: Lease) -> None:
        if lease.item_id in self.in_jobs or lease.lane == ECONOMY:
            return  # such an item is sent with its job
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
            self.in_jobs.discard(lease.item_id)
            self.put(lease.item_id, done.value)

    @rule(batch=batches, n=st.integers(0, 4), charged=st.sampled_from([Charged.YES, Charged.NO]))
    def learn(self, batch: str, n: int, charged: Charged) -> None:
        """What a job tells late makes a possible payment certain, once, and changes nothing else."""
        first = self.redis.hget(key("item", batch, n), "a1") or ""
        if not first.startswith(ECONOMY):
            return
        settled, unclear = (int(x) for x in self.redis.hmget(key("batch", batch), "settled", "unclear"))
        known = self.world.items.correct(f"{batch}-{n}", 1, "", charged, now_ms=self.world.now)
        _lane, _sent, ended, _outcome, was, *_money = first.split("|")
        assert known == (was == "unknown" and ended != "")
        paid = 100 if known and charged is Charged.YES else 0
        after = [int(x) for x in self.redis.hmget(key("batch", batch), "settled", "unclear")]
        assert after == [settled + paid, unclear - 100 * known]

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
            self.in_jobs.discard(lease.item_id)
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
        except NoRoom:
            return
        self.states[batch] = ["queued" if s in ("failed", "cancelled") else s for s in self.states[batch]]

    @rule(batch=batches, some=st.sets(st.integers(0, 4)), word=st.sampled_from(list(Review)))
    def review(self, batch: str, some: set[int], word: Review) -> None:
        able = {n for n, state in enumerate(self.states[batch]) if state == "succeeded"}
        assert Reviews(self.redis).decide(batch, dict.fromkeys(some, word))[0] == len(able & some)

    @rule(batch=batches, n=st.integers(0, 4))
    def redo(self, batch: str, n: int) -> None:
        """The picture that was there is laid by, never lost."""
        if self.states[batch][n : n + 1] != ["succeeded"]:
            return
        before = self.pictures(batch, n)
        try:
            assert self.world.items.requeue(batch, [n], {}, moves=REDOES, now_ms=self.world.now) == 1
        except NoRoom:
            return
        assert self.pictures(batch, n) == before
        self.states[batch][n] = "queued"
        self.marked.discard(f"{batch}-{n}")

    @rule(batch=batches, n=st.integers(0, 4))
    def restore(self, batch: str, n: int) -> None:
        """Never while it is made, never for money; what it had is laid by."""
        able = self.states[batch][n : n + 1] and self.states[batch][n] in ("succeeded", "failed", "cancelled")
        laid_by = earlier_in(f"{batch}-{n}", self.world.items.raw(batch, [n])[0])
        before, money = self.pictures(batch, n), self.world.money(batch)
        number = laid_by[0].number if laid_by else 0
        done = Reviews(self.redis).restore(batch, n, number, now_ms=self.world.now)
        assert (done == 1) == bool(able and laid_by)
        assert self.world.money(batch) == money
        if done == 1:
            assert self.pictures(batch, n) == before
            self.states[batch][n] = "succeeded"
            self.marked.discard(f"{batch}-{n}")
            if self.redis.hget(key("item", batch, n), "flags"):
                self.marked.add(f"{batch}-{n}")

    def pictures(self, batch: str, n: int) -> int:
        """How many of its pictures can be had."""
        raw = self.world.items.raw(batch, [n])[0]
        if not raw:
            return 0
        [item] = self.world.batches.items(batch, [n])
        return len(item.earlier) + (item.result is not None)

    @rule(lease=leases)
    def come_late(self, lease: Lease) -> None:
        """The picture of an attempt that may have been given up."""
        batch, _, n = lease.item_id.rpartition("-")
        first = attempts_of(self.world.items.raw(batch, [int(n)])[0])[:1]
        if first and first[0].charged == "unknown":
            self.world.items.correct(
                lease.item_id, 1, "", Charged.YES, Made(90, 90, 1, "picture"), now_ms=self.world.now
            )

    @rule(days=st.integers(1, 20))
    def let_days_pass(self, days: int) -> None:
        self.world.now += days * 86_400_000
        self.world.set_slots(6)
        for item, token in self.holder.items():  # somebody is still at them
            if item in self.in_jobs:
                continue
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


def test_under_any_schedule_counters_equal_states_and_no_item_is_lost_or_held_twice(redis: Client):
    Store.redis = redis
    run_state_machine_as_test(Store, settings=SETTINGS)
