"""Who somebody is, by what they show."""

from typing import Literal

from batchgen.domain.accounts import LOCAL, TOKEN_PREFIX, Identity
from batchgen.store.sessions import Sessions, Tokens, sha256

type Mode = Literal["password", "oidc", "none"]
_LONGEST = 200


class IdentityService:
    """`mode`: with "none" everybody is the one who sits at this machine."""

    def __init__(self, mode: Mode, sessions: Sessions, tokens: Tokens) -> None:
        self._mode, self._sessions, self._tokens = mode, sessions, tokens

    def by_session(self, session: str) -> Identity | None:
        """Raises AppError("state_unavailable")."""
        if self._mode == "none":
            return Identity(LOCAL, "none")
        if not session or len(session) > _LONGEST:
            return None
        sha = sha256(session)
        account = self._sessions.use(sha)
        return Identity(account, "session", sha) if account else None

    def by_token(self, token: str) -> Identity | None:
        """Raises AppError("state_unavailable")."""
        if self._mode == "none":
            return Identity(LOCAL, "none")
        if not token.startswith(TOKEN_PREFIX) or len(token) > _LONGEST:
            return None
        sha = sha256(token)
        found = self._tokens.use(sha)
        return Identity(found[0], "token", sha, found[1]) if found else None

    def still(self, who: Identity) -> bool:
        """Whether what was shown would let the same person in now, with the same rights. Nothing counts as used."""
        if who.auth == "none":
            return True
        now: Identity | None = None
        if who.auth == "session" and (account := self._sessions.use(who.credential, touch=False)):
            now = Identity(account, who.auth, who.credential)
        elif who.auth == "token" and (found := self._tokens.use(who.credential, touch=False)):
            now = Identity(found[0], who.auth, who.credential, found[1])
        return now is not None and now.user == who.user
