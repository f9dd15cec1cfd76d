"""A deployment's data on an empty host. Goes on where test_deploy.py ends."""

import stat
from pathlib import Path

import pytest

from tests.deploy.host import KEY, PROJECT, Host, sh

pytestmark = pytest.mark.timeout(900)


def files_of(host: Host) -> dict[str, str]:
    listing = sh(
        "docker", "exec", host.ids("web")[0], "sh", "-c", "cd /data/files && find . -type f | sort | xargs sha256sum"
    )
    return {line.split()[1]: line.split()[0] for line in listing.stdout.splitlines() if "/tmp/" not in line}


def test_a_backup_brings_everything_back_on_an_empty_host(host: Host, tmp_path: Path):
    host.until_done(host.submit(3)["id"])
    batches = host.get("/api/batches", limit=50)
    items = {b["id"]: host.items(b["id"]) for b in batches["items"]}
    files = files_of(host)
    file = tmp_path / "kept.tar"
    host.deploy("backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    password = host.value("ADMIN_PASSWORD")
    content = file.read_bytes()
    assert host.value("SECRET_KEY").encode() not in content
    assert KEY.encode() not in content

    assert "It is running" in host.deploy("restore", str(file), check=False)
    host.remove_fake()
    host.deploy("down")
    assert "There is data here already" in host.deploy("restore", str(file), check=False)
    host.deploy("down", "--data")
    assert not sh("docker", "volume", "ls", "-q", "--filter", f"name={PROJECT}_").stdout.split()
    host.write_env()  # an empty host knows none of the secrets either
    host.deploy("restore", str(file))

    assert host.value("ADMIN_PASSWORD") != password
    host.post("/api/auth/login", {"username": "admin", "password": password})  # people keep theirs
    assert host.get("/api/batches", limit=50) == batches
    assert {b: host.items(b) for b in items} == items
    assert files_of(host) == files
    host.start_fake(0.2)
    assert host.until_done(host.submit(3)["id"])["succeeded"] == 3
