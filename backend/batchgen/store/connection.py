"""The connection to Redis, with its troubles told as our one error type."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as Late
from redis.retry import Retry

from batchgen.errors import AppError


@contextmanager
def told() -> Iterator[None]:
    """Troubles of Redis inside as AppError("state_unavailable")."""
    try:
        yield
    except (Lost, Late, OutOfMemoryError, ReadOnlyError):
        raise AppError("state_unavailable") from None  # the address may hold a password


# redis-py's own types mix bytes and awaitables in; with decoded responses only str comes, so the stores type their
# results themselves.
type Client = Any


class _Pipeline(Pipeline):
    def execute(self, raise_on_error: bool = True) -> list[Any]:
        with told():
            return super().execute(raise_on_error)


class _Client(redis.Redis):
    """redis-py, raising AppError("state_unavailable") where Redis is away, full or read-only."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with told():
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = False, shard_hint: str | None = None) -> Pipeline:
        return _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


def connect(url: str, *, timeout_s: float = 5.0, blocking_s: float = 0.0) -> Client:
    """A client for `url`; a call fails after `timeout_s` (blocking reads after `blocking_s` more).

    Nothing is resent by the client itself: scripts are not all safe to run twice.
    """
    return _Client.from_url(
        url,
        decode_responses=True,
        socket_timeout=timeout_s + blocking_s,
        socket_connect_timeout=timeout_s,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 1, supported_errors=()),
    )


def is_up(client: Client) -> bool:
    """Whether Redis answers and takes writes."""
    try:
        return bool(client.ping())
    except (AppError, RedisError):
        return False


def now_ms(client: Client) -> int:
    """Redis's clock, by which everything of ours ends."""
    seconds, micros = client.time()
    return int(seconds) * 1000 + int(micros) // 1000
