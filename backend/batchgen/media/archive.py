"""A zip made while it is sent: nothing is stored first, and memory does not grow with the pictures."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from batchgen.media.spreadsheets import csv_pieces
from batchgen.media.storage import Opened

_CHUNK = 256 * 1024
_DOS_FIRST, _DOS_LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


class Entry(NamedTuple):
    """One file of an archive. `name` is already clean and unique; an opened `source` is closed when it has been read;
    `modified` None means now."""

    name: str
    source: Opened | bytes
    modified: datetime | None = None


def stream_zip(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The archive in pieces of about 256 KiB, stored without compression: pictures do not get smaller.

    `entries` is taken one by one, when the one before has been read.
    """
    sink = _Sink()
    with closing(zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED)) as archive:
        for entry in entries:
            yield from _file(archive, sink, entry)
    yield sink.drain()


def manifest_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """A table with the first row's keys as its head; see media/spreadsheets.py."""
    return b"".join(csv_pieces(rows[0] if rows else (), rows))


def manifest_json(obj: object) -> bytes:
    return json.dumps(obj, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"


class _Sink(io.RawIOBase):
    """Where the zip is written to: a few pieces that are taken away at once. Not seekable, so sizes follow the data."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload]
        self._pieces.append(data)
        return len(data)

    def drain(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def _file(archive: zipfile.ZipFile, sink: _Sink, entry: Entry) -> Iterator[bytes]:
    given = entry.source
    source, size = Opened(io.BytesIO(given), len(given)) if isinstance(given, bytes) else given
    info = zipfile.ZipInfo(entry.name, _dos_time(entry.modified))
    info.external_attr = 0o600 << 16
    info.file_size = size  # decides on zip64, which old tools do not read, so it is used only where it must be
    with source as readable, archive.open(info, "w") as target:
        while chunk := readable.read(_CHUNK):
            target.write(chunk)
            yield sink.drain()


def _dos_time(when: datetime | None) -> tuple[int, int, int, int, int, int]:
    """Local time by the format's custom, within the years that it knows."""
    local = (when or datetime.now().astimezone()).astimezone()
    fields = (local.year, local.month, local.day, local.hour, local.minute, local.second)
    return min(max(fields, _DOS_FIRST), _DOS_LAST)
