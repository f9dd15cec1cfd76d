"""One zip of a batch: the results under their source names, and what became of every item."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from batchgen.domain.failures import KINDS
from batchgen.domain.filenames import path_of
from batchgen.domain.models import Batch, Item, User
from batchgen.domain.names import UniqueNames
from batchgen.domain.states import ItemState, Review
from batchgen.errors import AppError
from batchgen.media.archive import Entry, manifest_csv, manifest_json, stream_zip
from batchgen.media.inscription import plain
from batchgen.media.storage import Storage
from batchgen.services.access import shows
from batchgen.services.batches import BatchService
from batchgen.services.sharing import Shared
from batchgen.store.batches import Batches


class Archive(NamedTuple):
    filename: str
    chunks: Iterator[bytes]


class ArchiveService:
    def __init__(self, service: BatchService, batches: Batches, storage: Storage) -> None:
        self._service, self._batches, self._storage = service, batches, storage

    def open_archive(self, user: User, batch_id: str, *, approved_only: bool = False) -> Archive:
        """Streamed: memory does not grow with the batch. Raises AppError: not_found, nothing_to_download,
        result_expired."""
        batch = self._service.get(user, batch_id).batch
        _require_pictures(batch, batch.approved if approved_only else batch.counts[ItemState.SUCCEEDED])
        return Archive(f"{batch.name[:80]}.zip", stream_zip(self._entries(batch, approved_only)))

    def open_shared(self, shared: Shared) -> Archive:
        """The pictures alone: what they were made from, and what of, is not told. Raises AppError:
        nothing_to_download, result_expired."""
        _require_pictures(shared.batch, shared.shown)
        names, batch = UniqueNames(), shared.batch
        items = (item for item in self._items(shared.batch) if shows(shared.link, item))
        pictures = (self._picture(batch, item, names, bare=True) for item in items)
        return Archive(f"{shared.name[:80] or 'results'}.zip", stream_zip(one for one in pictures if one))

    def _entries(self, batch: Batch, approved_only: bool) -> Iterator[Entry]:
        names, rows = UniqueNames(), []
        for item in self._items(batch):
            wanted = not approved_only or item.review is Review.APPROVED
            picture = self._picture(batch, item, names) if wanted else None
            if picture:
                yield picture
            rows.append(_row(item, picture.name if picture else ""))
        yield Entry("manifest.csv", manifest_csv(rows), None)
        about = {"id": batch.id, "name": batch.name, "prompt": batch.prompt, "provider": batch.provider}
        yield Entry("manifest.json", manifest_json({"batch": about | {"model": batch.model}, "items": rows}), None)

    def _picture(self, batch: Batch, item: Item, names: UniqueNames, *, bare: bool = False) -> Entry | None:
        """`bare`: without the words that were written into it."""
        if item.result is None or item.state is not ItemState.SUCCEEDED:  # a marked picture waits to be accepted
            return None
        place = path_of(batch.filename_pattern, batch, item)
        try:
            opened = self._storage.open(f"results/{item.result.name}")
        except AppError as wrong:
            if wrong.code != "not_found":
                raise
            return None  # it is gone, and the rest comes
        name, modified = names.take(place.label, item.result.format, place.folder), _time(item.finished_ms)
        if not bare:
            return Entry(name, opened, modified)
        with opened.file as file:
            return Entry(name, plain(file.read()), modified)

    def _items(self, batch: Batch) -> Iterator[Item]:
        for start in range(0, batch.total, 200):
            yield from self._batches.items(batch.id, range(start, min(start + 200, batch.total)))


def _require_pictures(batch: Batch, count: int) -> None:
    if not count:
        raise AppError("nothing_to_download")
    if batch.expired_ms is not None and batch.finished_ms is not None and batch.finished_ms <= batch.expired_ms:
        raise AppError("result_expired")  # all of them; where some came later, those are there


def _time(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def _row(item: Item, file: str) -> dict[str, str | int | None]:
    result, finished = item.result if item.state is ItemState.SUCCEEDED else None, _time(item.finished_ms)
    return {
        "index": item.index, "file": file, "folder": item.folder, "source": item.name, "state": item.state.value,
        "review": item.review.value, "prompt": item.prompt,
        "provider": item.provider, "model": item.model, "lane": item.lane,
        "attempts": item.attempts, "cost_micros": item.cost_micros,
        "possibly_paid": str(item.possibly_paid > 0).lower(), "moved_from": item.moved,
        "error_category": KINDS[item.error_code].category.value if item.error_code else "",
        "error_code": item.error_code or "", "format": result.format if result else "",
        "width": result.width if result else None, "height": result.height if result else None,
        "bytes": result.bytes if result else None, "description": result.description if result else "",
        "flags": " ".join(item.result.flags) if item.result else "",
        "expired": str(item.expired_ms is not None).lower(),
        "item_id": item.id, "upload_id": item.upload.id if item.upload else "",
        "finished_at": finished.isoformat(timespec="milliseconds").replace("+00:00", "Z") if finished else "",
    }  # fmt: skip
