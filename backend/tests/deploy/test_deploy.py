"""`deploy.sh` on a real Docker engine, from a fresh clone to an empty host and back: one story, told in order."""

import io
import os
import re
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
import requests

from tests.conftest import BACKEND, need
from tests.deploy.host import KEY, PROJECT, Host, sh
from tests.deploy.layers import secrets_in
from tests.photos import twenty
from tests.stack import Stream

pytestmark = pytest.mark.timeout(900)
SECRETS = ("REDIS_PASSWORD", "SECRET_KEY", "METRICS_TOKEN", "ADMIN_PASSWORD")


def test_one_command_brings_everything_up_and_says_where(host: Host):
    lines = host.said.splitlines()

    assert lines[-1] == f"BatchGen Pro is at {host.url}"
    for service in ("redis", "web", "worker", "nginx"):
        assert any(re.match(rf"{service} +running/healthy ", line) for line in lines), host.said
    assert host.get("/health")["status"] == "ok"


def test_secrets_are_made_once_kept_closed_and_never_said(host: Host):
    env = host.clone / ".env"
    before = env.read_text()
    said = host.said + host.deploy("status") + host.deploy("doctor", check=False) + host.deploy("logs")

    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    for name in SECRETS:
        assert len(host.value(name)) == 48
        assert host.value(name) not in said
    assert KEY not in said
    assert env.read_text() == before


@pytest.mark.parametrize("service", ["nginx", "web", "worker", "redis"])
def test_a_container_can_do_little(host: Host, service: str):
    facts = host.inspect(host.ids(service)[0])
    limits, ports = facts["HostConfig"], facts["NetworkSettings"]["Ports"]
    published = [port for port, bound in ports.items() if bound]
    networks = set(facts["NetworkSettings"]["Networks"])

    assert facts["Config"]["User"] not in ("", "0", "root")
    assert limits["ReadonlyRootfs"]
    assert limits["CapDrop"] == ["ALL"]
    assert not limits["Privileged"]
    assert "no-new-privileges:true" in limits["SecurityOpt"]
    assert limits["Memory"] > 0
    assert limits["PidsLimit"] > 0
    assert limits["LogConfig"]["Config"]["max-size"]
    assert bool(published) == (service == "nginx")
    assert (f"{PROJECT}_state" in networks) == (service != "nginx")
    assert (service == "redis") == (networks == {f"{PROJECT}_state"})


def test_no_secret_is_in_an_image_or_an_argument(host: Host):
    for service in ("web", "nginx"):
        image = host.inspect(host.ids(service)[0])["Config"]["Image"]
        history = sh("docker", "history", "--no-trunc", image).stdout + sh("docker", "image", "inspect", image).stdout
        found = sh(
            "docker", "run", "--rm", "--user", "0", "--entrypoint", "", image,
            "find", "/srv", "/etc/batchgen", "/usr/share/batchgen", "-name", ".env*", "-o", "-name", ".git", "-o",
            "-path", "*/var/*", check=False,
        ).stdout  # fmt: skip
        assert not [line for line in found.splitlines() if line.startswith("/")]
        for name in SECRETS:
            assert host.value(name) not in history
        assert '"org.opencontainers.image.revision"' in history
        assert list(secrets_in(image, {"what is there": "batchgen"})), "the search finds"
        assert not list(secrets_in(image, {name: host.value(name) for name in SECRETS} | {"the provider's key": KEY}))
    arguments = "".join(
        p.read_bytes().decode(errors="replace") for p in Path("/proc").glob("[0-9]*/cmdline") if readable(p)
    )
    for name in SECRETS:
        assert host.value(name) not in arguments


def readable(path: Path) -> bool:
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


def test_pages_are_cached_by_their_names(host: Host):
    page = requests.get(f"{host.url}/batches/anything", timeout=20)
    script = re.findall(r'"(/assets/[^"]+\.js)"', page.text)[0]
    asset = requests.get(host.url + script, timeout=20)

    assert page.headers["Cache-Control"] == "no-cache"
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert asset.headers["Content-Encoding"] == "gzip"
    for kind, accepted, told in (("js", "gzip, br", "br"), ("css", "br", "br"), ("js", "br;q=0, gzip", "gzip")):
        name = re.findall(rf'"(/assets/[^"]+\.{kind})"', page.text)[0]
        fetch = ("curl", "-sS", "-H", f"Accept-Encoding: {accepted}", f"{host.url}{name}")
        said = sh(*fetch, "-o", "/dev/null", "-D", "-").stdout.lower()
        assert f"content-encoding: {told}\n" in said, said
        assert f"content-type: text/{'javascript' if kind == 'js' else 'css'}" in said, said
        assert said.count("vary: accept-encoding") == 1, said
        assert sh(*fetch, "--compressed").stdout == requests.get(host.url + name, timeout=20).content.decode()
    spoken = re.search(r"_CSP = \(\n(.*?)\n\)", (BACKEND / "batchgen/api/files.py").read_text(), re.DOTALL)
    assert spoken
    assert page.headers["Content-Security-Policy"] == "".join(re.findall(r'"(.*)"', spoken[1])).replace("{}", "")
    answer = requests.get(f"{host.url}/health/live", timeout=20)
    for header in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Permissions-Policy",
                   "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy"):  # fmt: skip
        assert page.headers[header] == answer.headers[header], "as the service says it"
    for path, status in (("/missing.png", 404), ("/_files/results/x", 404), ("/api/nothing", 404), ("//etc", 404)):
        refused = requests.get(host.url + path, timeout=20)
        assert (refused.status_code, refused.json()["success"]) == (status, False)


def test_the_main_job_over_http(host: Host):
    photos = twenty()[:5]
    uploads = [host.upload(photo.name, photo.data) for photo in photos]
    batch = host.post("/api/batches", {"prompt": "at night", "items": [{"upload_id": u["id"]} for u in uploads]})
    counts = host.until_done(batch["id"])
    assert counts["succeeded"] == 5, host.items(batch["id"])

    name = host.items(batch["id"])[0]["result"]["url"]
    picture = host.http.get(host.url + name, timeout=20)
    stored = f"/data/files/results/{name.rpartition('/')[2]}"
    on_disk = subprocess.run(
        ["docker", "exec", host.ids("web")[0], "cat", stored], capture_output=True, check=True
    ).stdout
    assert picture.content == on_disk
    assert picture.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert picture.headers["Cache-Control"].startswith("private")
    assert "X-Accel-Redirect" not in picture.headers
    assert requests.get(host.url + name, timeout=20).status_code == 401

    archive = host.http.get(f"{host.url}/api/batches/{batch['id']}/archive", timeout=60)
    names = zipfile.ZipFile(io.BytesIO(archive.content)).namelist()
    assert len([n for n in names if not n.startswith("manifest")]) == 5


def test_metrics_are_for_prometheus_on_the_inner_network_with_its_token(host: Host):
    assert requests.get(f"{host.url}/metrics", timeout=20).status_code == 401
    ask = 'curl -sf -H "Authorization: Bearer $TOKEN" http://nginx:8082/metrics'
    token = f"TOKEN={host.value('METRICS_TOKEN')}"
    told = sh("docker", "exec", "--env", token, host.ids("nginx")[0], "sh", "-c", ask).stdout

    known = set(re.findall(r"^# TYPE (\w+) ", told, re.MULTILINE))
    used = {
        name.removesuffix("_bucket")
        for file in (host.clone / "monitoring").rglob("*.*")
        for name in re.findall(r"\bbatchgen_\w+", file.read_text())
    }
    assert len(used) > 8
    assert used <= known, "alerts and the dashboard speak of what is counted"


def test_prometheus_reads_its_configuration_and_the_alerts(host: Host):
    need("promtool", which("promtool"))
    folder = host.clone / "monitoring"

    sh("promtool", "check", "config", "--syntax-only", folder / "prometheus.yml")
    assert "6 rules found" in sh("promtool", "check", "rules", folder / "alerts.yml").stdout


def test_a_body_over_the_limit_is_refused_by_the_service_with_its_sentence(host: Host):
    answer = host.http.post(f"{host.url}/api/uploads", files={"file": ("big.jpg", b"x" * (20 * 2**20 + 1))}, timeout=60)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")


def test_the_main_job_in_chromium(host: Host, tmp_path: Path):
    chromium = next((c for c in ("chromium", "chromium-browser", "google-chrome") if which(c)), None)
    need("Chromium", chromium)
    sh("python3", "-m", "tests.photos", tmp_path / "photos", cwd=BACKEND, env=os.environ | {"PATH": path_with_python()})
    env = {
        "ADDRESS": host.url, "CHROMIUM": which(str(chromium)), "PHOTOS": str(tmp_path / "photos"),
        "SHOTS": str(tmp_path), "USERNAME": host.value("ADMIN_USERNAME"), "PASSWORD": host.value("ADMIN_PASSWORD"),
        "PATH": os.environ["PATH"], "HOME": str(tmp_path),
    }  # fmt: skip

    sh("node", "--test", BACKEND.parent / "frontend" / "e2e" / "deployed.mjs", env=env, timeout=300)


def which(name: str) -> str:
    return sh("sh", "-c", f"command -v {name}", check=False).stdout.strip()


def path_with_python() -> str:
    return f"{BACKEND.parent / '.venv' / 'bin'}:{os.environ['PATH']}"


def test_workers_scale(host: Host):
    host.deploy("deploy", "prod", "--scale", "worker=3")

    assert len(host.ids("worker")) == 3
    assert len(host.ids("web")) == 1
    assert host.get("/health")["checks"]["workers"] == "ok"


def test_the_doctor_names_what_is_wrong_with_the_fix(host: Host):
    assert host.deploy("doctor").splitlines()[-1].endswith("Nothing is wrong.")

    (host.clone / ".env").chmod(0o644)
    sh("docker", "stop", *host.ids("worker"))
    said = host.deploy("doctor", check=False)
    (host.clone / ".env").chmod(0o600)

    assert host.status == 1
    assert "✗ .env can be read by others; run: chmod 600 .env" in said
    assert "✗ worker does not run; run: ./deploy.sh deploy" in said
    host.deploy("stop")
    assert not [service for service in ("nginx", "web", "worker", "redis") if host.ids(service)]
    host.deploy("restart")
    assert host.get("/health")["checks"]["workers"] == "ok"


def test_whoever_has_a_shell_makes_an_admin(host: Host):
    assert "ann is an admin." in host.deploy("admin", "ann", told="a password of eight words or so\n")

    body = {"username": "ann", "password": "a password of eight words or so"}
    entered = requests.post(f"{host.url}/api/auth/login", json=body, headers={"Origin": host.url}, timeout=20)
    assert entered.status_code == 200


def test_logs_are_those_of_the_part_asked_for(host: Host):
    assert "nginx" in host.deploy("logs", "nginx")
    assert "redis" not in host.deploy("logs", "web")


def test_live_changes_arrive_through_nginx_while_the_stream_is_open(host: Host):
    host.start_fake(0.2)
    cookie = "; ".join(f"{c.name}={c.value}" for c in host.http.cookies)
    stream = Stream(f"{host.url}/api/events", headers={"Cookie": cookie})
    batch = host.submit(2)

    seen = [stream.take() for _ in range(3)]

    assert all(seen)
    stream.close()
    host.until_done(batch["id"])
