"""Who may do what: every endpoint, asked by everybody. Complete by construction: an endpoint without a row fails."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.access_table import COLUMNS, TABLE, Row
from tests.api.team import ANN, BOB, ROOT, Team, team_on
from tests.api.test_bad_input import png
from tests.conftest import RedisServer

_PLACES = {"{link}": "<link_id>", "{batch}": "<batch_id>", "{queued}": "<batch_id>"}


@pytest.fixture(scope="module")
def house(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """One for all rows: each cell asks for things of its own."""
    with team_on(redis_server.url, tmp_path_factory.mktemp("house")) as team:
        yield team


@dataclass(frozen=True)
class Things:
    """What Ann has."""

    batch: str
    queued: str
    link: str
    token: str
    upload: str
    free: str

    @classmethod
    def of(cls, team: Team, *, shared: bool, expired: bool) -> "Things":
        upload, free = (str(team.upload(ANN)["id"]) for _ in range(2))
        batch = team.done(ANN, items=[{"upload_id": upload}, {}])
        queued = team.submit(ANN)
        for one in (batch, queued) if shared else ():
            team.share(one)
        link, token = team.link(batch, made_ago_days=2 if expired else 0)
        return cls(batch, queued, link, token, upload, free)


def client_of(team: Team, column: str, things: Things) -> FlaskClient:
    if column in ("link", "expired"):
        return team.stranger(things.token)
    return team.as_({"owner": ANN, "member": BOB, "teammate": BOB, "admin": ROOT}.get(column))


def rule_of(row: Row) -> str:
    rule = row.rule or row.path.partition("?")[0]
    for place, name in _PLACES.items():
        rule = rule.replace(place, name)
    return rule


def test_every_endpoint_has_its_row(house: Team):
    rules = house.app.url_map.iter_rules()
    there = {(method, r.rule) for r in rules for method in (r.methods or set()) - {"HEAD", "OPTIONS"}}

    assert {(row.method, rule_of(row)) for row in TABLE} == there


CELLS = [(row, column) for row in TABLE for column in COLUMNS if column in ("owner", "member", "teammate", "admin")]


@pytest.mark.parametrize(("row", "column"), CELLS, ids=[f"{row.asked} by {column}" for row, column in CELLS])
def test_who_may_do_what(house: Team, row: Row, column: str):
    things = Things.of(house, shared=column == "teammate", expired=column == "expired")

    answer = ask(client_of(house, column, things), row, things)

    assert answer.status_code == row.says[COLUMNS.index(column)], answer.get_json()


HIDDEN = [row for row in TABLE if row.says[COLUMNS.index("member")] == 404 and "{" in row.path]


@pytest.mark.parametrize("row", HIDDEN, ids=[row.asked for row in HIDDEN])
def test_what_is_another_s_is_told_from_what_is_not_there_by_nothing(house: Team, row: Row):
    things, bob = Things.of(house, shared=False, expired=False), house.as_(BOB)
    nothing = Things(*(one[0] + secrets.token_hex(10) for one in astuple(things)))

    theirs, absent = (ask(bob, row, one) for one in (things, nothing))

    assert theirs.status_code == absent.status_code == 404
    assert blind(theirs) == blind(absent)


UNSAFE = [row for row in TABLE if row.method != "GET"]


@pytest.mark.parametrize("row", UNSAFE, ids=[row.asked for row in UNSAFE])
def test_csrf_a_foreign_page_changes_nothing(house: Team, row: Row):
    things = Things.of(house, shared=False, expired=False)
    before = house.redis.dbsize(), len(house.audit())

    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = ask(house.as_(ANN), row, things, headers)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "csrf_failed")

    assert (house.redis.dbsize(), len(house.audit())) == before


def ask(client: FlaskClient, row: Row, things: Things, headers: dict[str, str] | None = None) -> TestResponse:
    """The row's request about `things`; of a stream only the head is read."""
    body: dict[str, Any] = {}
    if row.form:
        picture = png("#" + secrets.token_hex(3))
        body = {"data": row.form.replace(b"{png}", picture), "content_type": "multipart/form-data; boundary=x"}
    elif row.body is not None:
        words = {"{token}": things.token}
        body = {"json": {name: words.get(str(value), value) for name, value in row.body.items()}}
    answer = client.open(row.path.format(**asdict(things)), method=row.method, headers=headers, **body)
    answer.close()
    return answer


def blind(answer: TestResponse) -> object:
    """All that tells one answer from another, its request's id apart."""
    told = answer.get_json()
    del told["error"]["request_id"]
    return told, sorted(name for name, _ in answer.headers)
