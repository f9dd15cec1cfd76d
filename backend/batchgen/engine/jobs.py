"""One step of a job of a provider's batch API: hand it over, ask how it stands, take what it made, give back the rest.

What a result goes through is what every picture goes through: `Runner` keeps, checks and settles it.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import structlog

from batchgen.domain.economy import ENDED, OPEN, JobState, Look, Terms, poll_delay_s, turning_ms
from batchgen.domain.failures import Charged, Failure, ProviderFailure, Rule
from batchgen.domain.pictures import Picture
from batchgen.domain.states import FINAL, ItemState
from batchgen.engine.runner import Job, Parts, Runner, options_of
from batchgen.providers.jobs import MAX_FILE_BYTES, JobProvider
from batchgen.store.jobs import Held, Jobs
from batchgen.store.keys import ECONOMY
from batchgen.store.queue import Lease

log = structlog.get_logger(__name__)
_LOOKS = 2  # in vain, an interval apart, until a job counts as not made, or as gone
_GONE = Failure("interrupted", Charged.UNKNOWN)
_RAN_OUT = Failure("upstream_busy", Charged.NO, detail="the job ended without it")
_LEFT_OUT = {
    JobState.SUCCEEDED: Failure("no_image", Charged.UNKNOWN, detail="the job ended without an answer"),
    JobState.FAILED: _RAN_OUT, JobState.CANCELLED: _RAN_OUT, JobState.EXPIRED: _RAN_OUT,
}  # fmt: skip
_ANSWER_BYTES = {"512": 1_400_000, "1K": 2_800_000, "2K": 12_000_000, "4K": 34_000_000}  # of one picture, in base64


class Pace(NamedTuple):
    """Seconds. `poll`: the first interval; `cancel`: how long the end of a cancelled job is waited for; `margin`:
    spared before the time that the person named."""

    poll: float = 30.0
    cancel: float = 60.0
    margin: float = 120.0


class _Stop(Exception):
    """The job is another's by now."""


class Work(NamedTuple):
    """A job in our hands, and its batch. `stopped`: the batch is cancelled; `late`: the batch API's time is over."""

    held: Held
    batch: dict[str, str]
    stopped: bool
    late: bool


class JobRunner(Runner):
    def __init__(self, parts: Parts, jobs: Jobs, pace: Pace, *, timeout_s: float, max_attempts: int) -> None:
        super().__init__(parts, timeout_s=timeout_s, max_attempts=max_attempts)
        self._jobs, self._pace = jobs, pace

    def look_after(self, held: Held) -> None:
        """One step of a job that is due and claimed: at its end it is let go, ended, or lost to another."""
        batch = self._p.batches.raw(held.batch)
        if "owner" not in batch or held.state in ENDED:
            self._jobs.end(held)
            return
        late = held.now_ms >= self._turning_ms(batch, held.lane)
        work = Work(held, batch, batch["stopped"] == "1", late)
        try:
            match held.state:
                case JobState.PREPARING:
                    self._prepare(work)
                case JobState.SENT:
                    self._search(work)
                case _:
                    self._poll(work)
        except _Stop:
            log.warning("the job is in other hands", job=held.id)
        finally:
            self._p.dispatcher.try_dispatch()

    # a job that the provider has not

    def _prepare(self, work: Work) -> None:
        if work.stopped or work.late:
            self._end(work, JobState.CANCELLED, self._give_back(work, Charged.NO))
            return
        with self._p.storage.scratch(".jsonl") as file:
            count = self._write(work, file)
            if not count:
                self._end(work, JobState.CANCELLED)
                return
            self._hand_over(work, file, count)

    def _write(self, work: Work, file: Path) -> int:
        """The requests of the job's items, as lines; how many. What cannot be sent is settled here."""
        count = size = 0
        with file.open("wb") as out:
            for job in self._items(work):
                line = self._line(work, job)
                if line and size + len(line) > MAX_FILE_BYTES:
                    self._settle(job, ItemState.WAITING)  # for the next job
                elif line:
                    out.write(line)
                    count, size = count + 1, size + len(line)
        return count

    def _line(self, work: Work, job: Job) -> bytes:
        """An item's request; nothing where it is settled instead: cancelled, refused, or made by an earlier call."""
        line = bytearray()

        def make() -> Picture | None:
            kept = self._kept(job)
            if kept is None:
                line.extend(self._provider(work).line(job.lease.item_id, self._request(job)))
            return kept

        if job.item.get("stop"):
            self._settle(job, ItemState.CANCELLED)
        else:
            self._conclude(job, make)
        return bytes(line)

    def _hand_over(self, work: Work, file: Path, count: int) -> None:
        held, sent = work.held, False
        size = json.loads(work.batch["options"]).get("size") or "1K"
        answer_bytes = count * _ANSWER_BYTES.get(size, _ANSWER_BYTES["4K"])
        model = held.lane.partition("/")[2]
        try:
            staged = self._provider(work).stage(held.id, file, answer_bytes=answer_bytes, key=held.key)
            sent = self._note_sent(work)
            if not sent:
                return
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
            raise _Stop
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
            self._all_fail(work, failure)

    def _search(self, work: Work) -> None:
        """Its creation was not answered: whether it was made, its name tells."""
        held = work.held
        try:
            found = self._provider(work).find(held.id, held.key)
            for twin in found[1:]:
                self._provider(work).cancel(twin, held.key)
        except ProviderFailure as failed:
            self._put_off(work, failed.failure)
            return
        if found:
            self._wait(work, 0.0, state=JobState.PENDING, remote=found[0], polls=0, looks=0)
        elif held.looks + 1 < _LOOKS or held.now_ms < held.sent_ms + 2000 * self._timeout_s:
            self._wait(work, self._pace.poll, looks=held.looks + 1)  # its maker may just be slow
        else:
            self._wait(work, 0.0, state=JobState.PREPARING, polls=0)

    # a job that the provider has

    def _poll(self, work: Work) -> None:
        held = work.held
        try:
            look = self._provider(work).look(held.remote, held.key)
            if look.state in ENDED:
                self._take(work, look)
            elif held.state is JobState.CANCELLING:
                self._wait_for_the_end(work)
            elif work.stopped or work.late:
                self._ask_for_the_end(work)
            else:
                self._wait(work, self._delay_s(work), state=look.state, polls=held.polls + 1, looks=0)
        except ProviderFailure as failed:
            self._put_off(work, failed.failure)

    def _ask_for_the_end(self, work: Work) -> None:
        until = work.held.now_ms + int(self._pace.cancel * 1000)
        if not self._jobs.note(work.held, {"state": JobState.CANCELLING, "until": until}):
            raise _Stop
        self._provider(work).cancel(work.held.remote, work.held.key)
        self._wait(work, min(1.0, self._pace.poll))

    def _wait_for_the_end(self, work: Work) -> None:
        if work.held.now_ms >= work.held.until_ms:
            self._end(work, JobState.CANCELLED, self._give_back(work, Charged.UNKNOWN))
            return
        self._provider(work).cancel(work.held.remote, work.held.key)  # the first time may not have arrived
        self._wait(work, min(5.0, self._pace.poll))

    def _put_off(self, work: Work, failure: Failure) -> None:
        """A question that was not answered costs nothing and is asked again, until time is over."""
        held = work.held
        log.warning("job not reached", job=held.id, code=failure.code)
        give_up_ms = held.until_ms or self._turning_ms(work.batch, held.lane) + int(self._pace.cancel * 1000)
        if failure.code == "model_unavailable" and held.state in OPEN:  # 404
            if held.looks + 1 < _LOOKS:
                self._wait(work, self._pace.poll, looks=held.looks + 1)
            else:  # with what it made
                self._all_fail(work, _GONE)
        elif held.now_ms >= give_up_ms:
            self._end(work, JobState.CANCELLED, self._give_back(work, Charged.UNKNOWN))
        else:
            self._wait(work, min(5.0, self._pace.poll) if work.late or work.stopped else self._delay_s(work))

    def _take(self, work: Work, look: Look) -> None:
        """Results by their key, whatever their order; then what the job left out."""
        held, left = work.held, {job.lease.item_id: job for job in self._items(work)}
        with self._p.storage.scratch(".jsonl") as scratch:
            for item_id, result in self._provider(work).results(held.remote, held.key, scratch):
                if result is not None and item_id in left:
                    self._take_one(left.pop(item_id), result)
        if held.state is JobState.CANCELLING:
            self._end(work, look.state, self._give_back(work, Charged.NO))
        else:
            self._all_fail(work, look.failure or _LEFT_OUT[look.state], look.state)

    def _take_one(self, job: Job, result: Picture | Failure) -> None:
        def make() -> Picture | None:
            if isinstance(result, Failure):
                raise ProviderFailure(result)
            picture = replace(result, seed=options_of(job).seed)
            self._keep(job, picture)
            return picture

        self._conclude(job, make)

    # what it did not make

    def _all_fail(self, work: Work, failure: Failure, state: JobState = JobState.FAILED) -> None:
        for job in self._items(work):
            self._take_one(job, failure)
        self._end(work, state)

    def _give_back(self, work: Work, charged: Charged) -> int:
        """Cancelled with its batch; made at full price with consent; else late. How many go on at full price."""
        moved = 0
        for job in self._items(work):
            outcome = "economy_late" if job.item.get("sent") else ""
            if work.stopped:
                self._settle(job, ItemState.CANCELLED, None, outcome and "interrupted", charged)
            elif work.batch["full_ok"] == "1":
                fields: dict[str, str | int] = {"lane": "normal", "price": int(work.batch["full_price"]), "tries": 0}
                moved += self._settle(job, ItemState.WAITING, fields, outcome, charged)
            else:
                self._settle(job, ItemState.FAILED, {"error": "economy_late"}, outcome, charged)
        return moved

    # helpers

    def _provider(self, work: Work) -> JobProvider:
        return self._p.registry.jobs(work.held.lane.partition("/")[0].removesuffix(ECONOMY))

    def _items(self, work: Work) -> Iterable[Job]:
        """Those that the job still holds."""
        held = work.held
        for n, item in zip(held.items, self._p.items.raw(held.batch, held.items), strict=True):
            if item.get("token") == held.id:
                yield Job(Lease(f"{held.batch}-{n}", held.id, held.lane, held.key), work.batch, item)

    def _turning_ms(self, batch: dict[str, str], lane: str) -> int:
        """When the time of the batch API is over for a batch."""
        terms = Terms(int(batch["needed_by"]), batch["full_ok"] == "1", int(batch["full_price"]))
        normal = lane.replace(f"{ECONOMY}/", "/")
        left = sum(int(batch[state.value]) for state in ItemState if state not in FINAL)
        at_once = self._p.queue.room(normal) // (1 + len(self._p.queue.batches_in(normal)))
        _, _, picture_ms = self._p.queue.outlook(batch["owner"], "", normal)
        return turning_ms(terms, left, at_once, picture_ms, int((self._pace.margin + self._pace.cancel) * 1000))

    def _delay_s(self, work: Work) -> float:
        """Until the next look, but not past the moment at which time is over."""
        left_ms = self._turning_ms(work.batch, work.held.lane) - work.held.now_ms
        return min(poll_delay_s(self._pace.poll, work.held.polls), max(0.1, left_ms / 1000))

    def _wait(self, work: Work, delay_s: float, **fields: str | int) -> None:
        if not self._jobs.wait(work.held, delay_s, fields):
            raise _Stop

    def _end(self, work: Work, state: JobState, moved: int = 0) -> None:
        if not self._jobs.end(work.held, {"state": state, "moved": moved}):
            raise _Stop
