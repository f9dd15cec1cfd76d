"""A job that the provider has not: its requests are put together, and it is handed over once."""

import json
from functools import partial
from pathlib import Path

import structlog

from batchgen.domain.economy import JobState
from batchgen.domain.failures import Charged, Failure, ProviderFailure, Rule
from batchgen.domain.states import ItemState
from batchgen.engine.answers import Answer
from batchgen.engine.attempts import Job
from batchgen.engine.job_returns import JobReturns
from batchgen.engine.job_steps import Stop, Work
from batchgen.providers.jobs import MAX_FILE_BYTES
from batchgen.store.keys import provider_of

log = structlog.get_logger(__name__)
LOOKS = 2  # in vain, an interval apart, until a job counts as not made, or as gone
_ANSWER_BYTES = {"512": 1_400_000, "1K": 2_800_000, "2K": 12_000_000, "4K": 34_000_000}  # of one picture, in base64


class JobSending(JobReturns):
    def _prepare(self, work: Work) -> None:
        if work.stopped or work.late:
            self._use_kept(work)
            self._end(work, JobState.CANCELLED, self._give_back(work, Charged.NO))
            return
        if work.batch["paused"] == "1":
            self._wait(work, self._delay_s(work))
            return
        with self._p.storage.scratch(".jsonl") as file:
            count = self._write(work, file)
            if not count:
                self._end(work, JobState.CANCELLED)
                return
            self._hand_over(work, file, count)

    def _use_kept(self, work: Work) -> None:
        """It is too late to send anything, but not to take what an earlier job left."""
        for job in self._items(work):
            if (kept := self._left_for(job)) and not work.stopped:
                self._conclude(job, partial(lambda answer: answer, kept))

    def _write(self, work: Work, file: Path) -> int:
        """The requests of the job's items, as lines; how many. What cannot be sent is settled here."""
        count = size = 0
        with file.open("wb") as out:
            for job in self._items(work):
                line = self._line(work, job)
                if line and size + len(line) > MAX_FILE_BYTES:
                    self._unmade(job, ItemState.WAITING)  # for the next job
                elif line:
                    out.write(line)
                    count, size = count + 1, size + len(line)
        return count

    def _line(self, work: Work, job: Job) -> bytes:
        """An item's request; nothing where it is settled instead: cancelled, refused, or made by an earlier call."""
        line = bytearray()

        def make() -> Answer | None:
            kept = self._left_for(job)
            if kept is None:
                self._p.models.require(job.own("provider"), job.own("model"))
                line.extend(self._provider(work).line(job.lease.item_id, self._request(job)))
            return kept

        if job.item.get("stop"):
            self._unmade(job, ItemState.CANCELLED)
        else:
            self._conclude(job, make)
        return bytes(line)

    def _unmade(self, job: Job, to: ItemState) -> None:
        """It may have been sent once, but the provider refused that job, or has none of its name."""
        self._settle(job, to, None, "interrupted" if job.item.get("sent") else "", Charged.NO)

    def _hand_over(self, work: Work, file: Path, count: int) -> None:
        held, sent = work.held, False
        size = json.loads(work.batch["options"]).get("size") or "1K"
        answer_bytes = count * _ANSWER_BYTES.get(size, _ANSWER_BYTES["4K"])
        provider, model = provider_of(held.lane), held.lane.partition("/")[2]
        try:
            staged = self._provider(work).stage(held.id, file, answer_bytes=answer_bytes, key=held.key)
            sent = self._note_sent(work)
            if not sent:
                return
            with self._p.models.watching(provider, model):
                remote = self._provider(work).create(held.id, model, staged, key=held.key, timeout_s=self._timeout_s)
        except ProviderFailure as failed:
            self._not_created(work, failed.failure, sent=sent)
            return
        log.info("job created", job=held.id, items=count)
        self._wait(work, self._pace.poll, state=JobState.PENDING, remote=remote, polls=0)

    def _note_sent(self, work: Work) -> bool:
        """Its name is in our state before the provider hears of it. False: all of it was cancelled, or some item."""
        count = self._jobs.send(work.held)
        if count == 0:
            raise Stop
        if count < 0:
            self._wait(work, 0.0)
        return count > 0

    def _not_created(self, work: Work, failure: Failure, *, sent: bool) -> None:
        log.warning("job not created", job=work.held.id, code=failure.code, charged=failure.charged.value)
        passing = failure.rule in (Rule.HINTED, Rule.BACKOFF)
        if sent and failure.charged is not Charged.NO:  # it may be there: looked for by its name before anything else
            self._wait(work, self._pace.poll)
        elif passing or (not sent and failure.rule is Rule.RERUN):
            self._wait(work, self._delay_s(work), state=JobState.PREPARING, polls=work.held.polls + 1)
        else:
            self._fail_all(work, failure)
            self._end(work, JobState.FAILED)

    def _search(self, work: Work) -> None:
        """Its creation was not answered: whether it was made, its name tells."""
        held = work.held
        try:
            found = self._provider(work).find(held.id, held.key)
            for twin in found[1:]:
                self._provider(work).cancel(twin, held.key)
        except ProviderFailure as failed:
            self._not_searched(work, failed.failure)
            return
        if found:
            self._wait(work, 0.0, state=JobState.PENDING, remote=found[0], polls=0, looks=0)
        elif held.looks + 1 < LOOKS or held.now_ms < held.sent_ms + 2000 * self._timeout_s:
            self._wait(work, self._pace.poll, looks=held.looks + 1)  # its maker may just be slow
        else:
            self._wait(work, 0.0, state=JobState.PREPARING, polls=0)

    def _not_searched(self, work: Work, failure: Failure) -> None:
        log.warning("job not looked for", job=work.held.id, code=failure.code)
        if work.held.now_ms >= self._give_up_ms(work):
            self._end(work, JobState.CANCELLED, self._give_back(work, Charged.UNKNOWN))
        else:
            self._wait(work, self._again_s(work))
