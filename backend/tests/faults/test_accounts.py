"""Accounts behind the real gunicorn: streams that are cut off, hashes beside the event loop, no secret in the log."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.conftest import BACKEND, PYTHON, RedisServer
from tests.stack import Stack
from tests.team import ADMIN, ADMIN_PASSWORD, PASSWORD

NATIVE = """
from gevent import monkey
monkey.patch_all()
import gevent
from batchgen.services.accounts import hashing_pool

native = monkey.get_original("_thread", "allocate_lock")
held, ticks = native(), []
held.acquire()

def hash_for_long():  # as argon2 does: it blocks its thread, and no greenlet of that thread runs meanwhile
    held.acquire()
    return "hashed"

def others():
    for n in range(3):
        gevent.sleep(0.01)
        ticks.append(n)
    held.release()

gevent.spawn(others)
print(hashing_pool(2).submit(hash_for_long).result(), ticks)
"""


@pytest.fixture
def house(redis, redis_server: RedisServer, tmp_path: Path) -> Iterator[Stack]:
    settings = {"AUTH_MODE": "password", "ADMIN_USERNAME": ADMIN, "ADMIN_PASSWORD": ADMIN_PASSWORD}
    stack = Stack(tmp_path, redis_server, **settings)
    stack.start_web()
    try:
        yield stack
    finally:
        stack.stop()


def login(house: Stack, username: str, password: str) -> requests.Session:
    http = requests.Session()
    http.headers["Origin"] = house.url
    answer = http.post(f"{house.url}/api/auth/login", json={"username": username, "password": password}, timeout=60)
    assert answer.status_code == 200, answer.text
    return http


def add(house: Stack, admin: requests.Session, username: str) -> str:
    body = {"username": username, "name": username, "password": PASSWORD}
    answer = admin.post(f"{house.url}/api/users", json=body, timeout=60)
    assert answer.status_code == 201
    return str(answer.json()["id"])


def beats_until_the_end(answer: requests.Response) -> int:
    """Heartbeats, which come every 15 s, until the server closes the stream."""
    return sum(line == b": beat" for line in answer.iter_lines(chunk_size=1))


def test_an_open_stream_of_who_may_no_longer_see_it_is_cut_off_within_a_heartbeat(house: Stack):
    admin = login(house, ADMIN, ADMIN_PASSWORD)
    names = ("disabled", "deleted", "left", "signed-out", "changed", "token", "stays")
    ids = {name: add(house, admin, name) for name in names}
    people = {name: login(house, name, PASSWORD) for name in names}
    made = people["token"].post(f"{house.url}/api/tokens", json={"name": "t", "scopes": ["read"]}, timeout=60).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    streams = {
        name: requests.get(f"{house.url}/api/events", headers=bearer, stream=True, timeout=60)
        if name == "token"
        else people[name].get(f"{house.url}/api/events", stream=True, timeout=60)
        for name in names
    }
    assert {s.status_code for s in streams.values()} == {200}

    admin.patch(f"{house.url}/api/users/{ids['disabled']}", json={"disabled": True}, timeout=60).raise_for_status()
    admin.delete(f"{house.url}/api/users/{ids['deleted']}", timeout=60).raise_for_status()
    people["left"].post(f"{house.url}/api/auth/logout", timeout=60).raise_for_status()
    admin.post(f"{house.url}/api/users/{ids['signed-out']}/sign-out", timeout=60).raise_for_status()
    words = {"current_password": PASSWORD, "new_password": "another long one"}
    people["changed"].post(f"{house.url}/api/auth/password", json=words, timeout=60).raise_for_status()
    people["token"].delete(f"{house.url}/api/tokens/{made['id']}", timeout=60).raise_for_status()

    cut = [streams[name] for name in names if name != "stays"]
    with ThreadPoolExecutor(len(cut)) as readers:
        assert max(readers.map(beats_until_the_end, cut)) <= 1
    lines = streams["stays"].iter_lines(chunk_size=1)
    assert next(line for line in lines if line == b": beat")  # the others were not cut off with them
    streams["stays"].close()


def test_a_hash_runs_beside_the_event_loop_and_not_in_it():
    done = subprocess.run([PYTHON, "-c", NATIVE], cwd=BACKEND, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout.strip()) == (0, "hashed [0, 1, 2]"), done.stderr


def test_many_logins_at_once_are_all_answered_and_leave_no_secret_behind(house: Stack):
    admin = login(house, ADMIN, ADMIN_PASSWORD)
    add(house, admin, "ann")
    ann = login(house, "ann", PASSWORD)
    made = ann.post(f"{house.url}/api/tokens", json={"name": "t", "scopes": ["read"]}, timeout=60).json()["token"]
    invited = admin.post(f"{house.url}/api/invitations", json={}, timeout=60).json()["link"].partition("#")[2]

    def guess(n: int) -> int:
        body = {"username": f"name{n}", "password": f"guessed-word-{n}"}
        return requests.post(f"{house.url}/api/auth/login", json=body, timeout=60).status_code

    with ThreadPoolExecutor(24) as many:
        statuses = list(many.map(guess, range(24)))
    bearer = {"Authorization": f"Bearer {made}"}
    assert requests.get(f"{house.url}/api/auth/me", headers=bearer, timeout=60).status_code == 200
    look = requests.post(f"{house.url}/api/auth/invitations/look", json={"token": invited}, timeout=60)
    assert look.status_code == 200

    assert set(statuses) <= {401, 429}
    assert statuses.count(401) >= 2
    log = house.logs()
    assert "/api/auth/login" in log
    cookies = [c.value or "" for c in [*ann.cookies, *admin.cookies]]
    for secret in (PASSWORD, ADMIN_PASSWORD, "guessed-word", made, invited, *cookies):
        assert secret
        assert secret not in log
