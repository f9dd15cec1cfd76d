"""What a job tells of items that it no longer holds: cancelled alone, or given back before its end was certain. Each
counted as possibly paid; now it is known. A picture that was paid for is used, as in the normal lane."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

import structlog

from batchgen.domain.economy import ENDED, JobState, poll_delay_s
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Picture
from batchgen.domain.prices import Made
from batchgen.domain.states import ItemState
from batchgen.engine.attempts import Job, again_of, where_of
from batchgen.engine.job_steps import JobSteps, Work
from batchgen.errors import NoRoom
from batchgen.store.items import attempts_of
from batchgen.store.keys import lane, normal_lane
from batchgen.store.queue import Lease

log = structlog.get_logger(__name__)
_UNTOLD = ("economy_late", "interrupted")  # how an attempt ended whose job had told nothing of it
_EXPIRY_MS = 50 * 3_600_000  # the provider keeps no job for longer than 48 h


class Loose(NamedTuple):
    """An item that the job let go of, and the number of its attempt with it, of which nothing is known."""

    job: Job
    attempt: int
    sent_ms: int


class JobGleaning(JobSteps):
    def _abandon(self, work: Work, moved: int) -> None:
        """Its items go on without it; it is still looked at, for as long as it may end with pictures."""
        now = work.held.now_ms
        self._wait(
            work, self._pace.poll, state=JobState.ABANDONED, until=now + _EXPIRY_MS, ended=now, polls=0, moved=moved
        )  # fmt: skip

    def _glean(self, work: Work) -> None:
        held = work.held
        if held.now_ms >= held.until_ms or not list(self._loose(work)):
            self._end(work, JobState.CANCELLED, held.moved)
            return
        try:
            look = self._provider(work).look(held.remote, held.key)
            if look.state in ENDED and self._glean_results(work, look.state):
                self._end(work, look.state, held.moved)
                return
        except ProviderFailure as failed:
            log.warning("abandoned job not reached", job=held.id, code=failed.failure.code)
            if failed.failure.code == "model_unavailable":  # 404: the provider has forgotten it
                self._end(work, JobState.CANCELLED, held.moved)
                return
        self._wait(work, poll_delay_s(self._pace.poll, held.polls), polls=held.polls + 1)

    def _glean_results(self, work: Work, state: JobState) -> bool:
        left, done = {one.job.lease.item_id: one for one in self._loose(work)}, True
        with self._p.storage.scratch(".jsonl") as scratch:
            for item_id, result in self._provider(work).results(work.held.remote, work.held.key, scratch):
                if item_id in left and result is not None:
                    done &= self._glean_one(left.pop(item_id), result)
        for one in left.values() if state is not JobState.SUCCEEDED else ():
            self._correct(one, "", Charged.NO)  # what a job that was cut short says nothing of was not made
        return done

    def _glean_one(self, one: Loose, result: Picture | Failure) -> bool:
        """False: not yet, for a call for the item is under way, which would meet the picture."""
        if isinstance(result, Failure):
            if result.charged is not Charged.UNKNOWN:
                self._correct(one, result.code, result.charged)
            return True
        batch, n = where_of(one.job)
        item = self._p.items.raw(batch, n)[0]
        if item.get("state") == ItemState.RUNNING:
            return False
        useful = item.get("state") in (ItemState.QUEUED, ItemState.WAITING, ItemState.FAILED, ItemState.CANCELLED)
        answer = self._answer(one.job, result, one.attempt)
        if useful and _answers(one, item):
            log.info("a picture came after its job was given up", item_id=one.job.lease.item_id)
            self._patiently(lambda: self._kept.put(one.job.lease.item_id, answer))
        known = self._correct(one, "succeeded", Charged.YES, self._cost(one.job, answer))
        if known and useful and item.get("error") == "economy_late" and one.job.batch["stopped"] != "1":
            with suppress(NoRoom):  # the picture is kept: a retry finds it when there is room again
                self._p.items.requeue(batch, n, {})  # the next attempt finds it, and pays nothing
        return True

    def _loose(self, work: Work) -> Iterator[Loose]:
        held = work.held
        for n, item in zip(held.items, self._p.items.raw(held.batch, held.items), strict=True):
            if item.get("token") != held.id:
                job = Job(Lease(f"{held.batch}-{n}", held.id, held.lane, held.key), work.batch, item)
                for attempt in attempts_of(item):
                    if attempt.sent_ms == held.sent_ms and attempt.charged == "unknown" and attempt.outcome in _UNTOLD:
                        yield Loose(job, attempt.number, held.sent_ms)

    def _correct(self, one: Loose, outcome: str, charged: Charged, made: Made | None = None) -> bool:
        return self._p.items.correct(one.job.lease.item_id, one.attempt, outcome, charged, made)


def _answers(one: Loose, item: Mapping[str, str]) -> bool:
    """Whether what the job was asked for is still what the item is to show."""
    now = one.job._replace(item=dict(item))
    same = normal_lane(now.lease.lane) == lane(now.own("provider"), now.own("model"))
    return same and one.attempt > again_of(item)
