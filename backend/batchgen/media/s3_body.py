"""A file of an S3 store while it is read."""

import io
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError

from batchgen.errors import AppError

_BREAKS = 3  # of the connection, in one file


class Body(io.RawIOBase):
    """Goes on where it was when the connection breaks: whoever takes a large zip slowly lets it stand for long.

    `get(Range=, IfMatch=)` asks for the file, or for the rest of it; it raises AppError.
    """

    def __init__(self, get: Callable[..., Any]) -> None:
        super().__init__()
        self._get, self._at, self._breaks = get, 0, 0
        first = get()
        self._stream, self._tag = first["Body"], first["ETag"]
        self.size = int(first["ContentLength"])

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while True:
            try:
                data = self._stream.read(None if size is None or size < 0 else size)
            except BotoCoreError:
                self._go_on()
                continue
            if not data and size != 0 and self._at < self.size:  # it ended early, and nobody said so
                self._go_on()
                continue
            self._at += len(data)
            return bytes(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def _go_on(self) -> None:
        self._stream.close()
        self._breaks += 1
        if self._breaks > _BREAKS:
            raise AppError("storage_unavailable")
        self._stream = self._get(Range=f"bytes={self._at}-", IfMatch=self._tag)["Body"]
