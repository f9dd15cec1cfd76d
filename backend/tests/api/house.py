"""A house full of people for the tests of who sees what: Ann and Bob are members, Root and Dora admins, but Dora is
disabled. Each has a session of their own; pictures are made without a worker."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from batchgen.bootstrap import Core, core, make_web
from batchgen.domain.accounts import AccountChange, AccountDraft, Role, Scope
from batchgen.domain.failures import Charged
from batchgen.domain.models import Batch, User
from batchgen.domain.states import ItemState
from batchgen.settings import load
from batchgen.store.accounts import Accounts
from batchgen.store.connection import Client, connect
from batchgen.store.items import Place, place_of
from batchgen.store.keys import key
from batchgen.store.queue import Lease
from batchgen.store.sessions import Sessions, Tokens, sha256
from batchgen.store.sharing import Shares
from tests.api.test_bad_input import EN, png
from tests.conftest import UNHURRIED

ANN, BOB, ROOT = User("ann", "Ann"), User("bob", "Bob"), User("root", "Root", "admin")
DORA = User("dora", "Dora", "admin")
SESSION, LINKS = "batchgen_session_5001", "batchgen_links_5001"
_HOUR_MS = 3_600_000


class House:
    """The whole web app on a real Redis; `as_` speaks to it as one of those who live there."""

    def __init__(self, parts: Core, redis: Client) -> None:
        self.parts, self.redis = parts, redis
        self.app = make_web(parts)
        self.app.testing = False
        self.shares = Shares(redis, parts.batches, parts.items)
        self.accounts, self.tokens = Accounts(redis), Tokens(redis)
        self._sessions = Sessions(redis, idle_ms=_HOUR_MS, life_ms=_HOUR_MS)
        for user in (ANN, BOB, ROOT, DORA):
            self.accounts.add(user.id, AccountDraft(user.name.lower(), user.name, Role(user.role)))

    def as_(self, user: User | None, *, page: bool = True) -> FlaskClient:
        """`page`: it is our own page that asks, as browsers say of unsafe requests."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = EN["Accept-Language"]
        if page:
            client.environ_base["HTTP_ORIGIN"] = "http://localhost"
        if user:
            client.set_cookie(SESSION, self._session(user), domain="localhost")
        return client

    def _session(self, user: User) -> str:
        """As a login gives one. Dora got hers before she was disabled."""
        session = secrets.token_urlsafe(32)
        if user is DORA:
            self.accounts.change(user.id, AccountChange(disabled=False))
        account = self.accounts.get(user.id)
        assert account is not None
        self._sessions.start(sha256(session), user.id, account.epoch)
        if user is DORA:
            self.accounts.change(user.id, AccountChange(disabled=True))
        return session

    def script(self, user: User, scope: Scope) -> FlaskClient:
        """A program with a personal token."""
        token = f"bgp_{secrets.token_urlsafe(32)}"
        assert self.tokens.add(sha256(token), user.id, "t" + secrets.token_hex(10), "script", [scope], None)
        client = self.as_(None, page=False)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    # what people have

    def upload(self, user: User, colour: str | None = None) -> dict[str, Any]:
        """A picture that nobody has: its colour is drawn by lot."""
        data = png(colour or "#" + secrets.token_hex(3))
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="secret-source.png"\r\n\r\n' + data
        sent = self.as_(user).post(
            "/api/uploads", data=body + b"\r\n--x--\r\n", content_type="multipart/form-data; boundary=x"
        )
        assert sent.status_code in (200, 201), sent.text
        return dict(sent.get_json())

    def submit(self, user: User, **more: object) -> str:
        """A batch of two pictures that stand in the queue."""
        body: dict[str, Any] = {"prompt": "a secret prompt", "items": [{}, {}]} | more
        sent = self.as_(user).post("/api/batches", json=body)
        assert sent.status_code == 202, sent.text
        return str(sent.get_json()["id"])

    def done(self, user: User, **more: object) -> str:
        """A batch that has ended: its first picture succeeded, its second is marked and waits for a person's word."""
        batch = self.submit(user, **more)
        self.redis.zadd(key("workers"), {"w": 10**15})
        self.redis.hset(key("slots"), "w", 10**6)
        leases: dict[str, Lease] = {}
        while len(leases) < 2:  # others' items may stand before ours
            found = self.parts.queue.lease(64)
            assert found, "nothing to lease"
            leases |= {lease.item_id: lease for lease in found if lease.item_id.startswith(batch)}
        self.redis.zrem(key("workers"), "w")
        picture: dict[str, str | int] = {"format": "png", "width": 8, "height": 6, "bytes": 9, "note": "secret words"}
        for item_id, lease in leases.items():
            self.parts.items.send(*lease)
            good = item_id.endswith("-0")
            state = ItemState.SUCCEEDED if good else ItemState.FAILED
            flaw = {} if good else {"error": "bad_output_blank", "flags": "blank", "marked": "1.png"}
            self._keep(place_of(item_id, "png", "" if good else "1"))
            self.parts.items.settle(
                item_id, lease.token, state, fields=picture | flaw, outcome="succeeded", charged=Charged.YES
            )
        return batch

    def _keep(self, place: Place) -> None:
        self.parts.storage.put(place.keys[0], png("green"))
        self.parts.storage.put(place.keys[1], png("green"))

    def stored(self, batch_id: str) -> Batch:
        found = self.parts.batches.get(batch_id)
        assert found is not None
        return found

    def share(self, batch_id: str, team: bool = True) -> None:
        assert self.shares.share(self.stored(batch_id), team)

    def link(self, batch_id: str, *, days: int = 1, made_ago_days: int = 0) -> tuple[str, str]:
        """(id, token) of a link, made some days ago."""
        token, link_id = secrets.token_urlsafe(32), "l" + secrets.token_hex(10)
        then = self.shares.now_ms() - made_ago_days * 86_400_000
        assert self.shares.add(batch_id, link_id, token, days, now_ms=then)
        return link_id, token

    def stranger(self, token: str) -> FlaskClient:
        """Somebody with nothing but the cookie of a link."""
        client = self.as_(None)
        client.set_cookie(LINKS, token, domain="localhost")
        return client

    def audit(self, **query: str) -> list[dict[str, Any]]:
        answer = self.as_(ROOT).get("/api/audit", query_string={"limit": "200"} | query)
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["items"])


def chunks_of(answer: Any) -> Iterator[bytes]:
    """What comes of an event stream, as it comes."""
    return iter(answer.response)


@contextmanager
def house_on(url: str, folder: Path, **env: str) -> Iterator[House]:
    redis = connect(url)
    redis.flushdb()
    small = {
        "AUTH_MODE": "password",
        "MAX_UPLOAD_MB": "1",
        "MAX_BATCH_ITEMS": "50",
        "GENERATE_WAIT_SECONDS": "1",
        "DEMO_CONCURRENCY": "100000",
    }
    parts = core(load({"REDIS_URL": url, "VAR_DIR": str(folder)} | UNHURRIED | small | env))
    house = House(parts, redis)
    yield house
    for limiter in house.app.extensions["limiter"]:
        limiter.storage.storage.close()
    parts.close()
    redis.close()
