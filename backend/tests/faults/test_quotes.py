"""What a quote says is what the ledger tells afterwards, whatever is asked for and whatever fails on the way."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RedisServer
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.openai_server import OpenAIServer
from tests.photos import twenty
from tests.stack import Stack, running

TOLERANCE = 0.05


def kinds(own: list[dict[str, str]], reference: str) -> dict[str, dict[str, Any]]:
    """Ten batches, none like another. `own`: items with a base image each."""
    return {
        "demo": {"provider": "demo", "items": own},
        "gemini by tokens": {"provider": "gemini", "model": "gemini-nano-banana-2.1", "items": own},
        "gemini at a larger size": {
            "provider": "gemini", "model": "gemini-nano-banana-2.1", "items": [{}] * 3, "options": {"size": "2K"},
        },
        "gemini by pictures, inputs extra": {
            "provider": "gemini", "model": "gemini-3-pro-image", "items": own, "references": [reference],
        },
        "gemini, variants": {
            "provider": "gemini", "model": "gemini-3.1-flash-lite-image", "items": own[:2], "variants": 3,
        },
        "doubao from text": {"provider": "doubao", "items": [{}] * 4},
        "doubao, inputs extra, variants": {"provider": "doubao", "items": own, "variants": 2},
        "doubao with references": {
            "provider": "doubao", "items": own, "references": [reference], "options": {"size": "2K"},
        },
        "openai from text": {"provider": "openai", "items": [{}] * 3},
        "openai by tokens, with references": {"provider": "openai", "items": own, "references": [reference]},
    }  # fmt: skip


@pytest.mark.timeout(300)
def test_ten_batches_of_all_kinds_cost_what_their_quotes_said(tmp_path: Path, own_redis: RedisServer):
    first = ["internal"]  # each provider's first call fails for nothing and is made again
    with (
        GeminiServer(keys=["g"], plan=first) as gemini,
        DoubaoServer(keys=["d"], plan=first) as doubao,
        OpenAIServer(keys=["o"], plan=first) as openai,
        running(
            tmp_path, own_redis.fresh(), GEMINI_API_KEY="g", GEMINI_BASE_URL=gemini.url, DOUBAO_API_KEY="d",
            DOUBAO_BASE_URL=doubao.base_url, OPENAI_API_KEY="o", OPENAI_BASE_URL=openai.base_url,
        ) as stack,
    ):  # fmt: skip
        own = [{"upload_id": stack.upload(p.name, p.data)["id"]} for p in (twenty()[n] for n in (0, 3, 6, 8))]
        found = {name: told(stack, body) for name, body in kinds(own[:3], own[3]["upload_id"]).items()}

        assert len(found) == 10
        for name, (low, high, paid) in found.items():
            assert low * (1 - TOLERANCE) <= paid <= high * (1 + TOLERANCE), (name, low, high, paid)
            assert high - low <= TOLERANCE * high, (name, "the quote itself is no wider")
        assert sum(paid for _, _, paid in found.values()) == stack.get("/api/money")["team"]["settled_micros"]
        assert stack.get("/api/ledger/check")["differences"] == []


def told(stack: Stack, body: dict[str, Any]) -> tuple[int, int, int]:
    """Quoted at least and at most, and what the ledger says of the batch."""
    asked = {"prompt": "on a white table"} | body
    answer = stack.http.post(f"{stack.url}/api/estimates", json=asked, timeout=60)
    assert answer.status_code == 200, answer.text
    quote = answer.json()
    batch = stack.post("/api/batches", asked)
    assert stack.until_done(batch["id"])["succeeded"] == quote["pictures"]
    entries, cursor = [], None
    while True:
        page = stack.get("/api/ledger", limit=200, **({"cursor": cursor} if cursor else {}))
        entries += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    paid = sum(e["amount_micros"] for e in entries if e["batch_id"] == batch["id"])
    return quote["cost_low_micros"], quote["cost_high_micros"], paid
