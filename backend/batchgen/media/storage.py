"""Files under short keys, on disk or in an S3-compatible store. A key names a whole file or nothing."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from batchgen.errors import AppError
from batchgen.media.scratch import Readable, Received, Scratch, disk_errors, require_key, sync_folder

__all__ = ["DiskStorage", "Opened", "Readable", "Received", "Served", "Storage", "disk_errors"]

_NO_LINKS = {errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


class Opened(NamedTuple):
    """A file that is being read, and its bytes in all. Whoever got it closes it."""

    file: BinaryIO
    size: int


class Served(NamedTuple):
    """How a file gets to a browser: from a path of ours, by an address for a short time, or through our hands."""

    path: Path | None = None
    url: str = ""
    url_s: int = 0  # how long the address is good
    opened: Opened | None = None


class Storage(Protocol):
    """Keys are `<room>/<name>`, such as `uploads/<sha>`; letters, digits, `.`, `_` and `-` only.

    Errors are AppError storage_full or storage_unavailable; a key that is not one, or that has no file, is AppError
    not_found. Never is a file called missing that may be there: what was paid for would be paid again.
    """

    @property
    def origin(self) -> str:
        """The other origin that browsers get files from; empty: there is none."""
        ...

    def receive(self, stream: Readable, *, limit_bytes: int, name: str) -> Received:
        """See Scratch: files come in through a local folder."""
        ...

    def scratch(self, suffix: str = "") -> AbstractContextManager[Path]: ...
    def require_room(self) -> None: ...
    def require_floor(self) -> None: ...
    def sweep_tmp(self, older_than_s: float) -> int: ...

    def adopt(self, path: Path, key: str) -> None:
        """Moves a file of `receive` or `scratch` to `key`: on return it is there whole, even after a power cut."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Writes `data` to `key`: the old file or the new one is there at any time, never a part."""
        ...

    def link(self, source: str, key: str) -> None:
        """Gives the stored file `source` the second name `key`; no bytes pass here. Raises AppError not_found."""
        ...

    def local(self, key: str) -> AbstractContextManager[Path]:
        """The file as one on this machine's disk, to be read only, until the end."""
        ...

    def serve(self, key: str, *, mime: str, name: str = "") -> Served:
        """For a browser that may see it. `name`: to be saved under it."""
        ...

    def open(self, key: str) -> Opened: ...
    def read(self, key: str) -> bytes: ...
    def exists(self, key: str) -> bool: ...
    def size(self, key: str) -> int:
        """In bytes."""
        ...

    def delete(self, *keys: str) -> None:
        """Missing is fine."""
        ...

    def check(self) -> str:
        """For the health page: "ok", "low" (no room for new work), "full" (no room for anything) or "down"; a byte is
        really written."""
        ...


class DiskStorage(Scratch):
    """Below one folder. Everything is for this user's eyes only."""

    origin = ""

    # what comes in

    def adopt(self, path: Path, key: str) -> None:
        target = self.path(key)
        with disk_errors():
            self._make(target.parent)
            path.chmod(0o600)
            with path.open("rb") as file:
                os.fsync(file.fileno())
            path.replace(target)
            sync_folder(target.parent)

    def put(self, key: str, data: bytes) -> None:
        target = self.path(key)
        with self._temporary("put-") as (file, path):
            with disk_errors():
                file.write(data)
                file.close()
            self.adopt(path, target.relative_to(self._root).as_posix())

    def link(self, source: str, key: str) -> None:
        """Nothing is written twice."""
        old, target = self.path(source), self.path(key)
        with disk_errors():
            self._make(target.parent)
            self._make(self._tmp)
            fresh = self._tmp / f"link-{secrets.token_hex(8)}"
            try:
                try:
                    os.link(old, fresh)
                except OSError as wrong:
                    if wrong.errno not in _NO_LINKS:
                        raise
                    shutil.copyfile(old, fresh)  # a disk without second names
                fresh.replace(target)
            finally:
                fresh.unlink(missing_ok=True)  # also where both were one file already: then replace does nothing
            sync_folder(target.parent)

    # what goes out

    def path(self, key: str) -> Path:
        """Where the file of `key` is or would be."""
        require_key(key)
        return self._root / key

    @contextlib.contextmanager
    def local(self, key: str) -> Iterator[Path]:
        self.size(key)
        yield self.path(key)

    def serve(self, key: str, *, mime: str, name: str = "") -> Served:
        if not self.exists(key):
            raise AppError("not_found")
        return Served(self.path(key))

    def open(self, key: str) -> Opened:
        with disk_errors():
            file = self.path(key).open("rb")
            return Opened(file, os.fstat(file.fileno()).st_size)

    def read(self, key: str) -> bytes:
        with disk_errors():
            return self.path(key).read_bytes()

    def exists(self, key: str) -> bool:
        with disk_errors():
            return self.path(key).is_file()

    def size(self, key: str) -> int:
        with disk_errors():
            return self.path(key).stat().st_size

    def delete(self, *keys: str) -> None:
        with disk_errors():
            for key in keys:
                self.path(key).unlink(missing_ok=True)

    def check(self) -> str:
        return self._check_disk()
