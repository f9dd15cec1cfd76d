"""What the steps of a job of a provider's batch API share: the job in hand, its items, its time."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from batchgen.domain.economy import JobState, poll_delay_s, turning_ms
from batchgen.domain.failures import Category, Failure, ProviderFailure
from batchgen.domain.pictures import Picture
from batchgen.domain.quality import Asked
from batchgen.domain.states import FINAL, ItemState
from batchgen.engine.answers import Answer, asked_of
from batchgen.engine.attempts import Job, options_of
from batchgen.engine.runner import Parts, Runner
from batchgen.errors import AppError
from batchgen.providers.jobs import JobProvider
from batchgen.store.batches import agreement_in
from batchgen.store.jobs import Held, Jobs
from batchgen.store.keys import normal_lane, provider_of
from batchgen.store.queue import Lease


class Pace(NamedTuple):
    """Seconds. `poll`: the first interval; `cancel`: how long the end of a cancelled job is waited for; `margin`:
    spared before the time that the person named."""

    poll: float = 30.0
    cancel: float = 60.0
    margin: float = 120.0


class Stop(Exception):
    """The job is another's by now."""


class Work(NamedTuple):
    """A job in our hands, and its batch. `stopped`: the batch is cancelled; `late`: the batch API's time is over."""

    held: Held
    batch: dict[str, str]
    stopped: bool
    late: bool


class JobSteps(Runner):
    def __init__(self, parts: Parts, jobs: Jobs, pace: Pace, *, timeout_s: float, max_attempts: int) -> None:
        super().__init__(parts, timeout_s=timeout_s, max_attempts=max_attempts)
        self._jobs, self._pace = jobs, pace

    def _provider(self, work: Work) -> JobProvider:
        return self._p.registry.jobs(provider_of(work.held.lane))

    def _items(self, work: Work) -> Iterable[Job]:
        """Those that the job still holds."""
        held = work.held
        for n, item in zip(held.items, self._p.items.raw(held.batch, held.items), strict=True):
            if item.get("token") == held.id:
                yield Job(Lease(f"{held.batch}-{n}", held.id, held.lane, held.key), work.batch, item)

    def _note(self, job: Job, failure: Failure | None) -> float | None:
        """A job says nothing of the pace of calls, but a key without access has none to them either."""
        if failure is None or failure.category is not Category.AUTH:
            return None
        lane = normal_lane(job.lease.lane)
        return super()._note(job._replace(lease=job.lease._replace(lane=lane)), failure)

    def _turning_ms(self, batch: dict[str, str], lane: str) -> int:
        """When the time of the batch API is over for a batch."""
        agreed = agreement_in(batch)
        normal = normal_lane(lane)
        left = sum(int(batch[state.value]) for state in ItemState if state not in FINAL)
        at_once = self._p.queue.room(normal) // (1 + len(self._p.queue.batches_in(normal)))
        _, _, picture_ms = self._p.queue.outlook(batch["owner"], "", normal)
        return turning_ms(agreed, left, at_once, picture_ms, int((self._pace.margin + self._pace.cancel) * 1000))

    def _delay_s(self, work: Work) -> float:
        """Until the next look, but not past the moment at which time is over."""
        left_ms = self._turning_ms(work.batch, work.held.lane) - work.held.now_ms
        return min(poll_delay_s(self._pace.poll, work.held.polls), max(0.1, left_ms / 1000))

    def _wait(self, work: Work, delay_s: float, **fields: str | int) -> None:
        if not self._jobs.wait(work.held, delay_s, fields):
            raise Stop

    def _end(self, work: Work, state: JobState, moved: int = 0) -> None:
        if not self._jobs.end(work.held, {"state": state, "moved": moved}):
            raise Stop

    def _answer(self, job: Job, picture: Picture, attempt: int) -> Answer:
        """With what it is held against: told from the images anew, which nobody held on to for as long as a job takes.
        Where they are not to be had it counts as it is, for it was paid."""
        try:
            capabilities = self._p.registry.adapter(job.own("provider")).capabilities(job.own("model"))
            asked = asked_of(self._request(job), capabilities)
        except (AppError, ProviderFailure):
            asked = Asked()
        images = len(job.batch["references"].split()) + bool(job.item.get("upload"))
        return Answer(replace(picture, seed=options_of(job).seed), asked, attempt, job.lease.lane, images)
