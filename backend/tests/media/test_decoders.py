"""The children that decode: what they cannot do, what becomes of them, and that one bad job harms no other."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchgen.errors import AppError
from batchgen.media.decoders import DecoderLost, DecoderPool
from batchgen.media.intake import Intake
from tests.conftest import BACKEND
from tests.fakes import bombs, images
from tests.media.conftest import MIB, Desk


@pytest.fixture
def job(tmp_path: Path) -> dict[str, object]:
    (tmp_path / "sound.png").write_bytes(images.sound("png"))
    return {
        "job": "check", "path": str(tmp_path / "sound.png"), "format": "png", "max_pixels": 50_000_000,
        "thumbnail": str(tmp_path / "t.webp"), "thumbnail_side": 336, "min_side": 1,
    }  # fmt: skip


@pytest.fixture
def one() -> Iterator[DecoderPool]:
    pool = DecoderPool(1, deadline_s=10)
    yield pool
    pool.close()


def the_child(pool: DecoderPool) -> int:
    (pid,) = pool.pids()
    return pid


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_picture_made_to_take_long_is_stopped_and_the_next_is_read(desk_with):
    desk: Desk = desk_with(deadline_s=1.5)
    desk.check(images.sound("png"))
    first = the_child(desk.intake._decoders)

    with pytest.raises(AppError) as caught:
        desk.check(bombs.scan_bomb(3_000), "slow.jpg")

    assert (caught.value.code, caught.value.params) == ("corrupt_image", {"name": "slow.jpg"})
    assert gone(first)
    assert desk.check(images.sound("png")).width == 96


def test_a_stopped_child_leaves_no_child_behind(one: DecoderPool, job: dict[str, object]):
    one.call(job)
    pid = the_child(one)
    one.close()

    assert gone(pid)
    assert one.pids() == []


def test_a_child_that_died_between_jobs_is_replaced_unnoticed(one: DecoderPool, job: dict[str, object]):
    one.call(job)
    pid = the_child(one)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z")

    assert "ok" in one.call(job)
    assert the_child(one) != pid


def test_a_child_that_dies_at_work_loses_its_job_only(one: DecoderPool, job: dict[str, object], tmp_path: Path):
    (tmp_path / "slow").write_bytes(bombs.scan_bomb(20_000))
    one.call(job)
    pid = the_child(one)
    killer = threading.Timer(0.5, os.kill, (pid, signal.SIGSEGV))
    killer.start()

    with pytest.raises(DecoderLost):
        one.call(job | {"path": str(tmp_path / "slow"), "format": "jpeg"})

    killer.join()
    assert "ok" in one.call(job)


def test_a_child_cannot_take_more_memory_than_it_is_given(desk_with):
    desk: Desk = desk_with(memory_bytes=200 * MIB)
    assert desk.check(images.sound("webp")).width == 96

    with pytest.raises(AppError) as caught:
        desk.check(bombs.bomb("webp", 7_000, 7_000))  # 49 megapixels: allowed, but 196 MB for a canvas of it

    assert caught.value.code == "corrupt_image"
    assert desk.check(images.sound("webp")).width == 96


def test_a_child_is_given_the_limits_it_is_asked_to_have(one: DecoderPool, job: dict[str, object]):
    one.call(job)
    limits = Path(f"/proc/{the_child(one)}/limits").read_text()

    assert any(line.split()[3:5] == [str(1024 * MIB)] * 2 for line in limits.splitlines() if "address space" in line)
    assert any(line.split()[4:6] == ["0", "0"] for line in limits.splitlines() if "core file" in line)
    assert os.getpriority(os.PRIO_PROCESS, the_child(one)) > os.getpriority(os.PRIO_PROCESS, 0)


def test_no_secret_of_the_parent_reaches_a_child(monkeypatch: pytest.MonkeyPatch, job: dict[str, object]):
    for name in ("GEMINI_API_KEY", "SECRET_KEY", "REDIS_URL", "ADMIN_PASSWORD", "ANYTHING_ELSE"):
        monkeypatch.setenv(name, "sk-very-secret")
    pool = DecoderPool(1)
    pool.call(job)
    pid = the_child(pool)
    names = {line.split(b"=")[0] for line in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if line}
    seen = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
    pool.close()

    assert b"very-secret" not in seen
    assert names <= {
        b"PATH", b"LD_LIBRARY_PATH", b"LANG", b"PYTHONPATH", b"PYTHONSAFEPATH", b"PYTHONDONTWRITEBYTECODE",
        b"MALLOC_ARENA_MAX",
    }  # fmt: skip


def test_a_child_has_no_open_file_of_its_parent(one: DecoderPool, job: dict[str, object], tmp_path: Path):
    with (tmp_path / "private").open("w"):
        one.call(job)
        folder = Path(f"/proc/{the_child(one)}/fd")
        held = [str(entry.readlink()) for entry in folder.iterdir()]

    assert [h for h in held if not h.startswith(("socket:", "/dev/null"))] == []


def test_sixteen_threads_at_once_all_get_their_own_answer(pool: DecoderPool, tmp_path: Path):
    widths: dict[int, int] = {}

    def check(n: int) -> None:
        desk = Desk(Intake(pool, max_bytes=MIB, max_megapixels=50), tmp_path / str(n))
        desk.folder.mkdir()
        for _ in range(3):
            widths[n] = desk.check(images.sound("png", 20 + n, 10)).width

    threads = [threading.Thread(target=check, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert widths == {n: 20 + n for n in range(16)}
    assert len(pool.pids()) <= 2


def test_who_waits_too_long_for_a_child_is_told_so(job: dict[str, object], tmp_path: Path):
    (tmp_path / "slow").write_bytes(bombs.scan_bomb(20_000))
    pool = DecoderPool(1, deadline_s=3, wait_s=0.05)
    pool.call(job)
    slow = threading.Thread(target=swallow, args=(pool, job | {"path": str(tmp_path / "slow"), "format": "jpeg"}))
    slow.start()
    wait_until(lambda: pool.pids() == [])

    with pytest.raises(AppError) as caught:
        pool.call(job)

    slow.join()
    assert caught.value.code == "decoder_busy"
    assert "ok" in pool.call(job)
    pool.close()


def swallow(pool: DecoderPool, job: dict[str, object]) -> None:
    with pytest.raises(DecoderLost):
        pool.call(job)


def test_a_child_serves_500_jobs_and_no_more(one: DecoderPool, job: dict[str, object]):
    one.call(job)
    pid = the_child(one)
    one._idle[0].jobs = 499
    one.call(job)

    assert one.pids() == []
    assert gone(pid)
    assert "ok" in one.call(job)


def test_when_no_child_can_start_the_picture_is_not_blamed(job: dict[str, object], capfd: pytest.CaptureFixture[str]):
    pool = DecoderPool(1, memory_bytes=8 * MIB)

    with pytest.raises(AppError) as caught:
        pool.call(job)

    assert caught.value.code == "decoder_busy"
    pool.close()
    capfd.readouterr()


def test_children_end_with_a_parent_that_is_killed(tmp_path: Path, job: dict[str, object]):
    script = f"""
import sys, time
from batchgen.media.decoders import DecoderPool
pool = DecoderPool(1)
pool.call({job!r})
print(*pool.pids(), flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=BACKEND, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    wait_until(lambda: gone(pid) or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z")


GEVENT = """
from gevent import monkey
monkey.patch_all()
import sys, gevent
from pathlib import Path
from batchgen.errors import AppError
from batchgen.media.decoders import DecoderPool
from batchgen.media.intake import Intake

folder = Path(sys.argv[1])
pool = DecoderPool(2, deadline_s=2.0)
intake = Intake(pool, max_bytes=2**24, max_megapixels=50)
ticks = 0

def tick():
    global ticks
    while True:
        gevent.sleep(0.01)
        ticks += 1

def check(n):
    try:
        return intake.check(folder / ("slow" if n == 3 else "photo"), name="p", thumbnail=folder / f"t{n}").width
    except AppError as wrong:
        return wrong.code

ticker = gevent.spawn(tick)
answers = [g.get() for g in [gevent.spawn(check, n) for n in range(8)]]
with gevent.Timeout(0.3, False):
    check(3)  # given up from outside: its child must not be used again
answers.append(check(0))
pool.close()
print(answers, ticks > 50)
"""


def test_under_gevent_everything_else_goes_on_meanwhile(tmp_path: Path):
    (tmp_path / "photo").write_bytes(images.encode(images.photo(2400, 1800), "png"))
    (tmp_path / "slow").write_bytes(bombs.scan_bomb(20_000))

    ran = subprocess.run(
        [sys.executable, "-c", GEVENT, str(tmp_path)], cwd=BACKEND, capture_output=True, text=True, timeout=60
    )

    assert ran.stdout.strip() == "[2400, 2400, 2400, 'corrupt_image', 2400, 2400, 2400, 2400, 2400] True", ran


def wait_until(true: object, seconds: float = 10) -> None:
    assert callable(true)
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
