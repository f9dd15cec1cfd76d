"""A host of its own for `deploy.sh`: a fresh clone, its containers, and people who use what runs there."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

import requests

from tests.conftest import BACKEND, free_port
from tests.stack import Stack

ROOT = BACKEND.parent
PROJECT = "bgtest"
FAKE = "bgtest-fake-gemini"
KEY = "test-key-of-the-deployment"


def sh(*command: object, check: bool = True, **more: Any) -> subprocess.CompletedProcess[str]:
    """What it says on both outputs is in `stdout`, and in the failure."""
    ended = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **more,
    )
    assert not check or ended.returncode == 0, f"{command}: {ended.returncode}\n{ended.stdout[-4000:]}"
    return ended


def port_80() -> int:
    """80 where nobody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 80))
        except OSError:
            return free_port()
        return 80


class Host(Stack):
    """`project`: names its containers and images; `env`: lines of its .env."""

    said = ""  # at the first deploy

    def __init__(self, folder: Path, project: str = PROJECT, **env: object) -> None:
        self.project = project
        self.folder, self.clone, self.port = folder, folder / "batchgen", port_80()
        sh("git", "clone", "--quiet", ROOT, self.clone)
        sh("git", "config", "user.email", "test@example.com", cwd=self.clone)
        sh("git", "config", "user.name", "Test", cwd=self.clone)
        self.url = "http://127.0.0.1" + ("" if self.port == 80 else f":{self.port}")
        self.lines = {
            "COMPOSE_PROJECT_NAME": project, "IMAGE_NAME": project, "HTTP_BIND": "127.0.0.1", "HTTP_PORT": self.port,
            "HTTPS_PORT": free_port(), "PUBLIC_URL": self.url, "BUILD_NETWORK": "host", "GEMINI_API_KEY": KEY,
            "GEMINI_BASE_URL": f"http://{FAKE}:8000", "GEMINI_CONCURRENCY": 4, "PROVIDER_TIMEOUT_SECONDS": 60,
            "MODEL_PROBE_MINUTES": 0, "CONNECTIONS": 500,
        } | env  # fmt: skip
        self.write_env()
        self.remove_leftovers()
        self.http = requests.Session()
        self.http.headers.update({"Accept-Language": "en", "Origin": self.url})

    def write_env(self) -> None:
        (self.clone / ".env").write_text("".join(f"{name}={value}\n" for name, value in self.lines.items()))

    def set_env(self, **values: object) -> None:
        """What the admin writes into .env: the last line of a name counts."""
        with (self.clone / ".env").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())

    # the admin

    def deploy(self, *command: str, check: bool = True, told: str | None = None) -> str:
        """What `./deploy.sh COMMAND` says; `told`: on its standard input."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "DOCKER_HOST")}
        ended = sh("bash", "deploy.sh", *command, check=check, cwd=self.clone, env=kept, timeout=900, input=told)
        self.status = ended.returncode
        return ended.stdout

    def value(self, name: str) -> str:
        lines = (self.clone / ".env").read_text().splitlines()
        return next(line.partition("=")[2] for line in reversed(lines) if line.startswith(f"{name}="))

    def change(self, path: str, old: str, new: str) -> None:
        """A commit in the clone."""
        file = self.clone / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))
        sh("git", "commit", "--quiet", "--all", "--message", f"Change {path}", cwd=self.clone)

    def ids(self, service: str) -> list[str]:
        label = f"label=com.docker.compose.service={service}"
        return sh(
            "docker", "ps", "-q", "--filter", f"label=com.docker.compose.project={self.project}", "--filter", label
        ).stdout.split()

    def inspect(self, container: str) -> Any:
        return json.loads(sh("docker", "inspect", container).stdout)[0]

    def remove(self) -> None:
        self.http.close()
        self.remove_fake()
        if (self.clone / "var" / "deploy").is_dir():
            self.deploy("down", "--data", check=False)
        for part in ("backend", "front", "acme"):
            images = sh("docker", "image", "ls", "--quiet", f"{self.project}-{part}").stdout.split()
            if images:
                sh("docker", "image", "rm", "--force", *set(images), check=False)
        shutil.rmtree(self.clone, ignore_errors=True)

    def remove_leftovers(self) -> None:
        """What a run that was killed has left: its data has other passwords."""
        of_ours = f"label=com.docker.compose.project={self.project}"
        for kind, listing, remove in (
            ("container", ("ls", "--all"), ("rm", "--force")),
            ("volume", ("ls",), ("rm",)),
            ("network", ("ls",), ("rm",)),
        ):
            found = sh("docker", kind, *listing, "--quiet", "--filter", of_ours).stdout.split()
            if found:
                sh("docker", kind, *remove, *found)

    # the provider, in a container beside the workers

    def start_fake(self, latency_s: float) -> None:
        self.remove_fake()
        image = self.inspect(self.ids("web")[0])["Config"]["Image"]
        sh(
            "docker", "run", "--detach", "--name", FAKE, "--user", "0", "--network", f"{self.project}_out",
            "--no-healthcheck", "--volume", f"{self.clone / 'backend' / 'tests'}:/srv/backend/tests:ro", image,
            "python", "-m", "tests.fakes.gemini_server", "--host", "0.0.0.0", "--port", "8000", "--latency", latency_s,
        )  # fmt: skip

    def remove_fake(self) -> None:
        sh("docker", "rm", "--force", FAKE, check=False)

    def calls(self) -> list[Any]:
        return list(json.loads(self._ask_fake("_log")))

    def hurry_fake(self) -> None:
        self._ask_fake("_control", '{"latency_s": 0.1}')

    def _ask_fake(self, path: str, body: str = "") -> str:
        ask = (
            "import sys, urllib.request as u;"
            "print(u.urlopen(sys.argv[1], sys.argv[2].encode() or None).read().decode())"
        )
        return sh("docker", "exec", FAKE, "python", "-c", ask, f"http://127.0.0.1:8000/{path}", body).stdout

    # people

    def sign_in(self) -> None:
        body = {"username": self.value("ADMIN_USERNAME"), "password": self.value("ADMIN_PASSWORD")}
        self.http.cookies.clear()
        self.post("/api/auth/login", body)

    def logs(self) -> str:
        return self.deploy("logs", check=False)


class Poller:
    """Somebody who asks ten times a second, and counts what is answered."""

    def __init__(self, url: str) -> None:
        self.url, self.answers = url, Counter[str]()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,), daemon=True) for n in range(10)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _ask(self, n: int) -> None:
        """One of ten who ask once a second each: a slow answer does not keep the others from asking."""
        time.sleep(n / 10)
        while not self._stop.wait(1.0):
            try:
                word = str(requests.get(f"{self.url}/health/live", timeout=20).status_code)
            except requests.RequestException:
                word = "no answer"
            self.answers[word] += 1
