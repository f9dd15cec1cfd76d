"""People and what proves who they are. Times are milliseconds since the epoch, from Redis's clock."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from batchgen.domain.models import User

MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARACTERS = 1024, 8
TOKEN_PREFIX = "bgp_"  # noqa: S105 - what a token starts with, so that a leaked one is recognised
_USERNAME = re.compile(r"[^\W_][\w.@+-]{0,63}")


class Role(StrEnum):
    MEMBER = "member"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a personal token may do; each holds the ones before it."""

    READ = "read"
    SUBMIT = "submit"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in. `epoch` grows when all sessions end."""

    id: str
    username: str
    name: str
    role: Role
    created_ms: int
    email: str | None = None
    disabled: bool = False
    seen_ms: int | None = None
    epoch: int = 0

    @property
    def user(self) -> User:
        return User(self.id, self.name or self.username, self.role.value)


@dataclass(frozen=True, slots=True)
class AccountDraft:
    username: str
    name: str
    role: Role = Role.MEMBER
    email: str | None = None
    password_hash: str = ""  # none: no login by password
    subject: str = ""  # issuer and subject of OpenID Connect


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What an admin or the person changes; None: as it was."""

    name: str | None = None
    email: str | None = None  # empty: none any more
    role: Role | None = None
    disabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who makes a request, and by what: `credential` is the SHA-256 of the session's id or of the token."""

    account: Account
    auth: str  # "session", "token", "none"
    credential: str = ""
    scopes: tuple[Scope, ...] | None = None  # of a token

    @property
    def user(self) -> User:
        """With the rights of this very request: an admin's token has them only by its scope."""
        whole = self.account.user
        if self.scopes is None or Scope.ADMIN in self.scopes:
            return whole
        return User(whole.id, whole.name, Role.MEMBER.value)

    @property
    def read_only(self) -> bool:
        return self.scopes is not None and not {Scope.SUBMIT, Scope.ADMIN} & set(self.scopes)


@dataclass(frozen=True, slots=True)
class Token:
    """A personal token, without the secret itself."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_ms: int
    expires_ms: int | None
    used_ms: int | None


@dataclass(frozen=True, slots=True)
class Invitation:
    id: str
    role: Role
    expires_ms: int
    created_ms: int = 0
    username: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login with OpenID Connect that has left for the provider."""

    nonce: str
    verifier: str
    next: str


LOCAL = Account("local", "local", "local", Role.ADMIN, 0)  # AUTH_MODE=none: whoever sits at this machine


def folded(username: str) -> str:
    """One spelling for all that look the same."""
    return unicodedata.normalize("NFKC", username).casefold()


def is_username(text: str) -> bool:
    """Letters or digits of any script first, then also `. _ @ + -`; 64 at most."""
    return _USERNAME.fullmatch(text) is not None
