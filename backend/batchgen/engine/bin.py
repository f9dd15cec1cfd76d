"""Deletes batches with their files: at once, or when nobody has brought them back in time."""

import threading
from collections.abc import Iterator

import structlog

from batchgen.domain.models import Batch
from batchgen.engine.kept import kept_files
from batchgen.errors import AppError
from batchgen.media.storage import Storage
from batchgen.store.batches import Batches
from batchgen.store.items import Items, earlier_in, marked_places, result_place

log = structlog.get_logger(__name__)
_TICK_S, _CHUNK = 2.0, 500


class Bin:
    """As a thread of every worker it empties itself; the heart must not wait for a disk."""

    def __init__(self, batches: Batches, items: Items, storage: Storage) -> None:
        self._batches, self._items, self._storage = batches, items, storage
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._loop, daemon=True, name="bin").start()

    def stop(self) -> None:
        self._stop.set()

    def delete(self, batch: Batch, *, hidden: bool = False) -> bool:
        """Remove an ended batch with its results; its uploads stay. `hidden`: only if it is still hidden. False: it has
        not ended, or was brought back."""
        files = list(self._files(batch))
        if not self._batches.forget(batch, hidden=hidden):
            return False
        self._storage.delete(*files)
        return True

    def empty(self, now_ms: int) -> int:
        """Delete what nobody has brought back; how many."""
        done = 0
        for batch_id in self._batches.due(now_ms):
            batch = self._batches.hidden(batch_id)
            done += int(batch is not None and self.delete(batch, hidden=True))
        return done

    def _loop(self) -> None:
        while not self._stop.wait(_TICK_S):
            try:
                self.empty(self._batches.now_ms())
            except AppError as away:
                log.warning("bin not emptied", reason=away.code)
            except Exception:
                log.exception("bin not emptied")

    def _files(self, batch: Batch) -> Iterator[str]:
        """Whatever the batch's items may have in the storage."""
        for start in range(0, batch.total, _CHUNK):
            chunk = range(start, min(start + _CHUNK, batch.total))
            for n, raw in zip(chunk, self._items.raw(batch.id, chunk), strict=True):
                item_id = f"{batch.id}-{n}"
                for place in [*marked_places(item_id, raw), result_place(item_id, raw)]:
                    yield from place.keys
                for laid_by in earlier_in(item_id, raw):
                    yield from (f"results/{laid_by.name}", f"thumbnails/{laid_by.thumbnail}")
                yield from kept_files(item_id)
