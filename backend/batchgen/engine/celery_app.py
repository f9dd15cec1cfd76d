"""Celery as transport: it carries `(item_id, token, lane, key id)` to a worker and nothing else.

Messages are acknowledged when a task starts: the lease, not the message, brings work back, so a redelivery could
only do harm.
"""

from typing import Any

from celery import Celery, signals

from batchgen.engine.names import QUEUE

TICK_S = 0.02


def make_celery(redis_url: str) -> Celery:
    """The app for senders and workers. `redis_url`: redis://, rediss:// or unix://."""
    app = Celery("batchgen", broker=broker_url(redis_url))
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_default_queue=QUEUE,
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,  # a full worker must not sit on messages that another has slots for
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 24 * 3600,
            "socket_timeout": 10,
            "socket_keepalive": True,
        },
        task_publish_retry=False,
        enable_utc=True,
    )
    return app


def look_often() -> None:
    """A full worker reads no messages, and its loop would find out only at its next tick, up to a second later, that
    a slot is free again; its slots would stand empty for that long. To be called in a worker, before it starts."""
    ticking: list[Any] = []

    def start(sender: Any, **_: object) -> None:  # again after each new connection to Redis
        while ticking:
            ticking.pop().cancel()
        ticking.append(sender.hub.call_repeatedly(TICK_S, int))

    signals.worker_ready.connect(start, weak=False)


def broker_url(redis_url: str) -> str:
    """kombu writes a unix socket in its own way: `redis+socket:///path?virtual_host=0`."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    database = dict(part.partition("=")[::2] for part in query.split("&")).get("db", "0")
    return f"redis+socket://{path}?virtual_host={database}"
