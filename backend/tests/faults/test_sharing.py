"""Sharing on the real stack: a worker makes the pictures, a stranger gets them by a link, and a follower is cut off."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.conftest import RedisServer
from tests.stack import Stack

PASSWORD = "correct horse battery"


@pytest.fixture
def stack(redis, redis_server: RedisServer, tmp_path: Path) -> Iterator[Stack]:
    settings = {"AUTH_MODE": "password", "ADMIN_USERNAME": "ann", "ADMIN_PASSWORD": PASSWORD}
    made = Stack(tmp_path, redis_server, **settings)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def login(stack: Stack, username: str) -> requests.Session:
    http = requests.Session()
    http.headers["Origin"] = stack.url
    answer = http.post(f"{stack.url}/api/auth/login", json={"username": username, "password": PASSWORD}, timeout=60)
    assert answer.status_code == 200, answer.text
    return http


def events(answer: requests.Response) -> Iterator[str]:
    """The names of a stream's events until it ends."""
    for line in answer.iter_lines(chunk_size=1):
        if line.startswith(b"event: "):
            yield line[7:].decode()


def test_a_shared_batch_is_followed_handed_out_by_link_and_taken_back(stack: Stack):
    stack.http = ann = login(stack, "ann")
    ann.post(f"{stack.url}/api/users", json={"username": "bob", "name": "Bob", "password": PASSWORD}, timeout=60)
    bob, stranger = login(stack, "bob"), requests.Session()
    batch = stack.submit(3, provider="demo")["id"]
    path = f"{stack.url}/api/batches/{batch}"
    stack.until_done(batch)

    ann.put(f"{path}/sharing", json={"team": True}, timeout=60).raise_for_status()
    stream = bob.get(f"{path}/events?after=0-0", stream=True, timeout=60)
    seen = events(stream)
    assert "item" in (next(seen), next(seen), next(seen))
    url = ann.post(f"{path}/links", json={"expires_in_days": 1}, timeout=60).json()["url"]
    stranger.post(f"{stack.url}/api/shared/open", json={"token": url.partition("#")[2]}, timeout=60).raise_for_status()
    shared = f"{stack.url}/api/shared/batches/{batch}"
    items = stranger.get(f"{shared}/items", timeout=60).json()["items"]
    pictures = [stranger.get(stack.url + one["result"]["url"], timeout=60) for one in items]
    archive = stranger.get(f"{shared}/archive", timeout=60)
    ann.put(f"{path}/sharing", json={"team": False}, timeout=60).raise_for_status()
    rest = list(seen)  # the server ends it

    assert [one.status_code for one in pictures] == [200] * 3
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        assert len(opened.namelist()) == 3
        assert opened.testzip() is None
    assert rest[-1] == "gone"
    assert bob.get(path, timeout=60).status_code == 404
    acts = ann.get(f"{stack.url}/api/audit", timeout=60).json()["items"]
    [opening] = [act for act in acts if act["action"] == "link.open"]
    assert (opening["address"], opening["via"]) == ("127.0.0.1", "link")
    assert url.partition("#")[2] not in stack.logs()
