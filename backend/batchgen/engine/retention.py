"""Lets go of what has been kept for as long as the settings say: uploads that no batch uses, pictures of batches that
ended, whole batches. In one process at a time, in small steps that may be broken off anywhere."""

import threading
from collections import Counter
from typing import NamedTuple

import structlog

from batchgen.domain.audit import Caller, Doing
from batchgen.domain.models import Batch, User
from batchgen.engine.removal import BatchRemoval, UploadRemoval
from batchgen.errors import AppError
from batchgen.store.audit import Audit
from batchgen.store.batches import Batches
from batchgen.store.retention import Ages

log = structlog.get_logger(__name__)
_ITSELF = User("retention", "BatchGen")
_DAY_MS = 86_400_000
_TICK_S = 15.0


class Keep(NamedTuple):
    """Days; 0: for ever."""

    uploads: float = 0
    results: float = 0
    batches: float = 0


class Retention:
    """A thread of its own: a store that is slow must not hold up the heart."""

    def __init__(
        self, ages: Ages, batches: Batches, of_batches: BatchRemoval, of_uploads: UploadRemoval, audit: Audit,
        keep: Keep, *, every_s: float,
    ) -> None:  # fmt: skip
        self._ages, self._batches, self._audit = ages, batches, audit
        self._of_batches, self._of_uploads = of_batches, of_uploads
        self._keep, self._every_s = keep, every_s
        self._stop = threading.Event()

    def start(self) -> None:
        if any(self._keep):
            threading.Thread(target=self._loop, daemon=True, name="retention").start()

    def stop(self) -> None:
        self._stop.set()

    def tick(self) -> None:
        """Let go of what is old, if it is time and no other process does. Raises nothing."""
        try:
            if self._ages.claim(self._every_s):
                self.sweep()
        except AppError as away:
            log.warning("retention put off", reason=away.code)
        except Exception:
            log.exception("retention failed")

    def sweep(self, now_ms: int | None = None) -> None:
        """Raises AppError; what is left then, the next one does."""
        now = self._ages.now_ms() if now_ms is None else now_ms
        for batch_id in self._ages.expiring():  # of a process that was ended, or a store that was away
            self._clear(batch_id)
        if self._keep.results:
            self._results(now - int(self._keep.results * _DAY_MS))
        if self._keep.batches:
            self._whole(now - int(self._keep.batches * _DAY_MS))
        if self._keep.uploads:
            self._originals(now - int(self._keep.uploads * _DAY_MS))

    def _loop(self) -> None:
        while not self._stop.wait(min(_TICK_S, self._every_s / 4)):
            self.tick()

    def _results(self, before_ms: int) -> None:
        for batch in self._ages.ended(before_ms):
            if self._stop.is_set():
                return
            self._give_up(batch, before_ms)

    def _give_up(self, batch: Batch, before_ms: int) -> None:
        """Its pictures: first it is said, then the files go."""
        if self._ages.expire(batch.id, before_ms):
            self._clear(batch.id)

    def _clear(self, batch_id: str) -> None:
        if batch := self._batches.get(batch_id) or self._batches.hidden(batch_id):
            done = self._of_batches.clear(batch)
            self._write("results.expire", batch_id, owner=batch.owner.id, items=done.items)
            self._ages.cleared(batch_id, done.bytes_left)
        else:
            self._ages.cleared(batch_id, 0)

    def _whole(self, before_ms: int) -> None:
        for batch in self._ages.ended(before_ms):
            if self._stop.is_set():
                return
            self._give_up(batch, before_ms)  # so that no file is left behind where the store is away
            if self._of_batches.remove(batch, before_ms=before_ms):
                self._write("batch.expire", batch.id, owner=batch.owner.id, items=batch.total)

    def _originals(self, before_ms: int) -> None:
        gone: Counter[str] = Counter()
        try:
            for upload in self._ages.idle(before_ms):
                if self._stop.is_set():
                    break
                gone[upload.owner] += self._of_uploads.remove(upload, before_ms)
        finally:
            for owner, count in gone.items():
                if count:
                    self._write("upload.expire", owner, owner=owner, uploads=count)

    def _write(self, action: Doing, target: str, **details: object) -> None:
        log.info("kept for long enough", action=action, target=target, **details)
        self._audit.add(_ITSELF, action, target, Caller(), details)
