"""What lets somebody in once: invitations, resets, logins that have left for an identity provider. Found by the SHA-256
of a secret that only its holder has, and gone when used or late."""

import json
from dataclasses import asdict

from batchgen.domain.accounts import Account, Invitation, LoginAttempt, Role
from batchgen.store.accounts import Accounts
from batchgen.store.connection import Client, now_ms
from batchgen.store.keys import key

_LOGIN_S = 600


class Tickets:
    def __init__(self, client: Client, accounts: Accounts) -> None:
        self._redis, self._accounts = client, accounts

    # invitations

    def invite(self, sha: str, invitation_id: str, *, role: Role, life_ms: int, **for_: str | None) -> Invitation:
        """`for_`: the `username` and `email` that it is for, where said."""
        now = now_ms(self._redis)
        made = Invitation(invitation_id, role, now + life_ms, now, for_.get("username"), for_.get("email"))
        pipe = self._redis.pipeline(transaction=True)
        fields = {name: value for name, value in asdict(made).items() if value is not None}
        pipe.hset(key("invitation", sha), mapping=fields)
        pipe.pexpire(key("invitation", sha), life_ms)
        pipe.hset(key("invitations"), invitation_id, sha)
        pipe.execute()
        return made

    def invitation(self, sha: str) -> Invitation | None:
        return _to_invitation(self._redis.hgetall(key("invitation", sha)))

    def invitations(self) -> list[Invitation]:
        """Those that can still be used, newest first; the others are forgotten on the way."""
        shas = self._redis.hgetall(key("invitations"))
        found = {invitation_id: self.invitation(sha) for invitation_id, sha in shas.items()}
        if gone := [invitation_id for invitation_id, one in found.items() if one is None]:
            self._redis.hdel(key("invitations"), *gone)
        return sorted((one for one in found.values() if one), key=lambda one: (-one.created_ms, one.id))

    def withdraw(self, invitation_id: str) -> bool:
        """False: there is none that could still be used."""
        sha = self._redis.hget(key("invitations"), invitation_id)
        self._redis.hdel(key("invitations"), invitation_id)
        return bool(sha) and bool(self._redis.delete(key("invitation", sha)))

    # resets

    def reset(self, sha: str, account: Account, life_ms: int) -> int:
        """A reset, which ends the one before; when it expires (ms)."""
        expires = now_ms(self._redis) + life_ms
        before = self._redis.hget(key("account", account.id), "reset")
        pipe = self._redis.pipeline(transaction=True)
        if before:
            pipe.delete(key("reset", before))
        pipe.hset(key("reset", sha), mapping={"account": account.id, "expires": expires})
        pipe.pexpire(key("reset", sha), life_ms)
        pipe.hset(key("account", account.id), "reset", sha)
        pipe.execute()
        return expires

    def reset_of(self, sha: str) -> tuple[Account, int] | None:
        """Whose password it sets, and until when (ms)."""
        raw = self._redis.hgetall(key("reset", sha))
        account = self._accounts.get(raw["account"]) if raw else None
        return (account, int(raw["expires"])) if account else None

    # logins with an identity provider

    def leave(self, sha: str, attempt: LoginAttempt) -> None:
        self._redis.set(key("oidclogin", sha), json.dumps(asdict(attempt)), ex=_LOGIN_S)

    def come_back(self, sha: str) -> LoginAttempt | None:
        """Once only."""
        raw = self._redis.getdel(key("oidclogin", sha))
        return LoginAttempt(**json.loads(raw)) if raw else None


def _to_invitation(raw: dict[str, str]) -> Invitation | None:
    if not raw:
        return None
    return Invitation(
        id=raw["id"], role=Role(raw["role"]), expires_ms=int(raw["expires_ms"]), created_ms=int(raw["created_ms"]),
        username=raw.get("username"), email=raw.get("email"),
    )  # fmt: skip
