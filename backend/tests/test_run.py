"""`make run` as a person uses it: one line, parts that are kept running, and nothing left after Ctrl-C."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from batchgen.settings import ROOT
from tests.conftest import free_port, need

PATIENCE_S = 100


class Run:
    """One `make run` in a session of its own, as a terminal would have it."""

    def __init__(self, var: Path, port: int | None = None, **environ: str) -> None:
        self.var, self.port = var, port or free_port()
        env = {name: os.environ[name] for name in ("PATH", "HOME", "PYENV_ROOT") if name in os.environ}
        env |= {"PORT": str(self.port), "VAR_DIR": str(var), "DEMO_LATENCY_SECONDS": "0.1", **environ}
        self.process = subprocess.Popen(
            ["make", "--no-print-directory", "run"], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def first_line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[str, str]:
        return self.process.communicate(timeout=PATIENCE_S)

    def health(self) -> str:
        try:
            return str(requests.get(f"http://127.0.0.1:{self.port}/health", timeout=5).json()["status"])
        except (requests.RequestException, ValueError):
            return "silent"

    def processes(self) -> list[str]:
        """Everything that runs with this copy's VAR_DIR, however it was started."""
        mark, found = f"VAR_DIR={self.var}".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:  # it ended, or is somebody else's
                continue
        return found

    def children_of(self, pid: int) -> list[int]:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def pid_of(self, part: str) -> int:
        lines = (self.var / "log" / "supervisord.log").read_text().splitlines()
        return int(next(x for x in reversed(lines) if f"spawned: '{part}' with pid" in x).rpartition(" ")[2])


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def tools() -> None:
    need("make", shutil.which("make"))
    need("the built frontend", (ROOT / "frontend" / "package.json").is_file())


@pytest.fixture(scope="module")
def running(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("run"))
    run.line = run.first_line()  # type: ignore[attr-defined]
    yield run
    run.press_ctrl_c()
    run.end()


def test_it_prints_exactly_one_line_with_the_address(running):
    assert running.line == f"BatchGen Pro is running: http://127.0.0.1:{running.port}  (stop: Ctrl-C)"
    assert running.health() == "ok"


def test_it_serves_the_built_page(running):
    page = requests.get(f"http://127.0.0.1:{running.port}/", timeout=5)

    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")


def test_what_it_writes_is_for_its_owner_only(running):
    assert {oct(path.stat().st_mode & 0o077) for path in running.var.rglob("*")} == {"0o0"}


def test_no_key_is_an_argument_of_a_process(tools, tmp_path):
    run = Run(tmp_path, GEMINI_API_KEY="AIza-not-in-argv")
    run.first_line()
    try:
        assert not [command for command in run.processes() if "AIza" in command]
        written = [p for p in tmp_path.rglob("*") if p.is_file() and b"AIza" in p.read_bytes()]
        assert written == []
    finally:
        run.press_ctrl_c()
        run.end()


@pytest.mark.parametrize("part", ["worker", "web", "redis"])
def test_a_killed_part_is_started_again(running, part):
    before, orphans = running.pid_of(part), running.children_of(running.pid_of(part))
    os.kill(before, signal.SIGKILL)

    until(lambda: running.pid_of(part) != before)
    until(lambda: not any(Path(f"/proc/{orphan}").exists() for orphan in orphans))  # they still serve for a moment
    until(lambda: running.health() == "ok")


def test_a_taken_port_is_told_in_one_sentence(running, tmp_path):
    second = Run(tmp_path, port=running.port)

    out, told = second.end()

    assert second.process.returncode != 0
    assert out == ""
    assert f"Port {running.port} is already in use; " in told


def test_a_second_copy_on_the_same_data_is_refused(running):
    second = Run(running.var)

    _, told = second.end()

    assert second.process.returncode != 0
    assert "A copy is already running on" in told
    until(lambda: running.health() == "ok")


def test_two_copies_run_side_by_side(running, tmp_path):
    second = Run(tmp_path)
    second.first_line()
    try:
        until(lambda: second.health() == running.health() == "ok")
    finally:
        second.press_ctrl_c()
        second.end()


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_leaves_nothing_behind(tools, tmp_path, times):
    run = Run(tmp_path)
    run.first_line()
    stream = requests.get(f"http://127.0.0.1:{run.port}/api/events", stream=True, timeout=5)
    began = time.monotonic()

    for _ in range(times):
        run.press_ctrl_c()
        time.sleep(0.3)
    run.end()

    assert time.monotonic() - began < 20  # an open page does not hold it up
    until(lambda: run.processes() == [], 5)
    stream.close()


def test_a_part_that_cannot_start_is_told_with_its_log(tools, tmp_path):
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonly.aof").write_text("these are no commands\n")

    run = Run(tmp_path)
    out, told = run.end()

    assert run.process.returncode != 0
    assert out == ""
    assert "The part 'redis' did not start" in told
    assert "append only file" in told
    assert run.processes() == []
