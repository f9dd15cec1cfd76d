"""The store on disk alone: modes, disks that fill up, roots that are none. What it shares with S3 is in
test_storage.py."""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from batchgen.media.storage import DiskStorage
from tests.conftest import BACKEND, need
from tests.media.conftest import MIB, code, leftovers


@pytest.fixture
def disk(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path / "files", min_free_bytes=0)


def test_files_and_folders_are_for_our_eyes_only(disk: DiskStorage):
    with disk.scratch(".webp") as path:
        path.write_bytes(b"x")
        path.chmod(0o666)
        disk.adopt(path, "thumbnails/a.webp")
    disk.put("results/a.png", b"x")

    for key in ("thumbnails/a.webp", "results/a.png"):
        assert disk.path(key).stat().st_mode & 0o777 == 0o600
        assert disk.path(key).parent.stat().st_mode & 0o777 == 0o700
    assert disk.path("results/a.png").parents[1].stat().st_mode & 0o777 == 0o700


class Disk(NamedTuple):
    storage: DiskStorage
    root: Path


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of 1 MiB, where root may mount one."""
    root = tmp_path / "tiny"
    root.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(root)]
    need("mount", mount and not subprocess.run(command, capture_output=True).returncode)
    try:
        yield Disk(DiskStorage(root / "files", min_free_bytes=0), root)
    finally:
        subprocess.run(["umount", root], check=True)


def test_a_disk_that_fills_up_amid_a_file_is_called_full(tiny_disk: Disk, tmp_path: Path):
    storage, root = tiny_disk
    storage.put("results/old.png", b"old")

    assert code(lambda: storage.receive(io.BytesIO(bytes(3 * MIB)), limit_bytes=9 * MIB, name="a")) == "storage_full"
    assert code(lambda: storage.put("results/old.png", bytes(3 * MIB))) == "storage_full"

    assert leftovers(root) == []
    assert storage.read("results/old.png") == b"old"
    assert shutil.disk_usage(root).used < 100_000


LIMITED = """
import io, resource, signal, sys
from pathlib import Path
from batchgen.errors import AppError
from batchgen.media.s3 import S3Storage
from batchgen.media.storage import DiskStorage, Storage

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


def test_what_was_paid_for_is_written_also_below_the_floor(tmp_path: Path):
    full = DiskStorage(tmp_path / "files", min_free_bytes=2**60)

    full.put("kept/a", b"x")

    assert full.read("kept/a") == b"x"
    assert code(full.require_floor) == "storage_full"


def test_new_work_stops_before_the_disk_is_full_and_starts_again_when_there_is_room(tiny_disk: Disk):
    root, kib = tiny_disk.root, 1024
    one, other = (DiskStorage(root / "files", min_free_bytes=100 * kib, low_free_bytes=500 * kib) for _ in range(2))
    one.require_room()
    assert one.check() == "ok"

    (root / "ballast").write_bytes(bytes(700 * kib))  # of 1 MiB: some 320 KiB are left
    assert code(one.require_room) == code(other.require_room) == "storage_full"
    assert one.check() == "low"
    one.require_floor()
    one.put("kept/a", b"paid for")

    (root / "ballast").write_bytes(bytes(470 * kib))  # above the mark, but not by a fifth
    assert shutil.disk_usage(root).free > 500 * kib
    assert code(one.require_room) == code(other.require_room) == "storage_full"
    assert other.check() == "low"

    (root / "ballast").write_bytes(bytes(100 * kib))
    other.require_room()
    one.require_room()
    assert one.check() == "ok"

    (root / "ballast").write_bytes(bytes(950 * kib))
    assert one.check() == "full"
    assert code(one.require_floor) == "storage_full"
