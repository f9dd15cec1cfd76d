"""A deployment's data on an empty host, and its TLS. Goes on where test_deploy.py ends."""

import socket
import ssl
import stat
import warnings
from pathlib import Path

import pytest
import requests

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


def test_tls_with_a_given_certificate(host: Host, tmp_path: Path):
    authority(tmp_path)
    port = host.value("HTTPS_PORT")
    plain, host.url = host.url, f"https://127.0.0.1:{port}"
    lines = [line for line in (host.clone / ".env").read_text().splitlines() if not line.startswith("PUBLIC_URL=")]
    lines += [f"PUBLIC_URL={host.url}", f"TLS_CERTIFICATE={tmp_path}/chain.pem", f"TLS_KEY={tmp_path}/key.pem"]
    (host.clone / ".env").write_text("\n".join(lines) + "\n")

    assert host.deploy("deploy", "prod").splitlines()[-1] == f"BatchGen Pro is at {host.url}"

    page = requests.get(host.url, verify=str(tmp_path / "ca.pem"), timeout=20)
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    moved = requests.get(f"{plain}/batches/x?a=b", allow_redirects=False, timeout=20)
    assert (moved.status_code, moved.headers["Location"]) == (308, f"{host.url}/batches/x?a=b")
    assert handshake(int(port), ssl.TLSVersion.TLSv1_3, alpn="h2") == ("TLSv1.3", "h2")
    assert handshake(int(port), ssl.TLSVersion.TLSv1_2, alpn="h2") == ("TLSv1.2", "h2")
    assert handshake(int(port), ssl.TLSVersion.TLSv1_1) is None
    for weak in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"):
        assert handshake(int(port), ssl.TLSVersion.TLSv1_2, ciphers=weak) is None, weak


def authority(folder: Path) -> None:
    """A certificate for 127.0.0.1 by an authority of our own."""
    ca, key = folder / "ca.pem", folder / "ca_key.pem"
    make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90")
    sh(*make, "-subj", "/CN=Test CA", "-keyout", key, "-out", ca)
    sh(
        *make, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        "-addext", "basicConstraints=CA:false",
        "-CA", ca, "-CAkey", key, "-keyout", folder / "key.pem", "-out", folder / "chain.pem",
    )  # fmt: skip


def handshake(
    port: int, version: ssl.TLSVersion, *, alpn: str = "http/1.1", ciphers: str = "ALL:@SECLEVEL=0"
) -> tuple[str | None, str | None] | None:
    """(protocol, ALPN) with exactly this version; None where the server refuses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(ciphers if "SECLEVEL" in ciphers else f"{ciphers}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what is asked about
        context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols([alpn])
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 20) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            return secure.version(), secure.selected_alpn_protocol()
    except (ssl.SSLError, ConnectionResetError):
        return None
