"""TLS of a deployment: with a certificate that was given, and by ACME from a real authority on this machine."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.conftest import free_port, need
from tests.deploy.host import PROJECT, Host, sh
from tests.deploy.layers import secrets_in

pytestmark = pytest.mark.timeout(900)
NAME = "pictures.example.test"
# what an authority of our own does not offer, and what is said of every server that packs its pages
EXPECTED = {"cert_revocation", "BREACH"}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for 127.0.0.1 by an authority of our own."""
    folder = tmp_path_factory.mktemp("papers")
    certificate(folder, "127.0.0.1")
    return folder


def test_tls_with_a_given_certificate(host: Host, papers: Path):
    port = host.value("HTTPS_PORT")
    plain, host.url = host.url, f"https://127.0.0.1:{port}"
    host.set_env(PUBLIC_URL=host.url, TLS_CERTIFICATE=papers / "chain.pem", TLS_KEY=papers / "key.pem")

    assert host.deploy("deploy", "prod").splitlines()[-1] == f"BatchGen Pro is at {host.url}"

    ca = str(papers / "ca.pem")
    page = requests.get(host.url, verify=ca, timeout=20)
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    moved = requests.get(f"{plain}/batches/x?a=b", allow_redirects=False, timeout=20)
    assert (moved.status_code, moved.headers["Location"]) == (308, f"{host.url}/batches/x?a=b")
    assert handshake(int(port), ssl.TLSVersion.TLSv1_3, alpn="h2") == ("TLSv1.3", "h2")
    assert handshake(int(port), ssl.TLSVersion.TLSv1_2, alpn="h2") == ("TLSv1.2", "h2")
    assert handshake(int(port), ssl.TLSVersion.TLSv1_1) is None
    for weak in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"):
        assert handshake(int(port), ssl.TLSVersion.TLSv1_2, ciphers=weak) is None, weak


def test_a_scanner_finds_nothing_to_mend(host: Host, papers: Path, tmp_path: Path):
    need("testssl.sh", shutil.which("testssl"))
    found = tmp_path / "found.json"
    sh(
        "testssl", "--quiet", "--warnings", "batch", "--nodns", "none", "--color", "0", "--add-ca", papers / "ca.pem",
        "--jsonfile", found, "-p", "-s", "-f", "-S", "-h", "-U", f"127.0.0.1:{host.value('HTTPS_PORT')}",
        check=False, timeout=600,
    )  # fmt: skip

    told = {line["id"]: (line["severity"], line["finding"]) for line in json.loads(found.read_text())}
    for name in ("TLS1_2", "TLS1_3", "PFS", "cert_chain_of_trust", "HSTS_time"):
        assert told[name][0] == "OK", told[name]
    bad = {name: what for name, what in told.items() if what[0] in ("MEDIUM", "HIGH", "CRITICAL")}
    assert set(bad) <= EXPECTED, bad


def certificate(folder: Path, address: str) -> None:
    """A certificate for this address by an authority of our own."""
    ca, key = folder / "ca.pem", folder / "ca_key.pem"
    make = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90")
    sh(*make, "-subj", "/CN=Test CA", "-keyout", key, "-out", ca)
    sh(
        *make, "-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}",
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


@contextmanager
def pebble(folder: Path, host: Host) -> Iterator[str]:
    """The address of Let's Encrypt's own test server: it asks for the challenge through Nginx, as the real one does."""
    gateway = json.loads(sh("docker", "network", "inspect", f"{PROJECT}_out").stdout)[0]["IPAM"]["Config"][0]["Gateway"]
    certificate(folder, gateway)
    port, names = free_port(), f"127.0.0.1:{free_port()}"
    (folder / "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": f"{gateway}:{port}", "managementListenAddress": f"127.0.0.1:{free_port()}",
        "certificate": str(folder / "chain.pem"), "privateKey": str(folder / "key.pem"),
        "httpPort": host.port, "tlsPort": free_port(),
    }}))  # fmt: skip
    off = (
        "-http01",
        "",
        "-https01",
        "",
        "-tlsalpn01",
        "",
        "-defaultIPv6",
        "",
        "-management",
        f"127.0.0.1:{free_port()}",
    )
    resolver = subprocess.Popen(["pebble-challtestsrv", "-dns01", names, *off], stderr=subprocess.DEVNULL)
    server = subprocess.Popen(
        ["pebble", "-config", folder / "pebble.json", "-dnsserver", names],
        env=os.environ | {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"https://{gateway}:{port}/dir"
    finally:
        for process in (server, resolver):
            process.terminate()
            process.wait(20)


def test_a_certificate_comes_by_acme_and_is_renewed(host: Host, tmp_path: Path):
    need("pebble", shutil.which("pebble"))
    port = int(host.value("HTTPS_PORT"))
    with pebble(tmp_path, host) as authority:
        host.url = f"https://{NAME}:{port}"
        host.set_env(
            PUBLIC_URL=host.url, TLS_CERTIFICATE="", TLS_KEY="", ACME_EMAIL="admin@example.com", ACME_SERVER=authority,
            ACME_CA_FILE=tmp_path / "ca.pem",
        )  # fmt: skip
        host.deploy("deploy", "prod")

        first = until_served(port, "Pebble", other_than="")
        assert f"DNS:{NAME}" in first
        assert host.deploy("doctor").splitlines()[-1].endswith("Nothing is wrong.")
        renew = "REQUESTS_CA_BUNDLE=/srv/ca.pem certbot renew --force-renewal --quiet --config-dir /acme"
        sh("docker", "exec", *host.ids("acme"), "sh", "-c", f"{renew} --work-dir /tmp/acme --logs-dir /tmp/acme")
        until_served(port, "Pebble", other_than=first)
        image = host.inspect(host.ids("acme")[0])["Config"]["Image"]
        assert not list(secrets_in(image, {"the session key": host.value("SECRET_KEY")}))


def until_served(port: int, issuer: str, *, other_than: str) -> str:
    """The text of the certificate that Nginx shows, once it is such a one."""
    shown = ""
    for _ in range(240):
        try:
            pem = ssl.get_server_certificate(("127.0.0.1", port), timeout=10)
            shown = sh("openssl", "x509", "-noout", "-text", input=pem).stdout
        except (ssl.SSLError, OSError):
            shown = ""
        if issuer in shown and shown != other_than:
            return shown
        time.sleep(0.5)
    raise AssertionError(f"Nginx still shows:\n{shown}")
