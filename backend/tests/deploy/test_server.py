"""`deploy-server.sh` against a real sshd on loopback, with the Docker engine of this machine behind it."""

import getpass
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import free_port, need
from tests.deploy.conftest import engine
from tests.deploy.host import Host, sh

pytestmark = pytest.mark.timeout(900)
SSHD = Path("/usr/sbin/sshd")
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/sshd.pid
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
"""


class Server(Host):
    """`clone` is the developer's; `path` is where it goes on the "other" machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, project="bgtest-far")
        self.path, self.ssh_port = folder / "srv", free_port()
        for name in ("host_key", "user_key"):
            sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
        (folder / "known_hosts").write_text(self.host_line("host_key"))
        (folder / "sshd_config").write_text(CONFIG.format(port=self.ssh_port, folder=folder))
        Path("/run/sshd").mkdir(exist_ok=True)
        self.sshd = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL)
        (self.path / "shared").mkdir(parents=True)
        (self.clone / ".env").rename(self.path / "shared" / ".env")  # what the admin wrote there
        self.env_path = self.path / "shared" / ".env"

    def host_line(self, key: str) -> str:
        public = (self.folder / f"{key}.pub").read_text().split()
        return f"[127.0.0.1]:{self.ssh_port} {public[0]} {public[1]}\n"

    def server(self, *command: str, check: bool = True) -> str:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        where = {
            "DEPLOY_HOST": "127.0.0.1", "DEPLOY_USER": getpass.getuser(), "DEPLOY_PATH": str(self.path),
            "DEPLOY_PORT": str(self.ssh_port), "DEPLOY_KNOWN_HOSTS": str(self.folder / "known_hosts"),
            "DEPLOY_KEY": str(self.folder / "user_key"),
        }  # fmt: skip
        ended = sh("bash", "deploy-server.sh", *command, check=check, cwd=self.clone, env=kept | where, timeout=900)
        self.status = ended.returncode
        return ended.stdout

    def version(self) -> str:
        return str(requests.get(f"{self.url}/health", timeout=20).json()["version"])

    def remove(self) -> None:
        self.sshd.terminate()
        self.sshd.wait(20)
        if (self.path / "current").exists():
            self.clone = self.path / "current"
        super().remove()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    need("a Docker engine", engine())
    need("sshd", SSHD.exists() and os.geteuid() == 0)
    made = Server(tmp_path_factory.mktemp("server"))
    try:
        for _ in range(200):
            if made.sshd.poll() is None and sh("ssh-keyscan", "-p", made.ssh_port, "127.0.0.1", check=False).stdout:
                break
            time.sleep(0.1)
        yield made
    finally:
        made.remove()


def test_a_host_with_another_key_gets_nothing(server: Server):
    known = server.folder / "known_hosts"
    good = known.read_text()
    known.write_text(server.host_line("user_key"))

    said = server.server("deploy", check=False)
    known.write_text(good)

    assert server.status == 1
    assert "cannot be reached by ssh" in said
    assert not (server.path / "releases").exists()


def test_deploy_update_and_rollback_over_ssh(server: Server):
    said = server.server("deploy")
    assert said.splitlines()[-1] == f"BatchGen Pro is at {server.url}"
    assert server.version() == "0.1.0"

    server.change("backend/batchgen/__init__.py", '__version__ = "0.1.0"', '__version__ = "0.1.9"')
    server.server("update")
    assert server.version() == "0.1.9"

    server.server("rollback")
    assert server.version() == "0.1.0"


def test_status_logs_and_backup_over_ssh(server: Server, tmp_path: Path):
    assert f"BatchGen Pro is at {server.url}" in server.server("status")
    assert "redis" in server.server("logs", "redis")

    server.server("backup", str(tmp_path / "kept.tar"))
    assert "redis/backup.rdb" in sh("tar", "-tf", tmp_path / "kept.tar").stdout
