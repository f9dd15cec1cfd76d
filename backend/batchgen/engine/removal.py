"""How batches and uploads go, with their files: asked for by a person, or old enough."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from batchgen.domain.models import Batch, Upload
from batchgen.domain.states import FINAL, ItemState
from batchgen.engine.kept import kept_files
from batchgen.media.storage import Storage
from batchgen.store.batches import Batches
from batchgen.store.items import Items, earlier_in, marked_places, result_place
from batchgen.store.uploads import Uploads

_CHUNK = 500
type Raw = Mapping[str, str]


class Cleared(NamedTuple):
    """Of how many items pictures were removed, and the bytes of those that are left."""

    items: int
    bytes_left: int


class BatchRemoval:
    def __init__(self, batches: Batches, items: Items, storage: Storage) -> None:
        self._batches, self._items, self._storage = batches, items, storage

    def remove(self, batch: Batch, *, before_ms: int | None = None, hidden: bool = False) -> bool:
        """An ended batch with all its files; its uploads stay. `before_ms`: only where it ended by then; `hidden`: only
        if it is still hidden. False: it has not ended, or was brought back."""
        files = list(self._files(batch))
        if hidden and not self._batches.get(batch.id):  # it cannot come back any more: what is broken off is done again
            self._storage.delete(*files)
        if not self._batches.forget(batch, before_ms=before_ms, hidden=hidden):
            return False
        self._storage.delete(*files)
        return True

    def clear(self, batch: Batch) -> Cleared:
        """The files of pictures that were given up. Names of pictures are never used again, so an item that starts anew
        meanwhile loses nothing; pictures that were paid for and wait to be used stay."""
        count, left, expired_ms = 0, 0, batch.expired_ms or 0
        for chunk in self._chunks(batch):
            old = [(item_id, raw) for item_id, raw in chunk if _is_over(raw, expired_ms)]
            files = [key for item_id, raw in old for key in _pictures(item_id, raw)]
            for item_id, raw in chunk:
                gone, kept = _earlier(item_id, raw, expired_ms)
                files += gone
                left += kept
            self._storage.delete(*files)
            count += len(old)
            left += sum(int(raw["bytes"]) for _, raw in chunk if _has_picture(raw) and not _is_over(raw, expired_ms))
        return Cleared(count, left)

    def _files(self, batch: Batch) -> Iterator[str]:
        """Whatever the batch's items may have in the storage."""
        for chunk in self._chunks(batch):
            for item_id, raw in chunk:
                for place in [*marked_places(item_id, raw), result_place(item_id, raw)]:
                    yield from place.keys
                yield from _earlier(item_id, raw)[0]
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


def _has_picture(raw: Raw) -> bool:
    return raw.get("state") == ItemState.SUCCEEDED or bool(raw.get("flags"))


def _is_over(raw: Raw, expired_ms: int) -> bool:
    ended = raw.get("state") in FINAL and int(raw.get("finished") or 0) <= expired_ms
    return ended and (_has_picture(raw) or bool(raw.get("marked")))


def _pictures(item_id: str, raw: Raw) -> Iterator[str]:
    for place in marked_places(item_id, raw):
        yield from place.keys
    if raw.get("state") == ItemState.SUCCEEDED:
        yield from result_place(item_id, raw).keys


def _earlier(item_id: str, raw: Raw, expired_ms: float = math.inf) -> tuple[list[str], int]:
    """The files of pictures that were laid by and are as old as that, and the bytes of the younger ones."""
    younger = earlier_in(item_id, raw, after_ms=expired_ms)
    gone = (one for one in earlier_in(item_id, raw) if one not in younger)
    files = [key for one in gone for key in (f"results/{one.name}", f"thumbnails/{one.thumbnail}")]
    return files, sum(one.bytes for one in younger)
