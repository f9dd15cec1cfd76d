"""What Nginx is told by its templates, checked by Nginx itself: the files of nginx/ with no container around them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from batchgen.settings import ROOT
from tests.conftest import need

STORE = {"STORAGE_URL": "s3://pictures", "STORAGE_ENDPOINT": "http://inner:9000"}


def rendered(folder: Path, **env: str) -> str:
    """The whole configuration as `nginx -T` reads it, its folders moved into `folder`."""
    need("nginx", shutil.which("nginx") or Path("/usr/sbin/nginx").exists())
    need("envsubst", shutil.which("envsubst"))
    here = folder / "etc"
    shutil.copytree(ROOT / "nginx", here)
    for file in here.rglob("*"):
        if file.is_file():
            text = file.read_text().replace("/etc/batchgen", str(here)).replace("/tmp/nginx", str(folder / "run"))
            file.write_text(text.replace("/tls/", f"{folder}/tls/"))
    script = (here / "start.sh").read_text()
    render = script.partition("case ${1:-run} in")[0] + "render\nnginx_with -T -q\n"
    (folder / "run" / "nginx").mkdir(parents=True)
    ended = subprocess.run(
        ["sh", "-c", render],
        env={"PATH": f"{os.environ['PATH']}:/usr/sbin", "UPSTREAM": "127.0.0.1"} | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_templates_give_what_nginx_accepts(tmp_path: Path):
    told = rendered(tmp_path, PUBLIC_URL="http://images.example.com")

    assert "listen 8080 default_server;" in told
    assert "ssl_certificate" not in told
    assert not re.findall(r"^[^#\n]*\$\{[A-Z_]+\}", told, re.MULTILINE), "every name is filled in"


def test_a_certificate_turns_tls_on(tmp_path: Path):
    (tmp_path / "tls").mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "privkey.pem", "-out",
         "fullchain.pem"],
        cwd=tmp_path / "tls", check=True, capture_output=True,
    )  # fmt: skip
    told = rendered(tmp_path, PUBLIC_URL="https://images.example.com")

    assert "listen 8443 ssl http2 default_server;" in told
    assert "return 308 https://images.example.com$request_uri;" in told


def test_limits_of_bodies_follow_those_of_the_service(tmp_path: Path):
    told = rendered(tmp_path, MAX_UPLOAD_MB="7", GENERATE_WAIT_SECONDS="40")

    assert {"9m", "900m"} <= set(re.findall(r"client_max_body_size (\w+);", told))
    assert "proxy_read_timeout 70s;" in told


@pytest.mark.parametrize(
    ("env", "origin"),
    [
        ({}, ""),
        (STORE, " http://inner:9000 http://*.inner:9000"),
        (
            STORE | {"STORAGE_PUBLIC_ENDPOINT": "https://s3.example.com"},
            " https://s3.example.com https://*.s3.example.com",
        ),
        (
            {"STORAGE_URL": "s3://pictures", "STORAGE_REGION": "eu-west-1"},
            " https://s3.eu-west-1.amazonaws.com https://*.s3.eu-west-1.amazonaws.com",
        ),
    ],
)
def test_pages_may_show_pictures_from_the_store(tmp_path: Path, env: dict[str, str], origin: str):
    found = re.search(r'map "" \$batchgen_pictures \{\s*default "(.*)";', rendered(tmp_path, **env))

    assert found
    assert found[1] == origin
