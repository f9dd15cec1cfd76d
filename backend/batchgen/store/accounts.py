"""Accounts: one hash each, found by id, by folded username, or by what an identity provider calls them."""

from collections.abc import Iterator, Mapping

from batchgen.domain.accounts import Account, AccountChange, AccountDraft, Role, folded
from batchgen.domain.models import Page
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.scripts import Script

_CHUNK = 200


class Accounts:
    def __init__(self, client: Client) -> None:
        self._redis = client
        self._add, self._change = Script(client, "add_account"), Script(client, "change_account")
        self._remove, self._set_password = Script(client, "remove_account"), Script(client, "set_password")

    def add(self, account_id: str, draft: AccountDraft, *, invitation: str = "", first_admin: bool = False) -> int:
        """1: it is there now; 0: its name is taken; -1: the invitation, given by its SHA-256, is gone;
        -2: `first_admin`, but there is an admin."""
        fields = {
            "username": draft.username, "name": draft.name, "role": draft.role.value, "email": draft.email or "",
            "hash": draft.password_hash, "subject": draft.subject,
        }  # fmt: skip
        ticket = key("invitation", invitation) if invitation else ""
        keys = [key("account", account_id), key("usernames"), key("accounts"), key("admins"), key("subjects"), ticket]
        name = folded(draft.username)
        return int(self._add(None, account_id, name, draft.subject, int(first_admin), fields, keys=keys))

    def change(self, account_id: str, change: AccountChange) -> int:
        """1: done; 0: there is no such account; -1: it would be the end of the last admin."""
        fields: dict[str, str] = {}
        if change.name is not None:
            fields["name"] = change.name
        if change.email is not None:
            fields["email"] = change.email
        if change.role is not None:
            fields["role"] = change.role.value
        if change.disabled is not None:
            fields["disabled"] = "1" if change.disabled else "0"
        return int(self._change(account_id, fields, keys=[key("account", account_id), key("admins")]))

    def remove(self, account: Account) -> int:
        """1: done; 0: there is no such account; -1: it is the last admin."""
        keys = [
            key("account", account.id), key("usernames"), key("accounts"), key("admins"), key("subjects"),
            key("tokens", account.id),
        ]  # fmt: skip
        done = int(self._remove(account.id, folded(account.username), keys=keys))
        if done == 1:
            self._redis.delete(key("notices", account.id))  # it holds addresses
        return done

    def set_password(self, account_id: str, password_hash: str, *, reset: str = "") -> int:
        """The new epoch: sessions and tokens from before it are void. 0: the account, or the reset given by its
        SHA-256, is gone."""
        keys = [key("account", account_id), key("tokens", account_id), key("reset", reset) if reset else ""]
        return int(self._set_password(password_hash, keys=keys))

    def rehash(self, account_id: str, old: str, new: str) -> None:
        """The same password under newer parameters, unless it was changed meanwhile."""
        if self._redis.hget(key("account", account_id), "hash") == old:
            self._redis.hset(key("account", account_id), "hash", new)

    def end_sessions(self, account: Account) -> None:
        """All of them, at once."""
        self._redis.hincrby(key("account", account.id), "epoch", 1)

    def has_admin(self) -> bool:
        return bool(self._redis.scard(key("admins")))

    def get(self, account_id: str) -> Account | None:
        raw = self._redis.hgetall(key("account", account_id))
        return to_account(account_id, raw) if "role" in raw else None

    def by_username(self, username: str) -> tuple[Account, str] | None:
        """The account and its password's hash, which is empty where it has none."""
        account_id = self._redis.hget(key("usernames"), folded(username))
        raw = self._redis.hgetall(key("account", account_id)) if account_id else {}
        return (to_account(str(account_id), raw), str(raw.get("hash", ""))) if "role" in raw else None

    def by_subject(self, subject: str) -> Account | None:
        """`subject`: issuer and subject of OpenID Connect."""
        account_id = self._redis.hget(key("subjects"), subject)
        return self.get(str(account_id)) if account_id else None

    def page(self, cursor: str | None, limit: int, q: str) -> Page[Account]:
        """Oldest first, behind the account `cursor`; `q`: part of a name, a username or an address."""
        found: list[Account] = []
        for account in self._all(cursor):
            if folded(q) in folded(f"{account.username}\n{account.name}\n{account.email or ''}"):
                found.append(account)
            if len(found) > limit:
                return Page(found[:limit], found[limit - 1].id)
        return Page(found, None)

    def names(self) -> dict[str, str]:
        """Id -> name, of all."""
        return {account.id: account.user.name for account in self._all(None)}

    def _all(self, cursor: str | None) -> Iterator[Account]:
        rank = self._redis.zrank(key("accounts"), cursor) if cursor else None
        start = 0 if rank is None else int(rank) + 1
        while ids := self._redis.zrange(key("accounts"), start, start + _CHUNK - 1):
            pipe = self._redis.pipeline()
            for account_id in ids:
                pipe.hgetall(key("account", account_id))
            for account_id, raw in zip(ids, pipe.execute(), strict=True):
                if "role" in raw:
                    yield to_account(str(account_id), raw)
            start += _CHUNK


def to_account(account_id: str, raw: Mapping[str, str]) -> Account:
    return Account(
        id=account_id, username=raw["username"], name=raw["name"], role=Role(raw["role"]),
        created_ms=int(raw["created"]), email=raw.get("email") or None, disabled=raw.get("disabled") == "1",
        seen_ms=int(raw["seen"]) if "seen" in raw else None, epoch=int(raw["epoch"]),
    )  # fmt: skip
