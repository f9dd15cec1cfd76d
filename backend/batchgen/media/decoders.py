"""The parent's side of decoding: a few persistent children, each with one job at a time, a deadline and a memory limit.

Works the same under threads and under gevent's patches: sockets with timeouts, locks and `subprocess` only.
"""

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import batchgen
from batchgen.errors import AppError

log = logging.getLogger(__name__)

_GIB = 1024**3
_WAIT_S = 60.0  # for a free child
_START_S = 30.0  # a child's start on a busy machine
_JOBS_PER_CHILD = 500  # C libraries leak a little; a fresh process does not
_MAX_ANSWER = 64 * 1024

type Job = dict[str, Any]
type Answer = dict[str, Any]


class DecoderLost(Exception):
    """The child was stopped at its deadline, ran out of memory or crashed: the picture is to blame."""


class DecoderPool:
    """At most `size` decodes at once (default: one per CPU), `deadline_s` seconds and `memory_bytes` each.

    Children start with the first jobs and are kept. Thread-safe, gevent-safe; not to be shared across a fork.
    """

    def __init__(
        self, size: int | None = None, *, deadline_s: float = 10.0, memory_bytes: int = _GIB, wait_s: float = _WAIT_S
    ) -> None:
        self._deadline_s, self._memory_bytes, self._wait_s = deadline_s, memory_bytes, wait_s
        self._slots = threading.BoundedSemaphore(size or os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def call(self, job: Job) -> Answer:
        """The child's answer: {"ok": {...}} or {"refused": code}.

        Raises DecoderLost, and AppError decoder_busy when no child is free within the wait or none can be started.
        """
        if not self._slots.acquire(timeout=self._wait_s):
            raise AppError("decoder_busy")
        try:
            child = self._take()
            try:
                answer = child.ask(job, self._deadline_s)
            except BaseException:  # also a greenlet's end: a child amid a job cannot be used for another
                child.end()
                raise
            self._give_back(child, answer)
            return answer
        finally:
            self._slots.release()

    def close(self) -> None:
        """Ends the children that are idle; those at work end with their job."""
        with self._lock:
            self._closed, idle = True, self._idle
            self._idle = []
        for child in idle:
            child.end()

    def pids(self) -> list[int]:
        """Of the idle children."""
        with self._lock:
            return [child.pid for child in self._idle]

    def _take(self) -> "_Child":
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return _Child(self._deadline_s, self._memory_bytes)
            if child.alive():
                return child
            child.end()

    def _give_back(self, child: "_Child", answer: Answer) -> None:
        with self._lock:
            keep = not (self._closed or answer.get("last") or child.jobs >= _JOBS_PER_CHILD)
            if keep:
                self._idle.append(child)
        if not keep:
            child.end()


class _Child:
    """One decoder process and the socket to it."""

    def __init__(self, deadline_s: float, memory_bytes: int) -> None:
        self.jobs = 0
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "batchgen.media.decoder", str(memory_bytes), str(deadline_s)]
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=_environment(),
                    start_new_session=True,  # Ctrl-C is for the parent
                )
        except OSError:
            ours.close()
            log.exception("no decoder child could be started")
            raise AppError("decoder_busy") from None
        self._socket = ours
        self._greet()

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, job: Job, deadline_s: float) -> Answer:
        self.jobs += 1
        try:
            self._socket.settimeout(deadline_s)
            self._socket.sendall(json.dumps(job).encode() + b"\n")
            return self._answer(deadline_s)
        except TimeoutError:
            log.warning("decoder stopped at its deadline of %s s", deadline_s)
            raise DecoderLost("deadline") from None
        except OSError:
            log.warning("decoder died at its work")
            raise DecoderLost("died") from None

    def end(self) -> None:
        self._socket.close()
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()

    def _greet(self) -> None:
        try:
            self._answer(_START_S)
        except BaseException as wrong:
            self.end()
            if isinstance(wrong, OSError):
                log.exception("the decoder child does not start")
                raise AppError("decoder_busy") from None
            raise

    def _answer(self, deadline_s: float) -> Answer:
        until, line = time.monotonic() + deadline_s, b""
        while not line.endswith(b"\n"):
            self._socket.settimeout(max(0.001, until - time.monotonic()))
            more = self._socket.recv(_MAX_ANSWER)
            line += more
            if not more or len(line) > _MAX_ANSWER:
                raise ConnectionError("no answer")
        answer: Answer = json.loads(line)
        return answer


def _environment() -> dict[str, str]:
    """What a child that opens strangers' files may know: nothing of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(batchgen.__file__).parent.parent),
        "PYTHONSAFEPATH": "1",  # not the working directory, whatever lies there
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",  # each arena takes 64 MiB of the address space that is limited
    }
