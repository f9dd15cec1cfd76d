"""Watches a whole run of the tests: every key, password, token, session and link that they used is looked for in all
that was written meanwhile: logs, answers, command lines, Redis's files, the services' folders. What is found fails it.

`conftest.py` starts it. Only what a service wrote is searched: the tests' own files may say what they like."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
import werkzeug.test

from tests.processes import family

_NAMES = re.compile(r"_API_KEY$|PASSWORD$|SECRET$|SECRET_KEY$|^METRICS_TOKEN$")
_ISSUED = re.compile(r"bgp_[\w-]{30,}|(?<=#)[\w-]{30,}")  # tokens; what stands behind the # of a link
_COOKIES = re.compile(r"^(__Host-)?batchgen_(session|device|links)")  # not a login's state, which travels in addresses
_WORDS = ("password", "current_password", "new_password")
_SHORTEST, _LONGEST_ANSWER = 12, 200_000
_OURS = ("answers.log", "captured.log", "commands.log")


class Watch:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.secrets: dict[str, str] = {}  # -> what it is
        self.unstored: set[str] = set()  # a webhook's: it signs, so Redis has to have it
        self._commands: set[str] = set()
        self._lock, self._over = threading.Lock(), threading.Event()
        for name in _OURS:
            (folder / name).touch()

    def note(self, secret: str, what: str) -> bool:
        """Remember it; whether it is new. Short and simple words stand in any text, so they show nothing."""
        if len(secret) < _SHORTEST or len(set(secret)) < 6 or "\n" in secret:
            return False
        with self._lock:
            new = secret not in self.secrets
            self.secrets.setdefault(secret, what)
        return new

    def settings(self, env: Mapping[str, str]) -> None:
        """What among settings is secret."""
        for name, value in env.items():
            if _NAMES.search(name):
                for one in value.split(","):
                    self.note(one.strip(), name)
            if name in ("SMTP_URL", "REDIS_URL") and "@" in value:
                self.note(value.partition("@")[0].rpartition(":")[2], name)

    def heard(self, what: str, sent: bytes, status: int, cookies: Iterable[str], kind: str, told: bytes) -> None:
        """One request and its answer. A secret that the answer hands out is masked there: once it may be told."""
        if status < 300:
            self._sent(sent)
        for cookie in cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            if _COOKIES.match(name):
                self.note(value, "a cookie")
        if not kind.startswith(("application/json", "text/")) or len(told) > _LONGEST_ANSWER:
            return
        text = told.decode(errors="replace")
        for found in _ISSUED.findall(text):
            if self.note(found, f"handed out by {what}"):
                text = text.replace(found, "[handed out]")
        if kind.startswith("application/json") and '"secret"' in text:
            for found in re.findall(r'"secret": ?"([^"]+)"', text):
                self.unstored.add(found)
                if self.note(found, "a webhook's secret"):
                    text = text.replace(found, "[handed out]")
        self.write("answers.log", f"{what} {status} {text}")

    def _sent(self, body: bytes) -> None:
        if not body.startswith(b"{") or b"password" not in body:
            return
        try:
            said = json.loads(body)
        except ValueError:
            return
        for name in _WORDS:
            if isinstance(said.get(name), str):
                self.note(said[name], "a password")

    def write(self, name: str, text: str) -> None:
        with self._lock, (self._folder / name).open("a", errors="replace") as file:
            file.write(text + "\n")

    # what runs

    def sample(self) -> None:
        """The command lines of all that the tests have started; every user of a machine can read them."""
        for pid in family(os.getpid())[1:]:
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # it has ended
                continue
            if line not in self._commands:
                self._commands.add(line)
                self.write("commands.log", line)

    def _sampling(self) -> None:
        while not self._over.wait(1.0):
            self.sample()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hear every HTTP call of the tests, and look at the processes now and then."""
        sampler = threading.Thread(target=self._sampling, daemon=True)
        sampler.start()
        with (
            patch.object(requests.Session, "send", _by_requests(self, requests.Session.send)),
            patch.object(werkzeug.test.Client, "open", _by_werkzeug(self, werkzeug.test.Client.open)),
        ):
            yield
        self._over.set()
        sampler.join()

    # at the end

    def found(self) -> list[str]:
        """Where a secret stands: `file:line: what it is`; never the secret itself."""
        self.sample()
        files = [path for path in self._folder.rglob("*") if path.is_file() and is_a_service_s(path, self._folder)]
        return [
            f"{name}:{line}: {self.secrets[secret]} ({secret[:4]}…)"
            for name, line, secret in grep(files, self.secrets, self._folder / "patterns")
            if not (secret in self.unstored and "appendonly" in name)
        ]


def grep(files: Iterable[Path], secrets: Iterable[str], patterns: Path) -> Iterator[tuple[str, str, str]]:
    """(file, line, secret). The secrets go to grep in a file, which is gone after it: not on its command line."""
    patterns.touch(0o600)
    patterns.write_text("\n".join(secrets))
    paths = "\0".join(map(str, files))
    command = ["xargs", "-0", "-r", "grep", "-HnaoF", "-f", str(patterns), "--"]
    done = subprocess.run(command, input=paths.encode(), capture_output=True, check=False)
    patterns.unlink()
    if done.stderr:
        raise RuntimeError(done.stderr.decode(errors="replace")[:500])
    for hit in done.stdout.decode(errors="replace").splitlines():
        name, line, secret = hit.split(":", 2)
        yield name, line, secret


def is_a_service_s(path: Path, folder: Path) -> bool:
    """Logs, Redis's files, and whatever lies in a VAR_DIR; not the trees that tests copy, nor their settings."""
    inside = path.relative_to(folder).parts
    return path.suffix == ".log" or any(part.startswith("appendonly") or part == "var" for part in inside)


def _by_requests(watch: Watch, send: Callable[..., Any]) -> Callable[..., Any]:
    def heard(session: Any, request: Any, **how: Any) -> Any:
        answer = send(session, request, **how)
        sent = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        told = b"" if how.get("stream") else answer.content
        cookies = answer.raw.headers.getlist("Set-Cookie")
        kind = answer.headers.get("Content-Type", "")
        watch.heard(f"{request.method} {request.url}", sent, answer.status_code, cookies, kind, told)
        return answer

    return heard


def _by_werkzeug(watch: Watch, open_: Callable[..., Any]) -> Callable[..., Any]:
    def heard(client: Any, *args: Any, **how: Any) -> Any:
        sent = json.dumps(how["json"]).encode() if isinstance(how.get("json"), dict) else b""
        answer = open_(client, *args, **how)
        told = b"" if answer.is_streamed else answer.data
        cookies = answer.headers.getlist("Set-Cookie")
        watch.heard(f"{answer.request.method} {answer.request.path}", sent, answer.status_code, cookies,
                    answer.headers.get("Content-Type", ""), told)  # fmt: skip
        return answer

    return heard
