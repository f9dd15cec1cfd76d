"""What the tests of the economy lane share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.conftest import RedisServer
from tests.fakes.gemini_batch_server import GeminiBatchServer
from tests.stack import Stack, running

KEY = "AIza-key-of-the-team-0001"
FULL, HALF = 33_600, 16_800
PRICE_OF = {"economy": HALF, "normal": FULL}


def stack_of(folder: Path, redis: RedisServer, fake: GeminiBatchServer, workers: int = 2, **more: object) -> Any:
    settings: dict[str, Any] = {
        "GEMINI_API_KEY": KEY, "GEMINI_BASE_URL": fake.url, "GEMINI_CONCURRENCY": 32, "PROVIDER_TIMEOUT_SECONDS": 5,
        "ECONOMY_POLL_SECONDS": 0.3, "ECONOMY_CANCEL_SECONDS": 2, "ECONOMY_MARGIN_SECONDS": 1,
        "ECONOMY_SHORTEST_MINUTES": 0, "LEASE_SECONDS": 3,
    }  # fmt: skip
    return running(folder, redis.fresh(), workers, **(settings | more))


def submit(stack: Stack, count: int, needed_in_s: float = 3600, **more: object) -> str:
    needed_by = (datetime.now(UTC) + timedelta(seconds=needed_in_s)).isoformat()
    body: dict[str, object] = {"prompt": "p", "provider": "gemini", "lane": "economy", "needed_by": needed_by}
    items = [{"prompt": f"picture {n}"} for n in range(count)]
    return str(stack.post("/api/batches", body | {"items": items} | more)["id"])


def batch_of(stack: Stack, batch: str) -> Any:
    return stack.get(f"/api/batches/{batch}")


def job_states(stack: Stack, batch: str) -> list[str]:
    return [job["state"] for job in batch_of(stack, batch)["economy"]["jobs"]]


def costs(stack: Stack, batch: str) -> tuple[int, int, int]:
    """Settled, possibly paid, held; and the ledger tells the same."""
    assert stack.get("/api/ledger/check")["differences"] == []
    cost = batch_of(stack, batch)["cost"]
    return cost["settled_micros"], cost["possibly_paid_micros"], cost["held_micros"]


def of(fake: GeminiBatchServer, **more: Any) -> GeminiBatchServer:
    for name, value in more.items():
        setattr(fake, name, value)
    return fake
