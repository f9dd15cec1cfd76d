"""What beats in every worker for the economy lane: puts items into jobs, and looks after the jobs that are due. No slot
and no lease is held while a provider works on a job; one worker has it at a time, for as long as it says so."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from batchgen.engine.jobs import JobRunner, Pace
from batchgen.engine.runner import Parts
from batchgen.errors import AppError
from batchgen.store.jobs import Held, Jobs
from batchgen.store.keys import provider_of
from batchgen.store.queue import Queue

log = structlog.get_logger(__name__)
_IDLE_S, _THREADS = 0.5, 2  # one goes on while the other hands over or fetches a large file


class Economy:
    """`job_items`: at most in one job; `linger_s`: how long a few items wait for others to go with."""

    def __init__(
        self, jobs: Jobs, queue: Queue, runner: JobRunner, *, job_items: int, linger_s: float, renew_s: float
    ) -> None:
        self._jobs, self._queue, self._runner = jobs, queue, runner
        self._job_items, self._linger_s, self._renew_s = job_items, linger_s, renew_s
        self._stop = threading.Event()

    def start(self) -> None:
        for number in range(_THREADS):
            threading.Thread(target=self._loop, daemon=True, name=f"economy-{number}").start()

    def stop(self) -> None:
        """Take no further job; a step under way that is cut off is another's when its claim runs out."""
        self._stop.set()

    def turn(self) -> bool:
        """Put what queues into jobs, and look after the one that is due longest; False: none is."""
        for lane in self._jobs.lanes():
            for batch in self._queue.batches_in(lane):
                self._begin(batch, lane)
        held = self._jobs.claim()
        if held is None:
            return False
        with self._renewed(held), structlog.contextvars.bound_contextvars(batch_id=held.batch):
            self._runner.look_after(held)
        return True

    def _begin(self, batch: str, lane: str) -> None:
        rests = self._queue.key_rests(provider_of(lane))
        keys = [one for one, rest in rests.items() if rest is None] or list(rests) or [""]
        key = random.choice(keys)  # noqa: S311
        if job := self._jobs.begin(batch, lane, key, self._job_items, int(self._linger_s * 1000)):
            log.info("job begun", job=job)

    @contextmanager
    def _renewed(self, held: Held) -> Iterator[None]:
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self._renew_s):
                try:
                    self._jobs.renew(held)
                except AppError as away:
                    log.warning("beat missed", reason=away.code)

        beat = threading.Thread(target=renew, daemon=True, name="economy-beat")
        beat.start()
        try:
            yield
        finally:
            done.set()
            beat.join()  # or it could hold what was just let go

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                if self.turn():
                    continue
            except AppError as away:
                log.warning("economy put off", reason=away.code)
            except Exception:  # a dead loop would leave jobs alone
                log.exception("economy failed")
            self._stop.wait(_IDLE_S)


def make_economy(
    jobs: Jobs, rooms: Parts, pace: Pace, *, job_items: int, renew_s: float, timeout_s: float, max_attempts: int
) -> Economy:
    runner = JobRunner(rooms, jobs, pace, timeout_s=timeout_s, max_attempts=max_attempts)
    return Economy(jobs, rooms.queue, runner, job_items=job_items, linger_s=pace.poll, renew_s=renew_s)
