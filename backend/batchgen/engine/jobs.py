"""One step of a job of a provider's batch API: hand it over, ask how it stands, take what it made, give back the rest.

What a result goes through is what every picture goes through: `Runner` keeps, checks and settles it.
"""

import structlog

from batchgen.domain.economy import ENDED, OPEN, JobState, Look
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.engine.attempts import ids_of
from batchgen.engine.job_gleaning import JobGleaning
from batchgen.engine.job_sending import LOOKS, JobSending
from batchgen.engine.job_steps import Pace, Stop, Work
from batchgen.store.jobs import Held

__all__ = ["JobRunner", "Pace"]

log = structlog.get_logger(__name__)
_GONE = Failure("interrupted", Charged.UNKNOWN)
_RAN_OUT = Failure("upstream_busy", Charged.NO, detail="the job ended without it")
_LEFT_OUT = {
    JobState.SUCCEEDED: Failure("no_image", Charged.UNKNOWN, detail="the job ended without an answer"),
    JobState.FAILED: _RAN_OUT, JobState.CANCELLED: _RAN_OUT, JobState.EXPIRED: _RAN_OUT,
}  # fmt: skip


class JobRunner(JobSending, JobGleaning):
    def look_after(self, held: Held) -> None:
        """One step of a job that is due and claimed: at its end it is let go, ended, or lost to another."""
        batch = self._p.batches.raw(held.batch)
        if "owner" not in batch or held.state in ENDED:
            self._jobs.end(held)
            return
        late = held.now_ms >= self._turning_ms(batch, held.lane)
        with structlog.contextvars.bound_contextvars(**ids_of(held.batch, batch)):
            self._step(Work(held, batch, batch["stopped"] == "1", late))

    def _step(self, work: Work) -> None:
        try:
            match work.held.state:
                case JobState.PREPARING:
                    self._prepare(work)
                case JobState.SENT:
                    self._search(work)
                case JobState.ABANDONED:
                    self._glean(work)
                case _:
                    self._poll(work)
        except Stop:
            log.warning("the job is in other hands", job=work.held.id)
        finally:
            self._p.dispatcher.try_dispatch()

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
                self._go_on(work, look)
        except ProviderFailure as failed:
            self._put_off(work, failed.failure)

    def _go_on(self, work: Work, look: Look) -> None:
        self._let_go(work)
        if any(True for _ in self._items(work)):
            self._wait(work, self._delay_s(work), state=look.state, polls=work.held.polls + 1, looks=0)
        else:  # all were cancelled, one by one
            self._ask_for_the_end(work)

    def _ask_for_the_end(self, work: Work) -> None:
        until = work.held.now_ms + int(self._pace.cancel * 1000)
        if not self._jobs.note(work.held, {"state": JobState.CANCELLING, "until": until}):
            raise Stop
        self._provider(work).cancel(work.held.remote, work.held.key)
        self._wait(work, min(1.0, self._pace.poll))

    def _wait_for_the_end(self, work: Work) -> None:
        if work.held.now_ms >= work.held.until_ms:
            self._abandon(work, self._give_back(work, Charged.UNKNOWN))
            return
        self._provider(work).cancel(work.held.remote, work.held.key)  # the first time may not have arrived
        self._wait(work, min(5.0, self._pace.poll))

    def _put_off(self, work: Work, failure: Failure) -> None:
        """A question that was not answered costs nothing and is asked again, until time is over."""
        held = work.held
        log.warning("job not reached", job=held.id, code=failure.code)
        if failure.code == "model_unavailable" and held.state in OPEN:  # 404
            if held.looks + 1 < LOOKS:
                self._wait(work, self._pace.poll, looks=held.looks + 1)
            else:  # with what it made
                self._fail_all(work, _GONE)
                self._end(work, JobState.FAILED)
        elif held.now_ms >= self._give_up_ms(work):
            self._abandon(work, self._give_back(work, Charged.UNKNOWN))
        else:
            self._wait(work, self._again_s(work))

    def _take(self, work: Work, look: Look) -> None:
        """Results by their key, whatever their order; then what the job left out."""
        held, left = work.held, {job.lease.item_id: job for job in self._items(work)}
        with self._p.storage.scratch(".jsonl") as scratch:
            for item_id, result in self._provider(work).results(held.remote, held.key, scratch):
                if result is not None and item_id in left:
                    self._take_one(left.pop(item_id), result)
        moved = 0
        if held.state is JobState.CANCELLING:
            moved = self._give_back(work, Charged.NO)
        else:
            self._fail_all(work, look.failure or _LEFT_OUT[look.state])
        if any(True for _ in self._loose(work)):
            self._abandon(work, moved)
        else:
            self._end(work, look.state, moved)
