"""Files on disk under short keys. A key names a whole file or nothing: what is half written lives under `tmp/`."""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from batchgen.errors import AppError

_CHUNK = 256 * 1024
_MIB = 1024 * 1024
_FLOOR_STEP = 16 * _MIB  # free space is looked at again after so many bytes
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_LINKS = {errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_KEY = re.compile(rf"(?!tmp/){_PART}(/{_PART}){{1,3}}", re.ASCII)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came in whole and waits under `tmp/`: `adopt` it or `discard` it."""

    path: Path
    sha256: str
    size: int

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


class DiskStorage:
    """Keys are `<room>/<name>`, such as `uploads/<sha>`; letters, digits, `.`, `_` and `-` only.

    Everything is for this user's eyes only. Errors of the disk are AppError storage_full or storage_unavailable; a key
    that is not one, or that has no file, is AppError not_found.
    """

    def __init__(self, root: Path, *, min_free_bytes: int = 200 * _MIB) -> None:
        self._root, self._tmp, self._min_free = root.absolute(), root.absolute() / "tmp", min_free_bytes

    # what comes in

    def receive(self, stream: Readable, *, limit_bytes: int, name: str) -> Received:
        """Reads `stream` to its end into a temporary file, in pieces, counting and hashing.

        Raises AppError file_too_large as soon as there are more than `limit_bytes`, empty_file, storage_full (also
        below the free-space floor), storage_unavailable; `stream`'s own errors pass. Nothing is left behind then.
        """
        with self._temporary("receive-") as (file, path):
            digest, size = hashlib.sha256(), 0
            while chunk := stream.read(_CHUNK):
                if size % _FLOOR_STEP < len(chunk):
                    self._keep_floor()
                size += len(chunk)
                if size > limit_bytes:
                    raise AppError("file_too_large", name=name, limit_mb=f"{limit_bytes / _MIB:.3g}")
                digest.update(chunk)
                with disk_errors():
                    file.write(chunk)
            if not size:
                raise AppError("empty_file", name=name)
            with disk_errors():
                file.close()  # here the last bytes are written, and a full disk shows
            return Received(path, digest.hexdigest(), size)

    @contextlib.contextmanager
    def scratch(self, suffix: str = "") -> Iterator[Path]:
        """A path for a temporary file on the same disk; the file is removed at the end unless it was adopted."""
        with disk_errors():
            self._make(self._tmp)
            handle, name = tempfile.mkstemp(prefix="scratch-", suffix=suffix, dir=self._tmp)
            os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def adopt(self, path: Path, key: str) -> None:
        """Moves a file of `receive` or `scratch` to `key`: on return it is there whole, even after a power cut."""
        target = self.path(key)
        with disk_errors():
            self._make(target.parent)
            path.chmod(0o600)
            with path.open("rb") as file:
                os.fsync(file.fileno())
            path.replace(target)
            _sync_folder(target.parent)

    def put(self, key: str, data: bytes) -> None:
        """Writes `data` to `key`: the old file or the new one is there at any time, never a part."""
        target = self.path(key)
        self._keep_floor()
        with self._temporary("put-") as (file, path):
            with disk_errors():
                file.write(data)
                file.close()
            self.adopt(path, target.relative_to(self._root).as_posix())

    def link(self, source: str, key: str) -> None:
        """Gives the stored file `source` the second name `key`: nothing is written twice. Raises AppError not_found."""
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
            _sync_folder(target.parent)

    # what goes out

    def path(self, key: str) -> Path:
        """Where the file of `key` is or would be."""
        if not _KEY.fullmatch(key) or ".." in key:
            raise AppError("not_found")
        return self._root / key

    def open(self, key: str) -> BinaryIO:
        with disk_errors():
            return self.path(key).open("rb")

    def read(self, key: str) -> bytes:
        with disk_errors():
            return self.path(key).read_bytes()

    def exists(self, key: str) -> bool:
        with disk_errors():
            return self.path(key).is_file()

    def size(self, key: str) -> int:
        """In bytes."""
        with disk_errors():
            return self.path(key).stat().st_size

    def delete(self, key: str) -> None:
        """Missing is fine."""
        with disk_errors():
            self.path(key).unlink(missing_ok=True)

    # how it is doing

    def check(self) -> str:
        """For the health page: "ok", "full" (below the floor) or "down"; a byte is really written."""
        try:
            self._keep_floor()
            with self.scratch(".check") as path, disk_errors():
                path.write_bytes(b".")
        except AppError as wrong:
            return "full" if wrong.code == "storage_full" else "down"
        return "ok"

    def sweep_tmp(self, older_than_s: float) -> int:
        """Removes temporary files that a killed process left; returns how many."""
        count, before = 0, time.time() - older_than_s
        with disk_errors():
            for path in self._tmp.iterdir() if self._tmp.is_dir() else ():
                with contextlib.suppress(FileNotFoundError):  # its owner was faster
                    if path.is_file() and path.stat().st_mtime < before:
                        path.unlink()
                        count += 1
        return count

    @contextlib.contextmanager
    def _temporary(self, prefix: str) -> Iterator[tuple[BinaryIO, Path]]:
        """A new file under `tmp/`, removed when the body fails."""
        with disk_errors():
            self._make(self._tmp)
            handle, name = tempfile.mkstemp(prefix=prefix, dir=self._tmp)
        path, file = Path(name), os.fdopen(handle, "wb")
        try:
            yield file, path
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            with contextlib.suppress(OSError):  # a full disk once more, at the second close
                file.close()

    def _keep_floor(self) -> None:
        with disk_errors():
            self._make(self._root)
            if shutil.disk_usage(self._root).free < self._min_free:
                raise AppError("storage_full")

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if folder != self._root:
            self._make(folder.parent)  # one by one: `mkdir` gives the mode to the last only
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder != self._root:
            _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """An OSError of the body as AppError storage_full, storage_unavailable or, for a missing file, not_found."""
    try:
        yield
    except FileNotFoundError:
        raise AppError("not_found") from None
    except OSError as wrong:
        raise AppError("storage_full" if wrong.errno in _FULL else "storage_unavailable") from wrong
