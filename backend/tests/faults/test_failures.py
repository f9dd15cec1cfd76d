"""What becomes of an item when its call fails: on the real stack, against a server that speaks the real wire format."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RedisServer
from tests.fakes.doubao_server import DoubaoServer
from tests.photos import twenty
from tests.stack import KEYS, Stack, running

SECRET = "sk-test-secret-of-doubao-0123456789"


@pytest.fixture(scope="module")
def fake() -> Iterator[DoubaoServer]:
    with DoubaoServer(keys=[SECRET]) as server:
        yield server


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer, fake: DoubaoServer) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("paid")
    with running(
        folder, own_redis, DOUBAO_API_KEY=SECRET, DOUBAO_BASE_URL=fake.base_url, LOG_LEVEL="DEBUG",
        PROVIDER_TIMEOUT_SECONDS=2, GEMINI_API_KEY=KEYS["gemini"],
    ) as stack:  # fmt: skip
        yield stack


def one(stack: Stack, fake: DoubaoServer, *plan: str) -> Any:
    """One item whose first calls go by `plan`, to its end."""
    fake.plan = plan
    fake.calls.clear()
    stack.forget_pace()
    batch = stack.submit(1, provider="doubao")["id"]
    stack.until_done(batch, 60)
    return stack.items(batch)[0]


@pytest.mark.parametrize(
    ("behaviour", "category", "calls", "possibly_paid"),
    [
        ("input_text", "blocked", 1, False),
        ("output_image", "blocked", 1, False),
        ("invalid_parameter", "invalid_input", 1, False),
        ("unauthenticated", "auth", 1, False),
        ("overdue", "quota_exhausted", 1, False),
        ("not_open", "model_unavailable", 1, False),
        ("hang", "timeout", 2, True),
        ("reset", "timeout", 2, True),
        ("garbage", "bad_output", 1, False),
    ],
)
def test_a_failure_that_lasts_ends_the_item_in_its_category(
    paid: Stack, fake: DoubaoServer, behaviour: str, category: str, calls: int, possibly_paid: bool
):
    item = one(paid, fake, *[behaviour] * 5)

    assert (item["state"], item["error"]["category"]) == ("failed", category)
    assert item["error"]["message"]
    assert len(fake.log()) == item["attempts"] == calls
    assert item["possibly_paid"] is possibly_paid


@pytest.mark.parametrize("behaviour", ["hang", "reset", "truncated", "internal", "rate_ipm"])
def test_a_failure_that_passes_is_got_over_and_every_call_is_in_the_log(
    paid: Stack, fake: DoubaoServer, behaviour: str
):
    item = one(paid, fake, behaviour)

    assert item["state"] == "succeeded"
    assert len(fake.log()) == item["attempts"] == 2
    log = paid.get(f"/api/items/{item['id']}")["attempt_log"]
    assert [a["number"] for a in log] == [1, 2]
    assert log[1]["outcome"] == "succeeded"
    assert item["possibly_paid"] is (log[0]["charged"] == "unknown")


def test_the_key_is_in_no_log_answer_process_list_or_dump(paid: Stack, fake: DoubaoServer, own_redis: RedisServer):
    item = one(paid, fake, "unauthenticated")
    answers = [paid.http.get(paid.url + path).text for path in (
        "/health", "/api/providers", "/api/batches", f"/api/items/{item['id']}", "/api/openapi.json",
    )]  # fmt: skip
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    stored = b"".join(p.read_bytes() for p in own_redis.folder.rglob("*") if p.is_file())
    written = b"".join(p.read_bytes() for p in Path(paid.folder / "var").rglob("*") if p.is_file())

    for key in (SECRET, KEYS["gemini"]):
        assert key not in paid.logs()
        assert key not in commands
        assert all(key not in answer for answer in answers)
        assert key.encode() not in stored
        assert key.encode() not in written


def test_the_one_shot_call_tells_why_it_failed(paid: Stack, fake: DoubaoServer):
    fake.plan = ["input_text"]
    paid.forget_pace()
    files = {"file": twenty()[0][:2]}
    answer = paid.http.post(f"{paid.url}/api/generate", files=files, data={"prompt": "p", "provider": "doubao"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "blocked_input")
    assert "safety check" in answer.json()["error"]["message"]
