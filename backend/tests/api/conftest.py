from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from batchgen.bootstrap import core, make_web
from batchgen.settings import load
from batchgen.store.connection import Client
from tests.api.house import House, house_on
from tests.conftest import RedisServer
from tests.team import Team, team_of


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def client(redis: Client, redis_server: RedisServer, var: Path) -> Iterator[FlaskClient]:
    """The whole web app on a real Redis, real storage and real decoders; no worker, so nothing runs."""
    settings = load(
        {
            "REDIS_URL": redis_server.url,
            "VAR_DIR": str(var),
            "MAX_UPLOAD_MB": "1",
            "MAX_BATCH_ITEMS": "50",
            "GENERATE_WAIT_SECONDS": "1",
        }
    )
    parts = core(settings)
    app = make_web(parts)
    app.testing = False
    yield app.test_client()
    parts.close()


type Make = Callable[..., FlaskClient]


@pytest.fixture
def make(redis: Client, redis_server: RedisServer, var: Path) -> Iterator[Make]:
    """The same on settings of one's own: `make(RATE_BATCHES="3/hour")`."""
    made = []

    def one(**settings: object) -> FlaskClient:
        given = {"REDIS_URL": redis_server.url, "VAR_DIR": str(var)}
        parts = core(load(given | {name: str(value) for name, value in settings.items()}))
        made.append(parts)
        app = make_web(parts)
        app.testing = False
        return app.test_client()

    yield one
    for parts in made:
        parts.close()


@pytest.fixture
def house(redis_server: RedisServer, var: Path) -> Iterator[House]:
    with house_on(redis_server.url, var) as found:
        yield found


@pytest.fixture
def team(redis: Client, redis_server: RedisServer, var: Path) -> Iterator[Team]:
    with team_of(redis_server, var) as made:
        yield made
