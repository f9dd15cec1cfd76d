"""Files: whole or not there, for our eyes only, and an honest word when the disk will not."""

import hashlib
import io
import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from batchgen.errors import AppError
from batchgen.media.storage import DiskStorage
from tests.conftest import BACKEND
from tests.media.conftest import MIB


@pytest.fixture
def storage(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path / "files", min_free_bytes=0)


def leftovers(storage: DiskStorage) -> list[str]:
    root = storage.path("uploads/x").parents[1]
    return [p.name for p in (root / "tmp").iterdir()] if (root / "tmp").exists() else []


def code(act: Callable[[], object]) -> str:
    with pytest.raises(AppError) as caught:
        act()
    return caught.value.code


def test_what_comes_in_is_counted_and_hashed_and_then_adopted(storage: DiskStorage):
    data = os.urandom(700_000)

    got = storage.receive(io.BytesIO(data), limit_bytes=MIB, name="a.jpg")
    assert (got.sha256, got.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert not storage.exists(f"uploads/{got.sha256}")
    storage.adopt(got.path, f"uploads/{got.sha256}")

    assert storage.read(f"uploads/{got.sha256}") == data
    assert storage.size(f"uploads/{got.sha256}") == len(data)
    assert leftovers(storage) == []


def test_the_limit_passes_and_one_byte_more_is_refused(storage: DiskStorage):
    storage.receive(io.BytesIO(bytes(MIB)), limit_bytes=MIB, name="a").discard()
    with pytest.raises(AppError) as caught:
        storage.receive(io.BytesIO(bytes(MIB + 1)), limit_bytes=MIB, name="大.jpg")

    assert (caught.value.code, caught.value.params) == ("file_too_large", {"name": "大.jpg", "limit_mb": "1"})
    assert leftovers(storage) == []


def test_an_endless_stream_is_cut_off_at_the_limit(storage: DiskStorage):
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return bytes(size)

    stream = Endless()
    assert code(lambda: storage.receive(stream, limit_bytes=MIB, name="a")) == "file_too_large"
    assert stream.given <= 2 * MIB


def test_nothing_is_called_empty(storage: DiskStorage):
    assert code(lambda: storage.receive(io.BytesIO(), limit_bytes=9, name="a")) == "empty_file"
    assert leftovers(storage) == []


def test_a_sender_who_goes_away_leaves_nothing(storage: DiskStorage):
    class Broken:
        def __init__(self) -> None:
            self.calls = 0

        def read(self, size: int, /) -> bytes:
            self.calls += 1
            if self.calls > 3:
                raise ConnectionResetError("gone")
            return bytes(size)

    with pytest.raises(ConnectionResetError):
        storage.receive(Broken(), limit_bytes=99 * MIB, name="a")
    assert leftovers(storage) == []


@pytest.mark.parametrize(
    "key",
    ["", "x", "/etc/passwd", "uploads/../x", "../x", "uploads/..", "uploads/a..b", "uploads/.hidden", "uploads//x",
     "uploads/", "tmp/x", "uploads/a\n", "uploads/a\0b", "uploads\\x", "uploads/ä", "uploads/a b", "./uploads/x",
     "uploads/" + "a" * 201, "a/b/c/d/e"],
)  # fmt: skip
def test_what_is_no_key_leads_nowhere(storage: DiskStorage, key: str):
    for act in (storage.path, storage.read, storage.open, storage.exists, storage.size, storage.delete):
        assert code(lambda act=act: act(key)) == "not_found"  # type: ignore[misc]
    assert code(lambda: storage.put(key, b"x")) == "not_found"
    assert leftovers(storage) == []


@pytest.mark.parametrize(
    "key", ["uploads/" + "a" * 64, "kept/b123-7.json", "prepared/ab/cd.jpg", "results/generated_b1-2.png"]
)
def test_what_is_put_is_read_again(storage: DiskStorage, key: str):
    storage.put(key, b"one")
    storage.put(key, b"two")

    assert storage.read(key) == b"two"
    with storage.open(key) as file:
        assert file.read() == b"two"
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    assert code(lambda: storage.read(key)) == code(lambda: storage.open(key)) == "not_found"


def test_files_and_folders_are_for_our_eyes_only(storage: DiskStorage):
    with storage.scratch(".webp") as path:
        path.write_bytes(b"x")
        path.chmod(0o666)
        storage.adopt(path, "thumbnails/a.webp")
    storage.put("results/a.png", b"x")

    for key in ("thumbnails/a.webp", "results/a.png"):
        assert storage.path(key).stat().st_mode & 0o777 == 0o600
        assert storage.path(key).parent.stat().st_mode & 0o777 == 0o700
    assert storage.path("results/a.png").parents[1].stat().st_mode & 0o777 == 0o700


def test_scratch_is_gone_afterwards_unless_it_was_adopted(storage: DiskStorage):
    with storage.scratch(".webp") as adopted, storage.scratch() as lost:
        adopted.write_bytes(b"x")
        storage.adopt(adopted, "thumbnails/a.webp")
    with pytest.raises(RuntimeError), storage.scratch():
        raise RuntimeError

    assert not lost.exists()
    assert leftovers(storage) == []
    assert storage.read("thumbnails/a.webp") == b"x"


def test_readers_see_the_old_file_or_the_new_one_never_a_part(storage: DiskStorage):
    versions = [bytes([n]) * 300_000 for n in (1, 2)]
    storage.put("results/a.png", versions[0])
    seen: set[bytes] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(storage.read("results/a.png"))

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(20):
        storage.put("results/a.png", versions[n % 2])
    done.set()
    reader.join()

    assert seen <= set(versions)


def test_two_who_adopt_the_same_key_do_each_other_no_harm(storage: DiskStorage):
    first, second = (storage.receive(io.BytesIO(b"same"), limit_bytes=9, name="a") for _ in range(2))
    storage.adopt(first.path, "uploads/s")
    storage.adopt(second.path, "uploads/s")

    assert storage.read("uploads/s") == b"same"
    assert leftovers(storage) == []


def test_below_the_floor_nothing_is_taken_in(tmp_path: Path):
    full = DiskStorage(tmp_path / "files", min_free_bytes=2**60)

    assert code(lambda: full.receive(io.BytesIO(b"x"), limit_bytes=9, name="a")) == "storage_full"
    assert code(lambda: full.put("results/a", b"x")) == "storage_full"
    assert full.check() == "full"
    assert leftovers(full) == []


class Disk(NamedTuple):
    storage: DiskStorage
    root: Path


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of 1 MiB, where root may mount one."""
    root = tmp_path / "tiny"
    root.mkdir()
    mount = shutil.which("mount")
    if (
        not mount
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", root], capture_output=True).returncode
    ):
        pytest.skip("no file system can be mounted here")
    try:
        yield Disk(DiskStorage(root / "files", min_free_bytes=0), root)
    finally:
        subprocess.run(["umount", root], check=True)


def test_a_disk_that_fills_up_amid_a_file_is_called_full(tiny_disk: Disk):
    storage, root = tiny_disk
    storage.put("results/old.png", b"old")

    assert code(lambda: storage.receive(io.BytesIO(bytes(3 * MIB)), limit_bytes=9 * MIB, name="a")) == "storage_full"
    assert code(lambda: storage.put("results/old.png", bytes(3 * MIB))) == "storage_full"

    assert leftovers(storage) == []
    assert storage.read("results/old.png") == b"old"
    assert shutil.disk_usage(root).used < 100_000


LIMITED = """
import io, resource, signal, sys
from pathlib import Path
from batchgen.errors import AppError
from batchgen.media.storage import DiskStorage

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
storage = DiskStorage(Path(sys.argv[1]) / "files", min_free_bytes=0)
for act in (lambda: storage.receive(io.BytesIO(bytes(150_000)), limit_bytes=10**6, name="a"),
            lambda: storage.put("results/a.png", bytes(150_000))):
    try:
        act()
    except AppError as wrong:
        print(wrong.code, list((Path(sys.argv[1]) / "files" / "tmp").iterdir()))
"""


def test_a_write_that_fails_late_leaves_nothing(tmp_path: Path):
    ran = subprocess.run([sys.executable, "-c", LIMITED, tmp_path], cwd=BACKEND, capture_output=True, text=True)

    assert ran.stdout.splitlines() == ["storage_full []"] * 2, ran.stderr


def test_a_broken_root_is_unavailable_and_down(tmp_path: Path):
    (tmp_path / "files").write_text("a file where the folder should be")
    broken = DiskStorage(tmp_path / "files", min_free_bytes=0)

    assert code(lambda: broken.receive(io.BytesIO(b"x"), limit_bytes=9, name="a")) == "storage_unavailable"
    assert code(lambda: broken.put("results/a", b"x")) == "storage_unavailable"
    assert broken.check() == "down"


def test_a_healthy_storage_says_ok_and_keeps_no_trace(storage: DiskStorage):
    assert storage.check() == "ok"
    assert leftovers(storage) == []


def test_old_temporary_files_are_swept_and_young_ones_stay(storage: DiskStorage):
    old, young = (storage.receive(io.BytesIO(b"x"), limit_bytes=9, name="a").path for _ in range(2))
    os.utime(old, (1, 1))

    assert storage.sweep_tmp(3600) == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_sweeping_where_nothing_ever_was_is_fine(storage: DiskStorage):
    assert storage.sweep_tmp(0) == 0


def test_memory_does_not_grow_with_a_file(storage: DiskStorage):
    class Long:
        left = 64 * MIB

        def read(self, size: int, /) -> bytes:
            part = min(size, self.left)
            self.left -= part
            return bytes(part)

    storage.receive(io.BytesIO(b"warm"), limit_bytes=MIB, name="a").discard()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    storage.receive(Long(), limit_bytes=99 * MIB, name="a").discard()

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024


def test_a_second_name_holds_the_same_bytes_and_outlives_the_first(tmp_path):
    storage = DiskStorage(tmp_path, min_free_bytes=0)
    storage.put("kept/a", b"picture")
    storage.link("kept/a", "results/a.png")
    storage.link("kept/a", "results/a.png")
    storage.delete("kept/a")

    assert storage.read("results/a.png") == b"picture"
    assert not list((tmp_path / "tmp").iterdir())
    with pytest.raises(AppError, match="not_found"):
        storage.link("kept/a", "results/b.png")
