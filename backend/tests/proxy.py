"""A real Nginx with the configuration of nginx/, in front of any address on loopback. `python -m tests.proxy HOST:PORT`
prints where it listens and stays until it is asked to end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import requests

from tests.conftest import BACKEND, free_port, need

TEMPLATE = BACKEND.parent / "nginx" / "batchgen.conf.template"
_MAIN = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log info; {user}
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/batchgen.conf;
}}
"""


def nginx_binary() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


class Proxy:
    """`settings`: names of the template on top of the usual ones."""

    def __init__(self, folder: Path, upstream: str, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        values = {
            "LISTEN": f"127.0.0.1:{self.port}", "UPSTREAM": upstream, "UPLOAD_BODY": "22m", "SUBMIT_BODY": "2200m",
            "CLIENT_TIMEOUT": "30s", "CONNECTIONS": "100", "ANSWER_TIMEOUT": "150s",
        } | settings  # fmt: skip
        text = re.sub(
            r"\$\{(\w+)\}", lambda found: values[found[1]], TEMPLATE.read_text(encoding="utf-8").partition("\n\n")[2]
        )
        (folder / "batchgen.conf").write_text(text, encoding="utf-8")
        user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not write to the test's folder
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user), encoding="utf-8")
        binary = nginx_binary()
        need("nginx", binary)
        self.command = [
            str(binary),
            "-p",
            str(folder),
            "-c",
            str(folder / "nginx.conf"),
            "-e",
            str(folder / "error.log"),
        ]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(400):
            try:
                requests.head(self.url, timeout=5)
                return self
            except requests.ConnectionError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "error.log").read_text())

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory() as folder, Proxy(Path(folder), sys.argv[1]) as proxy:
        print(proxy.port, flush=True)  # noqa: T201 - what it is started for
        while True:
            signal.pause()


if __name__ == "__main__":
    main()
