"""Files: whole or not there, for our eyes only, and an honest word when the disk will not."""

import hashlib
import io
import os
import resource
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from batchgen.errors import AppError
from batchgen.media.s3 import S3Storage
from batchgen.media.storage import DiskStorage, Storage
from tests.fakes.s3_server import S3Server
from tests.media.conftest import MIB, bucket_of, code, leftovers

type Make = Callable[..., Storage]


@pytest.fixture(params=["disk", "s3"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Either store: what callers rely on holds of both."""
    folder = tmp_path / "files"
    if request.param == "disk":
        return partial(DiskStorage, folder)
    server: S3Server = request.getfixturevalue("s3_server")
    return partial(S3Storage, bucket_of(server), folder)


@pytest.fixture
def storage(make: Make) -> Storage:
    return make(min_free_bytes=0)


def test_what_comes_in_is_counted_and_hashed_and_then_adopted(storage: Storage, tmp_path: Path):
    data = os.urandom(700_000)

    got = storage.receive(io.BytesIO(data), limit_bytes=MIB, name="a.jpg")
    assert (got.sha256, got.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert not storage.exists(f"uploads/{got.sha256}")
    storage.adopt(got.path, f"uploads/{got.sha256}")

    assert storage.read(f"uploads/{got.sha256}") == data
    assert storage.size(f"uploads/{got.sha256}") == len(data)
    assert leftovers(tmp_path) == []


def test_the_limit_passes_and_one_byte_more_is_refused(storage: Storage, tmp_path: Path):
    storage.receive(io.BytesIO(bytes(MIB)), limit_bytes=MIB, name="a").discard()
    with pytest.raises(AppError) as caught:
        storage.receive(io.BytesIO(bytes(MIB + 1)), limit_bytes=MIB, name="大.jpg")

    assert (caught.value.code, caught.value.params) == ("file_too_large", {"name": "大.jpg", "limit_mb": "1"})
    assert leftovers(tmp_path) == []


def test_an_endless_stream_is_cut_off_at_the_limit(storage: Storage):
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            self.given += size
            return bytes(size)

    stream = Endless()
    assert code(lambda: storage.receive(stream, limit_bytes=MIB, name="a")) == "file_too_large"
    assert stream.given <= 2 * MIB


def test_nothing_is_called_empty(storage: Storage, tmp_path: Path):
    assert code(lambda: storage.receive(io.BytesIO(), limit_bytes=9, name="a")) == "empty_file"
    assert leftovers(tmp_path) == []


def test_a_sender_who_goes_away_leaves_nothing(storage: Storage, tmp_path: Path):
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
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    "key",
    ["", "x", "/etc/passwd", "uploads/../x", "../x", "uploads/..", "uploads/a..b", "uploads/.hidden", "uploads//x",
     "uploads/", "tmp/x", "uploads/a\n", "uploads/a\0b", "uploads\\x", "uploads/ä", "uploads/a b", "./uploads/x",
     "uploads/" + "a" * 201, "a/b/c/d/e"],
)  # fmt: skip
def test_what_is_no_key_leads_nowhere(storage: Storage, key: str, tmp_path: Path):
    for act in (storage.read, storage.open, storage.exists, storage.size, storage.delete):
        assert code(lambda act=act: act(key)) == "not_found"  # type: ignore[misc]
    assert code(lambda: storage.put(key, b"x")) == "not_found"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    "key", ["uploads/" + "a" * 64, "kept/b123-7.json", "prepared/ab/cd.jpg", "results/generated_b1-2.png"]
)
def test_what_is_put_is_read_again(storage: Storage, key: str):
    storage.put(key, b"one")
    storage.put(key, b"two")

    assert storage.read(key) == b"two"
    with storage.open(key).file as file:
        assert (file.read(1), file.read()) == (b"t", b"wo")
    with storage.local(key) as path:
        assert path.read_bytes() == b"two"
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    assert code(lambda: storage.read(key)) == code(lambda: storage.open(key)) == "not_found"


def test_scratch_is_gone_afterwards_unless_it_was_adopted(storage: Storage, tmp_path: Path):
    with storage.scratch(".webp") as adopted, storage.scratch() as lost:
        adopted.write_bytes(b"x")
        storage.adopt(adopted, "thumbnails/a.webp")
    with pytest.raises(RuntimeError), storage.scratch():
        raise RuntimeError

    assert not lost.exists()
    assert leftovers(tmp_path) == []
    assert storage.read("thumbnails/a.webp") == b"x"


def test_readers_see_the_old_file_or_the_new_one_never_a_part(storage: Storage):
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


def test_two_who_adopt_the_same_key_do_each_other_no_harm(storage: Storage, tmp_path: Path):
    first, second = (storage.receive(io.BytesIO(b"same"), limit_bytes=9, name="a") for _ in range(2))
    storage.adopt(first.path, "uploads/s")
    storage.adopt(second.path, "uploads/s")

    assert storage.read("uploads/s") == b"same"
    assert leftovers(tmp_path) == []


def test_below_the_floor_nothing_is_taken_in(make: Make, tmp_path: Path):
    full = make(min_free_bytes=2**60)

    assert code(lambda: full.receive(io.BytesIO(b"x"), limit_bytes=9, name="a")) == "storage_full"
    assert full.check() == "full"
    assert leftovers(tmp_path) == []


def test_a_healthy_storage_says_ok_and_keeps_no_trace(storage: Storage, tmp_path: Path):
    assert storage.check() == "ok"
    assert leftovers(tmp_path) == []


def test_old_temporary_files_are_swept_and_young_ones_stay(storage: Storage):
    old, young = (storage.receive(io.BytesIO(b"x"), limit_bytes=9, name="a").path for _ in range(2))
    os.utime(old, (1, 1))

    assert storage.sweep_tmp(3600) == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_sweeping_where_nothing_ever_was_is_fine(storage: Storage):
    assert storage.sweep_tmp(0) == 0


def test_memory_does_not_grow_with_a_file(storage: Storage):
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


def test_a_second_name_holds_the_same_bytes_and_outlives_the_first(storage: Storage, tmp_path: Path):
    storage.put("kept/a", b"picture")
    storage.link("kept/a", "results/a.png")
    storage.link("kept/a", "results/a.png")
    storage.delete("kept/a")

    assert storage.read("results/a.png") == b"picture"
    assert leftovers(tmp_path) == []
    with pytest.raises(AppError, match="not_found"):
        storage.link("kept/a", "results/b.png")


def test_many_files_go_at_once_and_those_that_are_not_there_do_not_matter(storage: Storage):
    keys = [f"results/{n}.png" for n in range(30)]
    for key in [*keys, "results/other.png"]:
        storage.put(key, b"x")

    storage.delete(*keys, "results/never.png")
    storage.delete()

    assert [key for key in [*keys, "results/other.png"] if storage.exists(key)] == ["results/other.png"]


def test_an_empty_file_is_a_file(storage: Storage):
    storage.put("results/a.png", b"")

    assert (storage.exists("results/a.png"), storage.size("results/a.png"), storage.read("results/a.png")) == (
        True, 0, b"",
    )  # fmt: skip


def test_what_is_served_is_there(storage: Storage):
    assert code(lambda: storage.serve("results/a.png", mime="image/png")) == "not_found"
    assert code(lambda: storage.open("results/a.png")) == "not_found"
    with pytest.raises(AppError, match="not_found"), storage.local("results/a.png"):
        pass
