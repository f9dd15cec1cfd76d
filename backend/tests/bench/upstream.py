"""A Doubao in a process of its own, so that its work is not ours."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conftest import BACKEND, PYTHON


@contextmanager
def upstream(**options: float) -> Iterator[str]:
    """Its address. `options`: those of the fake servers' command line."""
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = [PYTHON, "-m", "tests.fakes.doubao_server", "--port", "0", *flags]
    with subprocess.Popen(command, cwd=BACKEND, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()
