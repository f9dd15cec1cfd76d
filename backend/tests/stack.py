"""The real thing for tests: Redis, gunicorn and Celery workers as processes, spoken to over HTTP."""

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from batchgen.store.connection import connect
from tests.conftest import BACKEND, PYTHON, RedisServer, free_port, watch_settings

KEYS = {"gemini": "test-gemini-key-1", "doubao": "test-doubao-key-1"}


class Stack:
    """`env`: settings on top of the tests' own. Everything it writes is below `folder`."""

    def __init__(self, folder: Path, redis: RedisServer, **env: object) -> None:
        self.folder, self.redis, self.port = folder, redis, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self._web: subprocess.Popen[bytes] | None = None
        self._env = _clean_environment() | {
            "HOST": "127.0.0.1", "PORT": str(self.port), "REDIS_URL": redis.url, "VAR_DIR": str(folder / "var"),
            "LOG_FORMAT": "json", "DEMO_LATENCY_SECONDS": "0.05", "LEASE_SECONDS": "6",
            "PICTURE_METADATA": "0",  # so that what is served is what a fake has given
        } | {name: str(value) for name, value in env.items()}  # fmt: skip
        watch_settings(self._env)
        self.http = requests.Session()
        self.http.headers["Accept-Language"] = "en"

    # processes

    def start(self, workers: int = 1) -> "Stack":
        self.start_web()
        for _ in range(workers):
            self.start_worker()
        if workers:
            self.until(lambda: self.http.get(f"{self.url}/health").json()["status"] == "ok", "health")
        return self

    def start_web(self) -> None:
        self._web = self._spawn("web", "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:app")
        self.until(self._answers, "the web process")

    def start_worker(self, **env: object) -> subprocess.Popen[bytes]:
        """`env`: settings of this worker alone."""
        process = self._spawn(
            f"worker{len(self.workers)}", "-m", "celery", "-A", "worker", "worker", "--loglevel", "INFO", **env
        )
        self.workers.append(process)
        return process

    def kill_worker(self, sig: int = signal.SIGKILL) -> None:
        """End the oldest worker and wait until it is gone."""
        process = self.workers.pop(0)
        process.send_signal(sig)
        process.wait(60)

    def kill_web(self) -> None:
        assert self._web is not None
        for child in subprocess.run(  # the master alone would leave its workers
            ["ps", "-o", "pid=", "--ppid", str(self._web.pid)], capture_output=True, text=True, check=False
        ).stdout.split():
            os.kill(int(child), signal.SIGKILL)
        self._web.kill()
        self._web.wait(20)

    def stop(self) -> None:
        for process in [*self.workers, self._web]:
            if process and process.poll() is None:
                process.terminate()
        for process in [*self.workers, self._web]:
            if process:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(10)
        self.http.close()

    def logs(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _spawn(self, name: str, *args: str, **env: object) -> subprocess.Popen[bytes]:
        own = self._env | {name: str(value) for name, value in env.items()}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [PYTHON, *args], cwd=BACKEND, env=own, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def _answers(self) -> bool:
        try:
            return self.http.get(f"{self.url}/health/live", timeout=2).ok
        except requests.ConnectionError:
            return False

    # what people do

    def get(self, path: str, **query: object) -> Any:
        answer = self.http.get(self.url + path, params=query, timeout=30)  # type: ignore[arg-type]
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: object | None = None) -> Any:
        answer = self.http.post(self.url + path, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def upload(self, name: str, data: bytes) -> Any:
        answer = self.http.post(f"{self.url}/api/uploads", files={"file": (name, data)}, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def submit(self, count: int, prompt: str = "make it blue", **more: object) -> Any:
        """A batch from text only, of `count` pictures."""
        return self.post("/api/batches", {"prompt": prompt, "items": [{}] * count} | more)

    def items(self, batch_id: str) -> list[Any]:
        found, cursor = [], None
        while True:
            page = self.get(f"/api/batches/{batch_id}/items", limit=200, **({"cursor": cursor} if cursor else {}))
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def counts(self, batch_id: str) -> dict[str, int]:
        return dict(self.get(f"/api/batches/{batch_id}")["counts"])

    def forget_pace(self) -> None:
        """As if nothing had been learnt of keys and models yet."""
        client = connect(self.redis.url)
        for name in client.keys("bg:pace:*") + client.keys("bg:rests:*") + client.keys("bg:models"):
            client.delete(name)
        client.close()

    def until_done(self, batch_id: str, seconds: float = 90) -> dict[str, int]:
        def done() -> bool:
            counts = self.counts(batch_id)
            return not counts["queued"] + counts["waiting"] + counts["running"]

        self.until(done, f"the end of {batch_id}", seconds)
        return self.counts(batch_id)

    def until(self, holds: Callable[[], bool], what: str, seconds: float = 40) -> None:
        """Wait for something that will come; the limit only ends a test that has failed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if holds():
                    return
            except (requests.RequestException, KeyError, ValueError):
                pass
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s in vain for {what}\n{self.logs()[-3000:]}")


class Stream:
    """A reader of Server-Sent Events that can be cut and resumed, like a browser's."""

    def __init__(self, url: str, last_id: str | None = None, headers: dict[str, str] | None = None) -> None:
        sent = (headers or {}) | ({"Last-Event-ID": last_id} if last_id else {})
        self._answer = requests.get(url, headers=sent, stream=True, timeout=60)
        self._answer.raise_for_status()
        self.last_id = last_id or ""
        self._seen: queue.Queue[tuple[str, str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        event = data = entry = ""
        try:
            for raw in self._answer.iter_lines(chunk_size=1):
                name, _, value = raw.decode().partition(": ")
                if not raw:
                    if data:
                        self._seen.put((entry, event, json.loads(data)))
                    event = data = entry = ""
                elif name == "id":
                    entry = value
                elif name == "event":
                    event = value
                elif name == "data":
                    data = value
        except Exception:  # noqa: BLE001 - cut off, by us or by the server
            pass
        self._seen.put(None)

    def take(self, seconds: float = 60) -> tuple[str, str, Any] | None:
        """The next event as (id, name, data); None when the stream has ended or nothing came in time.

        `last_id` is that of the last event taken here: the reading thread may be far ahead of it.
        """
        try:
            event = self._seen.get(timeout=seconds)
        except queue.Empty:
            return None
        if event and event[0]:
            self.last_id = event[0]
        return event

    def close(self) -> None:
        raw = self._answer.raw
        if getattr(raw, "_fp", None) is not None and raw._connection is not None and raw._connection.sock is not None:
            raw._connection.sock.shutdown(2)
        self._answer.close()
        self._thread.join(5)


@contextmanager
def running(folder: Path, redis: RedisServer, workers: int = 1, **env: object) -> Iterator[Stack]:
    folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(folder, redis, **env)
    try:
        yield stack.start(workers)
    finally:
        stack.stop()


def _clean_environment() -> dict[str, str]:
    """Nothing of the developer's own settings or keys."""
    kept = ("PYTHONPATH", "PATH", "HOME", "LANG", "VIRTUAL_ENV", "SSL_CERT_FILE", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUNBUFFERED": "1"}
