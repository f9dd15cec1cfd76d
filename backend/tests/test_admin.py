"""The command for who has a shell: an admin without a web page, the password never an argument."""

import subprocess
from pathlib import Path

import pytest

from batchgen.store.connection import Client
from tests.conftest import BACKEND, PYTHON, RedisServer
from tests.team import PASSWORD, Team, sign_in, team_of

BARE = {"ADMIN_USERNAME": "", "ADMIN_PASSWORD": ""}


def run(redis: RedisServer, var: Path, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    env = {"REDIS_URL": redis.url, "VAR_DIR": str(var), "AUTH_MODE": "password", "PATH": "/usr/bin:/bin"}
    command = [PYTHON, "-m", "batchgen.admin", *arguments]
    return subprocess.run(
        command, cwd=BACKEND, env=env, input=f"{password}\n", capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def house(redis: Client, redis_server: RedisServer, tmp_path: Path):
    with team_of(redis_server, tmp_path, **BARE) as team:
        yield team


def test_the_first_admin_is_made_from_the_shell(house: Team, redis_server: RedisServer, tmp_path: Path):
    done = run(redis_server, tmp_path, "create-admin", "ann", password=PASSWORD)

    assert (done.returncode, done.stdout) == (0, "ann is an admin.\n")
    assert PASSWORD not in done.stdout + done.stderr
    assert sign_in(house.browser(), "ann", PASSWORD).get_json()["role"] == "admin"


def test_who_is_there_already_becomes_an_admin_again_with_a_new_password(
    house: Team, redis_server: RedisServer, tmp_path: Path
):
    for name in ("ann", "bob"):
        run(redis_server, tmp_path, "create-admin", name, password=PASSWORD)
    ann = house.login("ann")
    bob = house.login("bob").get("/api/auth/me").get_json()
    ann.patch(f"/api/users/{bob['id']}", json={"role": "member", "disabled": True})

    assert run(redis_server, tmp_path, "create-admin", "bob", password="a new one for bob").returncode == 0

    again = sign_in(house.browser(), "bob", "a new one for bob").get_json()
    assert (again["id"], again["role"]) == (bob["id"], "admin")
    ann.patch(f"/api/users/{bob['id']}", json={"role": "member"})
    assert run(redis_server, tmp_path, "promote", "bob").returncode == 0
    assert sign_in(house.browser(), "bob", "a new one for bob").get_json()["role"] == "admin"


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (["create-admin", "ann"], "short", "common password"),
        (["create-admin", "../ann"], PASSWORD, "starts with a letter"),
        (["promote", "nobody"], "", "Not found"),
    ],
    ids=["common", "name", "nobody"],  # the password is no part of them: what a run prints is searched for it
)
def test_what_is_wrong_is_said_in_both_languages(
    house: Team, redis_server: RedisServer, tmp_path: Path, arguments: list[str], password: str, told: str
):
    done = run(redis_server, tmp_path, *arguments, password=password)

    assert done.returncode == 1
    assert told in done.stderr
    assert any("一" <= c <= "鿿" for c in done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("name", "value"), [("ADMIN_PASSWORD", "password1"), ("ADMIN_USERNAME", "a b")])
def test_a_first_admin_that_cannot_be_stops_the_start_in_one_sentence(tmp_path: Path, name: str, value: str):
    env = {"VAR_DIR": str(tmp_path), "AUTH_MODE": "password", "ADMIN_USERNAME": "ann", "ADMIN_PASSWORD": PASSWORD}
    ended = subprocess.run(
        [PYTHON, "-c", "import app"], cwd=BACKEND, env=env | {name: value}, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{name} is wrong: ")
    assert len(ended.stderr.strip().splitlines()) == 1
    assert value not in ended.stderr.replace("common password", "")
