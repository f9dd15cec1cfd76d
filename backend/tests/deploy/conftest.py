"""One deployment for all tests: building it is what takes the time. They run in the order of the files."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import need
from tests.deploy.host import Host


def engine() -> bool:
    return bool(shutil.which("docker")) and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    need("a Docker engine", engine())
    made = Host(tmp_path_factory.mktemp("host"))
    try:
        made.said = made.deploy("deploy", "prod")
        made.start_fake(0.3)
        made.sign_in()
        yield made
    finally:
        made.remove()
