"""Messages that nobody of ours sent, put into the queue of a real worker: they do nothing and harm nobody."""

import base64
import json
import pickle
import uuid
from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection

from batchgen.engine.names import QUEUE, RUN_ITEM
from tests.conftest import RedisServer
from tests.stack import Stack

TOKEN = "forged-token"


def send(server: RedisServer, args: list[Any], *, task: str = RUN_ITEM, kind: str = "application/json",
         body: bytes | None = None) -> None:  # fmt: skip
    """A message as Celery's own clients write it."""
    headers = {"lang": "py", "task": task, "id": str(uuid.uuid4()), "root_id": None, "parent_id": None, "group": None}
    data = body if body is not None else json.dumps([args, {}, {}]).encode()
    with Connection(server.url) as connection:
        connection.SimpleQueue(QUEUE).put(  # the wire's own form, whatever its type says
            data,
            headers=headers,
            content_type=kind,
            content_encoding="utf-8" if kind.endswith("json") else "binary",
            serializer=None,
        )


class Bomb:
    """Pickled, it writes a file where it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


FORGED: list[list[Any]] = [
    [], ["x"], ["../../etc", TOKEN, "demo/demo-paint"], [None, None, None], [{"a": 1}, TOKEN, []],
    ["b" + "0" * 20 + "-0", TOKEN, "demo/demo-paint"], ["b" + "0" * 20 + "-999999999999", TOKEN, "x"],
]  # fmt: skip


@pytest.mark.parametrize("args", FORGED, ids=str)
def test_a_forged_message_does_nothing(stack: Stack, own_redis: RedisServer, args: list[Any]):
    send(own_redis, args)

    assert stack.until_done(stack.submit(2)["id"])["succeeded"] == 2


def test_a_forged_token_of_a_finished_and_of_a_waiting_item_changes_neither(stack: Stack, own_redis: RedisServer):
    done = stack.submit(1)["id"]
    stack.until_done(done)
    before = stack.get(f"/api/items/{done}-0")

    send(own_redis, [f"{done}-0", TOKEN, "demo/demo-paint", "none"])
    stack.until_done(stack.submit(1)["id"])

    assert stack.get(f"/api/items/{done}-0") == before


def test_a_pickle_is_not_opened(stack: Stack, own_redis: RedisServer, tmp_path: Path):
    bait = tmp_path / "opened"
    data = pickle.dumps(([Bomb(bait)], {}, {}))
    assert pickle.loads(data) is not None
    assert bait.exists()
    bait.unlink()

    for kind, body in (("application/x-python-serialize", data), ("application/json", base64.b64encode(data))):
        send(own_redis, [], kind=kind, body=body)
    send(own_redis, [], task="batchgen.nothing")
    assert stack.until_done(stack.submit(2)["id"])["succeeded"] == 2

    assert not bait.exists()
    assert "batchgen.nothing" in stack.logs()  # they were read, and thrown away
