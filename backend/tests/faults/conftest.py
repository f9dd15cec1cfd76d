from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RedisServer
from tests.fakes.gemini_batch_server import GeminiBatchServer
from tests.faults.economy import KEY
from tests.stack import Stack, running


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that a test may kill without disturbing others."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer) -> Iterator[Stack]:
    """One web process and one worker with 8 slots, the demo provider at 0.2 s a picture."""
    folder: Path = tmp_path_factory.mktemp("stack")
    with running(folder, own_redis, DEMO_LATENCY_SECONDS=0.2, WORKER_CONCURRENCY=8) as found:
        yield found


@pytest.fixture
def batch_api() -> Iterator[GeminiBatchServer]:
    """The Gemini API with its batches, half a second a job."""
    with GeminiBatchServer(keys=[KEY], job_latency_s=0.5) as server:
        yield server
