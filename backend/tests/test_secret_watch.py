"""The watch over the whole run of the tests finds what it is to find, and only that."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.secret_watch import Watch

KEY, SIGNING = "a-key-that-nobody-may-see-1", "a-signing-secret-of-a-webhook"


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    found = Watch(tmp_path)
    found.settings({"GEMINI_API_KEY": f"{KEY}, short", "PORT": "5001 5001 5001 5001"})
    return found


@pytest.mark.parametrize(
    "name", ["stack/web.log", "redis/appendonlydir/appendonly.aof.1.incr.aof", "stack/var/files/results/a.png"]
)
def test_a_secret_in_what_a_service_wrote_is_found_with_file_and_line(watch: Watch, tmp_path: Path, name: str):
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"fine\n\x00\xff binary " + KEY.encode() + b" more\n")

    assert watch.found() == [f"{file}:2: GEMINI_API_KEY (a-ke…)"]


def test_settings_of_the_tests_themselves_and_short_words_are_not_looked_at(watch: Watch, tmp_path: Path):
    (tmp_path / ".env").write_text(f"GEMINI_API_KEY={KEY}")
    (tmp_path / "web.log").write_text("short 5001 5001 5001 5001")

    assert watch.found() == []


def test_a_token_may_be_told_once(watch: Watch, tmp_path: Path):
    token = "bgp_" + "aB3-" * 10
    answer = b'{"token":"' + token.encode() + b'"}'

    watch.heard("POST /api/tokens", b"", 201, [], "application/json", answer)
    assert watch.found() == []

    watch.heard("GET /api/tokens", b"", 200, [], "application/json", answer)
    assert watch.found() == [f"{tmp_path / 'answers.log'}:2: handed out by POST /api/tokens (bgp_…)"]


def test_a_webhook_s_secret_may_stand_in_redis_and_nowhere_else(watch: Watch, tmp_path: Path):
    watch.heard("PUT /n", b"", 200, [], "application/json", f'{{"secret": "{SIGNING}"}}'.encode())
    (tmp_path / "appendonly.aof").write_text(SIGNING)
    assert watch.found() == []

    (tmp_path / "worker.log").write_text(SIGNING)
    assert watch.found() == [f"{tmp_path / 'worker.log'}:1: a webhook's secret (a-si…)"]


def test_passwords_that_were_taken_and_cookies_are_secrets(watch: Watch, tmp_path: Path):
    body = b'{"username": "ann", "password": "twelve green kettles"}'
    watch.heard("POST /api/auth/login", body, 200, ["batchgen_session_5001=s3cr3t-session-id; Path=/"], "", b"")
    watch.heard("POST /api/auth/login", b'{"password": "not the right one"}', 401, ["other=thirteen-letters"], "", b"")
    (tmp_path / "web.log").write_text("twelve green kettles\ns3cr3t-session-id\nnot the right one\nthirteen-letters")

    assert [hit.partition(": ")[2] for hit in watch.found()] == ["a password (twel…)", "a cookie (s3cr…)"]


def test_a_secret_on_a_command_line_is_found(watch: Watch, tmp_path: Path):
    sleeper = subprocess.Popen([sys.executable, "-c", "input()", f"--key={KEY}"], stdin=subprocess.PIPE)
    try:
        [found] = watch.found()
    finally:
        sleeper.communicate(b"\n")

    assert found.startswith(f"{tmp_path / 'commands.log'}:")
