"""The local folder where files are received and made, whatever store they then go to, and the room that it has left."""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from batchgen.errors import AppError

_CHUNK = 256 * 1024
MIB = 1024 * 1024
_FLOOR_STEP = 16 * MIB  # free space is looked at again after so many bytes
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_AGAIN = 1.2  # so much more than where it stopped has to be free for new work
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


class Scratch:
    """`root` is for this user's eyes only; what is half written lives under its `tmp/`.

    Below `min_free_bytes` of free space nothing is received and no call should be paid for; what was paid for is
    written even so. Below `low_free_bytes` no new work is taken on (`require_room`), until a fifth more than that is
    free again; all processes on the disk share this word.
    """

    def __init__(self, root: Path, *, min_free_bytes: int = 200 * MIB, low_free_bytes: int = 0) -> None:
        self._root, self._tmp, self._min_free = root.absolute(), root.absolute() / "tmp", min_free_bytes
        self._low_free, self._closed = max(low_free_bytes, min_free_bytes), root.absolute() / "closed"

    def receive(self, stream: Readable, *, limit_bytes: int, name: str) -> Received:
        """Reads `stream` to its end into a temporary file, in pieces, counting and hashing.

        Raises AppError file_too_large as soon as there are more than `limit_bytes`, empty_file, storage_full (also
        below the free-space floor), storage_unavailable; `stream`'s own errors pass. Nothing is left behind then.
        """
        with self._temporary("receive-") as (file, path):
            digest, size = hashlib.sha256(), 0
            while chunk := stream.read(_CHUNK):
                if size % _FLOOR_STEP < len(chunk):
                    self.require_floor()
                size += len(chunk)
                if size > limit_bytes:
                    raise AppError("file_too_large", name=name, limit_mb=f"{limit_bytes / MIB:.3g}")
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

    def require_room(self) -> None:
        """Before new work is taken on. Raises AppError: storage_full, storage_unavailable."""
        if not self.has_room():
            raise AppError("storage_full")

    def has_room(self) -> bool:
        """Whether there is room for new work."""
        with disk_errors():
            free, closed = self._free(), self._closed.exists()
            if free < self._low_free and not closed:
                self._closed.touch(mode=0o600)
            elif closed and free >= self._low_free * _AGAIN:
                self._closed.unlink(missing_ok=True)
                closed = False
            return free >= self._low_free and not closed

    def require_floor(self) -> None:
        """Before something is paid for. Raises AppError: storage_full, storage_unavailable."""
        with disk_errors():
            if self._free() < self._min_free:
                raise AppError("storage_full")

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

    def _check_disk(self) -> str:
        """ "ok", "low" (no new work), "full" (below the floor) or "down"; a byte is really written."""
        try:
            self.require_floor()
            with self.scratch(".check") as path, disk_errors():
                path.write_bytes(b".")
            return "ok" if self.has_room() else "low"
        except AppError as wrong:
            return "full" if wrong.code == "storage_full" else "down"

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

    def _free(self) -> int:
        self._make(self._root)
        return shutil.disk_usage(self._root).free

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if folder != self._root:
            self._make(folder.parent)  # one by one: `mkdir` gives the mode to the last only
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder != self._root:
            sync_folder(folder.parent)


def require_key(key: str) -> None:
    """Raises AppError("not_found") for what is no key."""
    if not _KEY.fullmatch(key) or ".." in key:
        raise AppError("not_found")


def sync_folder(folder: Path) -> None:
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
