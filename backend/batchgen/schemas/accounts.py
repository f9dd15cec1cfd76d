"""People, sessions, tokens, invitations and resets as the API speaks of them."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints

from batchgen.domain.accounts import Account, AccountChange, Identity, Invitation, Role, Scope, Token
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339

Username = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(max_length=1024, description="8 characters to 1,024 bytes")]
Secret = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
_MAIL = r"[^@\s<>,;:\"'()\[\]\\]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,188}"
Email = Annotated[str, Field(max_length=254, pattern=f"^{_MAIL}$")]
MaybeEmail = Annotated[str, Field(max_length=254, pattern=f"^({_MAIL})?$", description="empty: none any more")]


class AuthOptionsOut(Outgoing):
    mode: Literal["password", "oidc", "none"]
    oidc_name: str | None = Field(description="what the button of the provider says")
    mail: bool = Field(description="whether invitations and resets can be mailed")


class MeOut(Outgoing):
    id: str
    username: str
    name: str
    email: str | None
    role: Role
    auth: Literal["session", "token", "none"]
    scopes: list[Scope] | None = Field(description="of a token")
    monthly_budget_micros: int | None

    @classmethod
    def of(cls, who: Identity) -> Self:
        account = who.account
        return cls.model_validate(
            {
                "id": account.id, "username": account.username, "name": account.user.name, "email": account.email,
                "role": who.user.role, "auth": who.auth, "scopes": who.scopes, "monthly_budget_micros": None,
            }
        )  # fmt: skip


class LoginIn(Incoming):
    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: Password


class PasswordChangeIn(Incoming):
    current_password: Password
    new_password: Password


class MePatchIn(Incoming):
    name: Name | None = None
    email: MaybeEmail | None = None

    def to_change(self) -> AccountChange:
        return AccountChange(name=self.name, email=self.email)


class OidcStartQuery(Incoming):
    next: str = Field("/", max_length=2000, description="a local path to return to")


class OidcCallbackQuery(Incoming):
    """What a provider sends back; parameters of its own are let through."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    code: str = Field("", max_length=4000)
    state: str = Field("", max_length=400)
    error: str = Field("", max_length=200)


class SecretIn(Incoming):
    token: Secret


class InvitationLookOut(Outgoing):
    username: str | None
    email: str | None
    role: Role
    expires_at: Time

    @classmethod
    def of(cls, one: Invitation) -> Self:
        return cls.model_validate(
            {"username": one.username, "email": one.email, "role": one.role, "expires_at": rfc3339(one.expires_ms)}
        )


class InvitationAcceptIn(Incoming):
    token: Secret
    username: Username
    name: Name
    password: Password


class ResetLookOut(Outgoing):
    username: str
    expires_at: Time


class ResetAcceptIn(Incoming):
    token: Secret
    password: Password


class TokenIn(Incoming):
    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires_in_days: int | None = Field(None, ge=1, le=365)


class TokenOut(Outgoing):
    id: str
    name: str
    scopes: list[Scope]
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None

    @classmethod
    def of(cls, one: Token) -> Self:
        return cls.model_validate(_token(one))


class TokenMadeOut(TokenOut):
    token: str = Field(description="shown in this answer and never again")

    @classmethod
    def made(cls, one: Token, token: str) -> Self:
        return cls.model_validate(_token(one) | {"token": token})


class TokensOut(Outgoing):
    items: list[TokenOut]
    next_cursor: str | None = None


def _token(one: Token) -> dict[str, object]:
    return {
        "id": one.id, "name": one.name, "scopes": one.scopes, "created_at": rfc3339(one.created_ms),
        "expires_at": rfc3339(one.expires_ms), "last_used_at": rfc3339(one.used_ms),
    }  # fmt: skip


class UsersQuery(Incoming):
    cursor: str | None = Field(None, max_length=40)
    limit: int = Field(50, ge=1, le=200)
    q: str | None = Field(None, max_length=200, description="part of a name, a username or an address")


class UserIn(Incoming):
    username: Username
    name: Name
    role: Role = Role.MEMBER
    email: Email | None = None
    password: Password


class UserPatchIn(Incoming):
    name: Name | None = None
    email: MaybeEmail | None = None
    role: Role | None = None
    disabled: bool | None = None

    def to_change(self) -> AccountChange:
        return AccountChange(name=self.name, email=self.email, role=self.role, disabled=self.disabled)


class UserOut(Outgoing):
    id: str
    username: str
    name: str
    email: str | None
    role: Role
    disabled: bool
    created_at: Time
    last_seen_at: Time | None
    monthly_budget_micros: int | None

    @classmethod
    def of(cls, one: Account) -> Self:
        return cls.model_validate(
            {
                "id": one.id, "username": one.username, "name": one.user.name, "email": one.email, "role": one.role,
                "disabled": one.disabled, "created_at": rfc3339(one.created_ms), "last_seen_at": rfc3339(one.seen_ms),
                "monthly_budget_micros": None,
            }
        )  # fmt: skip


class UsersOut(Outgoing):
    items: list[UserOut]
    next_cursor: str | None


class ResetOut(Outgoing):
    link: str = Field(description="to hand on; shown in this answer and never again")
    expires_at: Time
    mailed: bool


class InvitationIn(Incoming):
    email: Email | None = None
    username: Username | None = None
    role: Role = Role.MEMBER
    expires_in_days: int = Field(7, ge=1, le=30)


class InvitationOut(Outgoing):
    id: str
    role: Role
    username: str | None
    email: str | None
    created_at: Time
    expires_at: Time

    @classmethod
    def of(cls, one: Invitation) -> Self:
        return cls.model_validate(_invitation(one))


class InvitationMadeOut(InvitationOut):
    link: str = Field(description="to hand on; shown in this answer and never again")
    mailed: bool

    @classmethod
    def made(cls, one: Invitation, link: str, mailed: bool) -> Self:
        return cls.model_validate(_invitation(one) | {"link": link, "mailed": mailed})


class InvitationsOut(Outgoing):
    items: list[InvitationOut]
    next_cursor: str | None = None


def _invitation(one: Invitation) -> dict[str, object]:
    return {
        "id": one.id, "role": one.role, "username": one.username, "email": one.email,
        "created_at": rfc3339(one.created_ms), "expires_at": rfc3339(one.expires_ms),
    }  # fmt: skip
