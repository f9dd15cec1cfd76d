"""The machine of test_machine with pilots among its batches: samples, approvals, repeats, in whatever order."""

from hypothesis import strategies as st
from hypothesis.stateful import multiple, rule, run_state_machine_as_test

from batchgen.errors import NoRoom
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.pilots import Pilots
from tests.store.oracle import OWNERS, TERMS
from tests.store.test_machine import SETTINGS, Store


class PilotStore(Store):
    """The oracle of the samples: which batches wait for a person, and how many of their first items are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.pilots = Pilots(self.redis, TERMS)
        self.samples: dict[str, int] = {}

    @rule(
        target=Store.batches, count=st.integers(2, 5), sample=st.integers(1, 2), owner=st.sampled_from(OWNERS)
    )  # fmt: skip
    def submit_pilot(self, count: int, sample: int, owner: str):
        try:
            batch = self.world.submit(count, owner, "demo", notify="n1", sample=tuple(range(sample)))
        except NoRoom:
            return multiple()
        self.states[batch] = ["queued"] * count
        if sample < count:
            self.samples[batch] = sample
        return batch

    @rule(batch=Store.batches)
    def approve(self, batch: str) -> None:
        ready = self.in_review(batch)
        try:
            done = self.pilots.approve(batch, now_ms=self.world.now)
        except NoRoom:
            assert ready
            return
        assert (done == 1) == ready
        if ready:
            del self.samples[batch]

    @rule(batch=Store.batches)
    def repeat(self, batch: str) -> None:
        ready = self.in_review(batch)
        try:
            done = self.pilots.repeat(batch, {}, None, now_ms=self.world.now)
        except NoRoom:
            assert ready
            return
        assert (done == 1) == ready
        for n in range(self.samples[batch]) if ready else ():
            self.states[batch][n] = "queued"
            self.marked.discard(f"{batch}-{n}")

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

    def still_open(self) -> set[str]:
        """At the end everything is approved that can be."""
        for batch in self.samples:
            try:
                self.pilots.approve(batch, now_ms=self.world.now)
            except NoRoom:  # then nobody ever can
                self.world.items.cancel(batch, now_ms=self.world.now)
        return super().still_open()


def test_under_any_schedule_a_rest_waits_for_its_approval_and_holds_nothing_until_then(redis: Client):
    PilotStore.redis = redis
    run_state_machine_as_test(PilotStore, settings=SETTINGS)
