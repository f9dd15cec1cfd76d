"""After a whole run: no key and no token in logs, answers, metrics, the process list, files or Redis."""

import json
import os
from pathlib import Path

import requests

from batchgen.store.connection import connect
from tests.conftest import RedisServer
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.envelope_server import EnvelopeServer
from tests.fakes.gemini_server import GeminiServer
from tests.stack import Stack, Stream, running

GEMINI, DOUBAO = "AIza" + "Secret0Key" * 3, "ark-secret-key-of-a-test-0123456789"
TOKEN, MAIL_WORD = "metrics-token-of-a-test", "mail-password-of-a-test"
BEARER, COOKIE = "Bearer bgp_token-of-a-person-in-a-test", "batchgen_session=session-of-a-person-in-a-test"
SECRETS = (GEMINI, DOUBAO, TOKEN, MAIL_WORD, BEARER.split()[1], COOKIE.split("=")[1])


def everything_told(stack: Stack) -> dict[str, bytes]:
    """Every answer that the run gives, errors and streams among them."""
    told: dict[str, bytes] = {}
    with requests.Session() as http:
        http.headers.update({"Authorization": BEARER, "Cookie": COOKIE})
        batches = http.get(f"{stack.url}/api/batches", timeout=30).json()["items"]
        paths = ["/", "/health", "/metrics", "/api/providers", "/api/limits", "/api/batches", "/api/nothing",
                 "/api/me/notices", "/api/openapi.json", "/api/docs", "/api/keys", "/api/batches?nope=1"]  # fmt: skip
        for batch in batches:
            items = http.get(f"{stack.url}/api/batches/{batch['id']}/items", timeout=30).json()["items"]
            paths += [f"/api/batches/{batch['id']}", f"/api/batches/{batch['id']}/archive"]
            paths += [f"/api/items/{item['id']}" for item in items]
        for path in paths:
            answer = http.get(stack.url + path, timeout=30)
            told[path] = answer.content + str(answer.headers).encode()
        told["bad"] = http.post(f"{stack.url}/api/batches", data=b"{", timeout=30).content
    stream = Stream(f"{stack.url}/api/events?after=0-0")
    told["stream"] = json.dumps(stream.take(30)).encode()
    stream.close()
    return told


def process_list() -> dict[str, bytes]:
    """The command lines of all that runs, which every user of a machine can read."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                found[f"command of {folder.name}"] = (folder / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
    return found


def redis_dump(server: RedisServer) -> dict[str, bytes]:
    client = connect(server.url)
    files = {str(path): path.read_bytes() for path in server.folder.rglob("*") if path.is_file()}
    client.close()
    return files


def test_no_secret_stands_anywhere_after_a_run(tmp_path: Path, own_redis: RedisServer):
    with (
        GeminiServer() as gemini,
        DoubaoServer() as doubao,
        EnvelopeServer() as tracker,
        running(
            tmp_path / "stack", own_redis, GEMINI_API_KEY=GEMINI, GEMINI_BASE_URL=gemini.url,
            DOUBAO_API_KEY=DOUBAO, DOUBAO_BASE_URL=doubao.base_url, METRICS_TOKEN=TOKEN, SENTRY_DSN=tracker.dsn,
            LOG_LEVEL="DEBUG", MAX_ATTEMPTS=2, SMTP_URL=f"smtp://ann:{MAIL_WORD}@127.0.0.1:9",
            SMTP_FROM="a@example.com",
        ) as stack,
    ):  # fmt: skip
        gemini.plan, doubao.plan = ["ok", "key_invalid", "echo", "overloaded"], ["ok", "internal", "echo"]
        for provider in ("gemini", "doubao"):
            batch = stack.submit(3, provider=provider)["id"]
            stack.until_done(batch, 120)
        stack.http.get(f"{stack.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        seen = everything_told(stack) | process_list()
        assert len(gemini.calls) + len(doubao.calls) >= 4
        assert any(b"gunicorn" in command for name, command in seen.items() if name.startswith("command"))
        sent = b"".join(tracker.raw)
    own_redis.stop()
    own_redis.start()
    seen |= redis_dump(own_redis) | {"the error tracker": sent}
    seen |= {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert any(name.endswith(".log") for name in seen)
    assert any("appendonly" in name for name in seen)
    for secret in SECRETS:
        assert [name for name, text in seen.items() if secret.encode() in text] == [], secret[:4]
