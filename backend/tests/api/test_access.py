"""Who may do what: every endpoint, asked by everybody. Complete by construction: an endpoint without a row fails."""

import secrets
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from batchgen.domain.accounts import AccountDraft, Scope
from batchgen.store.keys import key
from batchgen.store.sessions import sha256
from tests.api.access_table import COLUMNS, TABLE, Row
from tests.api.house import ANN, BOB, DORA, ROOT, House, house_on
from tests.api.test_bad_input import png
from tests.conftest import RedisServer

_PLACES = {
    "{link}": "<link_id>", "{batch}": "<batch_id>", "{queued}": "<batch_id>", "{hidden}": "<batch_id>",
    "{person}": "<user_id>", "{invitation}": "<invitation_id>", "{duel}": "<duel_id>",
    "{template}": "<template_id>",
}  # fmt: skip
_PEOPLE = {"owner": ANN, "member": BOB, "teammate": BOB, "admin": ROOT, "disabled": DORA}
_SCOPES = {"read": Scope.READ, "submit": Scope.SUBMIT}


@pytest.fixture(scope="module")
def house(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all rows: each cell asks for things of its own."""
    with house_on(redis_server.url, tmp_path_factory.mktemp("house")) as found:
        yield found


class Things:
    """What there is to ask for, by its place in the table; made when it is first asked for."""

    def __init__(self, house: House, *, shared: bool = False, expired: bool = False) -> None:
        self._house, self._shared, self._age = house, shared, 2 if expired else 0

    def __getitem__(self, place: str) -> str:
        return str(getattr(self, place))

    @cached_property
    def upload(self) -> str:
        return str(self._house.upload(ANN)["id"])

    @cached_property
    def free(self) -> str:
        return str(self._house.upload(ANN)["id"])

    @cached_property
    def batch(self) -> str:
        return self._kept(self._house.done(ANN, items=[{"upload_id": self.upload}, {}]))

    @cached_property
    def queued(self) -> str:
        return self._kept(self._house.submit(ANN))

    @cached_property
    def template(self) -> str:
        body = {"name": "Shoes", "prompt": "p", "shared": self._shared}
        return str(self._house.as_(ANN).post("/api/templates", json=body).get_json()["id"])

    @cached_property
    def _duel(self) -> dict[str, str]:
        body = {"prompt": "p", "items": [{}, {}], "pilot": {"size": 1}, "contestants": [{}, {"prompt": "q"}]}
        made = self._house.as_(ANN).post("/api/duels", json=body).get_json()
        return {"duel": made["id"], "contestant": self._kept(made["contestants"][0]["batch"]["id"])}

    @property
    def duel(self) -> str:
        return self._duel["duel"]

    @cached_property
    def hidden(self) -> str:
        found = self._kept(self._house.done(ANN))
        assert self._house.as_(ANN).delete(f"/api/batches/{found}?undo=true").status_code == 204
        return found

    @property
    def contestant(self) -> str:
        return self._duel["contestant"]

    @cached_property
    def _made(self) -> tuple[str, str]:
        return self._house.link(self.batch, made_ago_days=self._age)

    @property
    def link(self) -> str:
        return self._made[0]

    @property
    def token(self) -> str:
        return self._made[1]

    @cached_property
    def new(self) -> str:
        return "n" + secrets.token_hex(10)

    @cached_property
    def person(self) -> str:
        self._house.accounts.add(self.new, AccountDraft(self.new, "Somebody"))
        return self.new

    @cached_property
    def script(self) -> str:
        assert self._house.tokens.add(sha256(self.new), ANN.id, self.new, "script", [Scope.READ], None)
        return self.new

    @cached_property
    def invitation(self) -> str:
        made = self._house.as_(ROOT).post("/api/invitations", json={"role": "member"})
        return str(made.get_json()["id"])

    def _kept(self, batch: str) -> str:
        if self._shared:
            self._house.share(batch)
        return batch


class Nothing:
    """Places where nothing is; what stands there looks like what could."""

    def __init__(self, like: Things) -> None:
        self._like = like

    def __getitem__(self, place: str) -> str:
        return self._like[place][0] + secrets.token_hex(10)


def client_of(house: House, column: str, things: Things) -> FlaskClient:
    if column in _SCOPES:
        return house.script(ANN, _SCOPES[column])
    return house.stranger(things.token) if column in ("link", "expired") else house.as_(_PEOPLE.get(column))


def rule_of(row: Row) -> str:
    rule = row.rule or row.path.partition("?")[0]
    for place, name in _PLACES.items():
        rule = rule.replace(place, name)
    return rule


def test_every_endpoint_has_its_row(house: House):
    rules = house.app.url_map.iter_rules()
    there = {(method, r.rule) for r in rules for method in (r.methods or set()) - {"HEAD", "OPTIONS"}}

    assert {(row.method, rule_of(row)) for row in TABLE} == there


CELLS = [(row, column) for row in TABLE for column in COLUMNS]


@pytest.mark.parametrize(("row", "column"), CELLS, ids=[f"{row.asked} by {column}" for row, column in CELLS])
def test_who_may_do_what(house: House, row: Row, column: str):
    things = Things(house, shared=column == "teammate", expired=column == "expired")
    things.upload, things.batch  # noqa: B018 - an image is seen by the batch that it is in

    answer = ask(client_of(house, column, things), row, things)

    assert answer.status_code == row.says[COLUMNS.index(column)], answer.get_json()


HIDDEN = [row for row in TABLE if row.says[COLUMNS.index("member")] == 404 and "{" in row.path]


@pytest.mark.parametrize("row", HIDDEN, ids=[row.asked for row in HIDDEN])
def test_what_is_another_s_is_told_from_what_is_not_there_by_nothing(house: House, row: Row):
    things, bob = Things(house), house.as_(BOB)

    theirs, absent = ask(bob, row, things), ask(bob, row, Nothing(things))

    assert theirs.status_code == absent.status_code == 404
    assert blind(theirs) == blind(absent)


UNSAFE = [row for row in TABLE if row.method != "GET"]
FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {},
]  # fmt: skip


@pytest.mark.parametrize("row", UNSAFE, ids=[row.asked for row in UNSAFE])
def test_csrf_a_foreign_page_changes_nothing(house: House, row: Row):
    things, ann = Things(house), house.as_(ANN, page=False)
    row.path.format_map(things), things.token
    before = kept(house), house.redis.xlen(key("audit"))

    for headers in FOREIGN:
        answer = ask(ann, row, things, headers)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "csrf_failed"), headers

    assert (kept(house), house.redis.xlen(key("audit"))) == before


def kept(house: House) -> int:
    """How many keys Redis holds; those of the rates come and go by themselves."""
    return sum(not name.startswith("LIMITS") for name in house.redis.scan_iter(count=5000))


def ask(client: FlaskClient, row: Row, things: Things | Nothing, headers: dict[str, str] | None = None) -> TestResponse:
    """The row's request about `things`; of a stream only the head is read."""
    body: dict[str, Any] = {}
    if row.form:
        picture = png("#" + secrets.token_hex(3))
        body = {"data": row.form.replace(b"{png}", picture), "content_type": "multipart/form-data; boundary=x"}
    elif row.body is not None:
        filled = {n: v.format_map(things) if isinstance(v, str) else v for n, v in row.body.items()}
        body = {"json": filled}
    answer = client.open(row.path.format_map(things), method=row.method, headers=headers, **body)
    answer.close()
    return answer


def blind(answer: TestResponse) -> object:
    """All that tells one answer from another, its request's id apart."""
    told = answer.get_json()
    del told["error"]["request_id"]
    return told, sorted(name for name, _ in answer.headers)
