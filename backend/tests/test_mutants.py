"""Three mistakes of the kind that loses pictures or money, each made in a copy of the code: the tests of the store must
notice them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import BACKEND, PYTHON

SETTLE, ITEMS = "batchgen/store/lua/settle_item.lua", "batchgen/store/items.py"
SUITE = [f"tests/store/test_{of}.py" for of in ("items", "money", "queue", "races")]
_MOVED = "move(owner, batch, n, held[2], to, now)\n"
_UNCOUNTED = "if to == 'succeeded' then redis.call('HINCRBY', K.batch(batch), 'succeeded', -1) end\n"
_SETTLED = "        if str(done) == OVER:\n            raise NoBudgetLeftError(item_id)\n"
_COUNT_LATER = """        if str(done) == "succeeded":
            self._redis.hincrby(key("batch", batch), "succeeded", 1)
"""
MUTANTS = {
    "a lost lease is not noticed": [(SETTLE, "if held[1] ~= ARGV[3] or (", "if (")],
    "a counter is updated outside the script": [
        (SETTLE, _MOVED, _MOVED + _UNCOUNTED),
        (ITEMS, _SETTLED, _COUNT_LATER + _SETTLED),
    ],
    "a hold is never released": [(SETTLE, "  count(owner, batch, month, 'held', 0 - price)\n", "")],
}


def copy_of_the_code(folder: Path) -> Path:
    """What the tests of the store need, and nothing else."""
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache", "var")
    for name in ("batchgen", "tests", "pyproject.toml", "app.py", "worker.py"):
        source, target = BACKEND / name, folder / "backend" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target, ignore=ignore) if source.is_dir() else shutil.copy(source, target)
    shutil.copytree(BACKEND.parent / "config", folder / "config", ignore=ignore)
    return folder / "backend"


def run(backend: Path) -> subprocess.CompletedProcess[str]:
    command = [PYTHON, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *SUITE]
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=backend, env=env, capture_output=True, text=True, timeout=280, check=False)


def test_the_copy_is_sound(tmp_path: Path):
    done = run(copy_of_the_code(tmp_path))

    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", MUTANTS)
def test_the_suite_notices(name: str, tmp_path: Path):
    backend = copy_of_the_code(tmp_path)
    for file, old, new in MUTANTS[name]:
        text = (backend / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has changed: this mutant must be made anew"
        (backend / file).write_text(text.replace(old, new), encoding="utf-8")

    done = run(backend)

    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout[-3000:]
    assert " failed" in done.stdout
