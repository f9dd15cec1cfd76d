"""Tables of values that people bring, read by a child with limits of its own."""

import io
import json
from typing import IO, NamedTuple

from batchgen.errors import AppError
from batchgen.media.decoders import DecoderLost, DecoderPool
from batchgen.media.storage import Storage
from batchgen.media.tables import MAX_COLUMNS, MAX_ROWS

MAX_TABLE_MB = 5


class Table(NamedTuple):
    columns: list[str]
    rows: list[list[str]]
    file_column: int | None


class TableService:
    def __init__(self, storage: Storage, readers: DecoderPool) -> None:
        self._storage, self._readers = storage, readers

    def read_text(self, text: str) -> Table:
        """As `read`: what a spreadsheet copies."""
        return self.read(io.BytesIO(text.encode()))

    def read(self, stream: IO[bytes]) -> Table:
        """A CSV, TSV or XLSX file. Raises AppError: table_unreadable, table_too_large, table_empty, decoder_busy, and
        what the disk does."""
        try:
            received = self._storage.receive(stream, limit_bytes=MAX_TABLE_MB * 2**20, name="")
        except AppError as wrong:
            codes = {"file_too_large": "table_too_large", "empty_file": "table_empty"}
            raise _refused(codes[wrong.code]) if wrong.code in codes else wrong from None
        try:
            with self._storage.scratch(".json") as output:
                answer = self._readers.call({"job": "table", "path": str(received.path), "output": str(output)})
                if code := answer.get("refused"):
                    raise _refused(code if code.startswith("table_") else "table_too_large")
                return Table(**json.loads(output.read_bytes()))
        except DecoderLost:
            raise _refused("table_too_large") from None
        finally:
            received.discard()


def _refused(code: str) -> AppError:
    return AppError.at("file", code, rows=f"{MAX_ROWS:,}", columns=MAX_COLUMNS, limit_mb=MAX_TABLE_MB)
