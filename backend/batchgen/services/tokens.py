"""Personal tokens: for scripts, with a name, an end, and never more rights than the person has."""

import secrets
from collections.abc import Iterable

from batchgen.domain.accounts import TOKEN_PREFIX, Identity, Role, Scope, Token
from batchgen.domain.ids import new_id
from batchgen.errors import AppError
from batchgen.services.auditing import Audit
from batchgen.store.sessions import Tokens, sha256

_DAY_MS, _MOST = 24 * 3600 * 1000, 50


class TokenService:
    def __init__(self, tokens: Tokens, audit: Audit) -> None:
        self._tokens, self._audit = tokens, audit

    def of(self, who: Identity) -> list[Token]:
        return self._tokens.of(who.account.id)

    def make(self, who: Identity, name: str, scopes: Iterable[Scope], days: int | None) -> tuple[Token, str]:
        """The token and its secret, which nobody sees again.
        Raises AppError: forbidden, too_many_tokens, login_not_offered, not_found."""
        if who.auth == "none":
            raise AppError("login_not_offered")
        wanted = [scope for scope in Scope if scope in set(scopes)]
        if Scope.ADMIN in wanted and who.account.role is not Role.ADMIN:
            raise AppError("forbidden")
        if len(self.of(who)) >= _MOST:
            raise AppError("too_many_tokens", limit=_MOST)
        secret, token_id = TOKEN_PREFIX + secrets.token_urlsafe(32), new_id("t")
        if not self._tokens.add(
            sha256(secret), who.account.id, token_id, name, wanted, days * _DAY_MS if days else None
        ):
            raise AppError("not_found")
        self._audit(who.user, "token.created", token_id, name=name, scopes=wanted)
        return next(one for one in self.of(who) if one.id == token_id), secret

    def end(self, who: Identity, token_id: str) -> None:
        """Raises AppError("not_found")."""
        if not self._tokens.end(who.account.id, token_id):
            raise AppError("not_found")
        self._audit(who.user, "token.removed", token_id)
