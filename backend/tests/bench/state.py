"""What the state in Redis costs: bytes, submits, far pages, the choice of the next item among many."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from batchgen.store.connection import connect
from tests.bench.engine import run_batch, settings
from tests.bench.table import Found
from tests.bench.upstream import upstream
from tests.conftest import UNHURRIED, RedisServer
from tests.stack import Stack, running
from tests.store.steps import World

_HISTORY, _PAGE = 100_000, 100


def used_bytes(redis: RedisServer) -> int:
    client = connect(redis.url)
    try:
        return int(client.info("memory")["used_memory"])
    finally:
        client.close()


def memory(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    items, found = 400, []
    with upstream(latency=0.05) as url, running(folder, redis.fresh(), **settings(url, 32)) as stack:
        run_batch(stack, 32)
        for _ in range(runs):
            before = used_bytes(redis)
            run_batch(stack, items)
            time.sleep(1)  # buffers of connections that are closing are not the items'
            found.append((used_bytes(redis) - before) / items)
    yield Found("Redis bytes per finished item", "<= 1500", found)


def submits(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """Without a worker: what a submit costs, and not what happens then."""
    with running(folder, redis.fresh(), 0, MAX_QUEUED_PER_USER=0, **UNHURRIED) as stack:
        small = [_submit(stack, 1_000) for _ in range(runs)]
        large = [_submit(stack, 10_000) for _ in range(runs)]
    yield Found("submit of a 1,000-item batch, s", "<= 1", small)
    yield Found(
        "per item of 10,000 / per item of 1,000", "<= 1.2", [b / 10 / a for a, b in zip(small, large, strict=True)]
    )


def _submit(stack: Stack, count: int) -> float:
    began = time.monotonic()
    batch = stack.submit(count, provider="demo")["id"]
    took = time.monotonic() - began
    stack.post(f"/api/batches/{batch}/cancel")
    return took


def pages(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    with running(folder, redis.fresh(), 0, MAX_BATCH_ITEMS=_HISTORY, MAX_QUEUED_PER_USER=0, **UNHURRIED) as stack:
        batch = stack.submit(_HISTORY, provider="demo")["id"]
        path, cursor = f"/api/batches/{batch}/items", None
        for _ in range(_HISTORY // _PAGE - 1):
            cursor = _page(stack, path, cursor)["next_cursor"]
        ratios = []
        for _ in range(runs):
            first, last = (min(_timed(stack, path, at) for _ in range(20)) for at in (None, cursor))
            ratios.append(last / first)
    yield Found("page 1,000 of 100,000 items / page 1", "<= 1.2", ratios, "best of 20 each run")


def _page(stack: Stack, path: str, cursor: str | None) -> Any:
    return stack.get(path, limit=_PAGE, **({"cursor": cursor} if cursor else {}))


def _timed(stack: Stack, path: str, cursor: str | None) -> float:
    began = time.monotonic()
    _page(stack, path, cursor)
    return time.monotonic() - began


def dispatch(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """Time to lease an item out of 100,000 of 200 users, over that out of 100 of as many."""
    ratios = []
    for _ in range(runs):
        few, many = _lease_s(redis, 100, 1), _lease_s(redis, 200, 500)
        ratios.append(many / few)
    yield Found("dispatch per item: 100,000 items of 200 users / 100 items", "<= 1.5", ratios)


def _lease_s(redis: RedisServer, users: int, each: int) -> float:
    client = connect(redis.fresh().url)
    place = World(client, slots=10**6)
    for user in range(users):
        place.submit(each, f"user{user}")
    place.lease(10)  # warm: the script is loaded
    found = []
    for _ in range(9):  # of which the middle one: what else the machine does meets single ones
        began = time.monotonic()
        count = len(place.lease(10))
        found.append((time.monotonic() - began) / count)
    client.close()
    return statistics.median(found)
