"""How batches and uploads go, with their files: asked for by a person, or old enough."""

from collections.abc import Iterator, Mapping

from batchgen.domain.models import Batch, Upload
from batchgen.domain.states import FINAL, ItemState
from batchgen.engine.kept import kept_files
from batchgen.media.storage import Storage
from batchgen.store.batches import Batches
from batchgen.store.items import Items, marked_places, result_place
from batchgen.store.uploads import Uploads

_CHUNK = 500
type Raw = Mapping[str, str]


class BatchRemoval:
    def __init__(self, batches: Batches, items: Items, storage: Storage) -> None:
        self._batches, self._items, self._storage = batches, items, storage

    def remove(self, batch: Batch, before_ms: int | None = None) -> bool:
        """An ended batch with all its files; its uploads stay. `before_ms`: only where it ended by then. False: it has
        not."""
        files = list(self._files(batch))
        if not self._batches.forget(batch, before_ms):
            return False
        self._storage.delete(*files)
        return True

    def clear(self, batch: Batch) -> int:
        """The files of pictures that were given up; of how many items. Names of pictures are never used again, so an
        item that starts anew meanwhile loses nothing; pictures that were paid for and wait to be used stay."""
        count = 0
        for chunk in self._chunks(batch):
            old = [(item_id, raw) for item_id, raw in chunk if _is_over(raw, batch.expired_ms or 0)]
            self._storage.delete(*(key for item_id, raw in old for key in _pictures(item_id, raw)))
            count += len(old)
        return count

    def _files(self, batch: Batch) -> Iterator[str]:
        """Whatever the batch's items may have in the storage."""
        for chunk in self._chunks(batch):
            for item_id, raw in chunk:
                for place in [*marked_places(item_id, raw), result_place(item_id, raw)]:
                    yield from place.keys
                yield from kept_files(item_id)

    def _chunks(self, batch: Batch) -> Iterator[list[tuple[str, Raw]]]:
        for start in range(0, batch.total, _CHUNK):
            some = range(start, min(start + _CHUNK, batch.total))
            yield [(f"{batch.id}-{n}", raw) for n, raw in zip(some, self._items.raw(batch.id, some), strict=True)]


class UploadRemoval:
    def __init__(self, uploads: Uploads, storage: Storage) -> None:
        self._uploads, self._storage = uploads, storage

    def remove(self, upload: Upload, before_ms: int | None = None) -> bool:
        """An upload that no batch uses. `before_ms`: only where nobody has used it since. False: it is in use."""
        with self._uploads.blob(upload.sha256):
            gone = self._uploads.forget(upload, before_ms)
            if not gone:
                return False
            if gone > 1:
                self._storage.delete(f"uploads/{upload.sha256}")
        self._storage.delete(f"thumbnails/{upload.id}.webp")
        return True


def _is_over(raw: Raw, expired_ms: int) -> bool:
    has_picture = raw.get("state") == ItemState.SUCCEEDED or bool(raw.get("marked"))
    return has_picture and raw.get("state") in FINAL and int(raw.get("finished") or 0) <= expired_ms


def _pictures(item_id: str, raw: Raw) -> Iterator[str]:
    for place in marked_places(item_id, raw):
        yield from place.keys
    if raw.get("state") == ItemState.SUCCEEDED:
        yield from result_place(item_id, raw).keys
