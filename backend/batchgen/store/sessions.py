"""What proves who somebody is: sessions and personal tokens. Only SHA-256s are stored."""

import hashlib
from collections.abc import Iterable

from batchgen.domain.accounts import Account, Scope, Token
from batchgen.store.accounts import to_account
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.scripts import Script


def sha256(secret: str) -> str:
    """What is stored of a secret: enough for one of 160 random bits and more."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Sessions:
    """`idle_ms`: unused for so long it ends; `life_ms`: so long after the login it ends in any case."""

    def __init__(self, client: Client, *, idle_ms: int, life_ms: int) -> None:
        self._redis, self._idle_ms, self._life_ms = client, idle_ms, life_ms
        self._start, self._use = Script(client, "start_session"), Script(client, "use_session")

    def start(self, sha: str, account_id: str, epoch: int, now_ms: int | None = None) -> None:
        """A session under the epoch that held when the person proved who they are."""
        self._start(now_ms, account_id, epoch, self._idle_ms, self._life_ms, keys=[key("session", sha)])

    def use(self, sha: str, *, touch: bool = True, now_ms: int | None = None) -> Account | None:
        """Whose it is, while it counts. Without `touch` its idle end stays where it is."""
        found = self._use(now_ms, self._idle_ms, int(touch), keys=[key("session", sha)])
        return to_account(str(found[0]), _pairs(found[1])) if found else None

    def end(self, sha: str) -> None:
        self._redis.delete(key("session", sha))


class Tokens:
    def __init__(self, client: Client) -> None:
        self._redis = client
        self._add, self._use = Script(client, "add_token"), Script(client, "use_token")

    def add(
        self, sha: str, account_id: str, token_id: str, name: str, scopes: Iterable[Scope], life_ms: int | None,
        now_ms: int | None = None,
    ) -> bool:  # fmt: skip
        """False: the account is gone."""
        fields = {"name": name, "scopes": " ".join(scopes)}
        keys = [key("token", sha), key("tokens", account_id), key("account", account_id)]
        return bool(self._add(now_ms, account_id, token_id, sha, life_ms, fields, keys=keys))

    def use(
        self, sha: str, *, touch: bool = True, now_ms: int | None = None
    ) -> tuple[Account, tuple[Scope, ...]] | None:
        """Whose it is and what it may do, while it counts."""
        found = self._use(now_ms, int(touch), keys=[key("token", sha)])
        if not found:
            return None
        return to_account(str(found[0]), _pairs(found[1])), tuple(Scope(s) for s in str(found[2]).split())

    def of(self, account_id: str) -> list[Token]:
        """Oldest first; those that have expired are forgotten on the way."""
        shas = self._redis.hgetall(key("tokens", account_id))
        pipe = self._redis.pipeline()
        for sha in shas.values():
            pipe.hgetall(key("token", sha))
        found = dict(zip(shas, pipe.execute(), strict=True))
        if gone := [token_id for token_id, raw in found.items() if not raw]:
            self._redis.hdel(key("tokens", account_id), *gone)
        return sorted((_to_token(raw) for raw in found.values() if raw), key=lambda one: (one.created_ms, one.id))

    def end(self, account_id: str, token_id: str) -> bool:
        """False: there is none."""
        sha = self._redis.hget(key("tokens", account_id), token_id)
        if sha:
            pipe = self._redis.pipeline(transaction=True)
            pipe.delete(key("token", sha))
            pipe.hdel(key("tokens", account_id), token_id)
            pipe.execute()
        return bool(sha)


def _pairs(found: object) -> dict[str, str]:
    """What HGETALL gives inside a script: a list of names and values, or under RESP3 a map."""
    if isinstance(found, dict):
        return found
    flat = list(found)  # type: ignore[call-overload]
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _to_token(raw: dict[str, str]) -> Token:
    return Token(
        id=raw["id"], name=raw["name"], scopes=tuple(Scope(s) for s in raw["scopes"].split()),
        created_ms=int(raw["created"]), expires_ms=int(raw["expires"]) if "expires" in raw else None,
        used_ms=int(raw["used"]) if "used" in raw else None,
    )  # fmt: skip
