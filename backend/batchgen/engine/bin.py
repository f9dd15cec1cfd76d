"""Deletes hidden batches with their files when nobody has brought them back in time."""

import threading

import structlog

from batchgen.engine.removal import BatchRemoval
from batchgen.errors import AppError
from batchgen.store.batches import Batches

log = structlog.get_logger(__name__)
_TICK_S = 2.0


class Bin:
    """As a thread of every worker it empties itself; the heart must not wait for a disk."""

    def __init__(self, batches: Batches, removal: BatchRemoval) -> None:
        self._batches, self._removal = batches, removal
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._loop, daemon=True, name="bin").start()

    def stop(self) -> None:
        self._stop.set()

    def empty(self, now_ms: int) -> int:
        """Delete what nobody has brought back; how many."""
        done = 0
        for batch_id in self._batches.due(now_ms):
            batch = self._batches.hidden(batch_id)
            done += int(batch is not None and self._removal.remove(batch, hidden=True))
        return done

    def _loop(self) -> None:
        while not self._stop.wait(_TICK_S):
            try:
                self.empty(self._batches.now_ms())
            except AppError as away:
                log.warning("bin not emptied", reason=away.code)
            except Exception:
                log.exception("bin not emptied")
