"""Logins with an identity provider: OpenID Connect's code flow with PKCE, state and nonce. The only module that knows
Authlib, which builds the requests and verifies the ID token; what is kept meanwhile, and who comes of it, is here."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from requests import RequestException

from batchgen.domain.accounts import Account, AccountChange, AccountDraft, LoginAttempt, Role, is_username
from batchgen.domain.ids import new_id
from batchgen.domain.models import User
from batchgen.errors import AppError
from batchgen.services.auditing import Audit
from batchgen.store.accounts import Accounts
from batchgen.store.sessions import sha256
from batchgen.store.tickets import Tickets

log = structlog.get_logger(__name__)
_TIMEOUT_S, _LEEWAY_S = 10.0, 30
_FAULTS = (AuthlibBaseError, JoseError, RequestException, RuntimeError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """`admin_group`: who is in it is an admin, everybody else a member; `groups_claim`: where the provider says it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    admin_group: str
    groups_claim: str
    scopes: str
    redirect_uri: str


class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    """Authlib's client without a web framework: state and nonce are kept in Redis by us."""

    client_cls = OAuth2Session


class OidcService:
    def __init__(self, config: OidcConfig, accounts: Accounts, tickets: Tickets, audit: Audit) -> None:
        self._config, self._accounts, self._tickets, self._audit = config, accounts, tickets, audit
        self._client = _Client(
            framework=None, name="oidc", client_id=config.client_id, client_secret=config.client_secret,
            server_metadata_url=f"{config.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": config.scopes, "code_challenge_method": "S256", "default_timeout": _TIMEOUT_S,
            },
        )  # fmt: skip

    def begin(self, to: str) -> tuple[str, str]:
        """Where to send the browser, and the state that it must bring back. `to`: a local path to end at.
        Raises AppError: oidc_failed, state_unavailable."""
        try:
            made = self._client.create_authorization_url(self._config.redirect_uri, state=secrets.token_urlsafe(32))
        except _FAULTS as wrong:
            raise _failed(wrong) from None
        attempt = LoginAttempt(made["nonce"], made["code_verifier"], local_path(to))
        self._tickets.leave(sha256(made["state"]), attempt)
        return str(made["url"]), str(made["state"])

    def finish(self, code: str, state: str, error: str, kept: str) -> tuple[Account, str]:
        """Who has come back, and the path to end at. `kept`: the state that this browser left with.
        Raises AppError: oidc_state, oidc_refused, oidc_failed, account_disabled, state_unavailable."""
        if not state or not secrets.compare_digest(state.encode(), kept.encode()):
            raise AppError("oidc_state")
        attempt = self._tickets.come_back(sha256(state))
        if attempt is None:
            raise AppError("oidc_state")
        if error or not code:
            log.warning("the identity provider refused", error=error)
            raise AppError("oidc_refused")
        claims = self._claims(code, attempt)
        account = self._account(f"{self._config.issuer}|{claims['sub']}", claims)
        if account.disabled:
            raise AppError("account_disabled")
        return account, attempt.next

    def _claims(self, code: str, attempt: LoginAttempt) -> Mapping[str, Any]:
        """What the verified ID token says: signature, issuer, audience, end, nonce."""
        try:
            token = self._client.fetch_access_token(
                self._config.redirect_uri, code=code, code_verifier=attempt.verifier, grant_type="authorization_code"
            )
            ours = {"iss": {"essential": True, "value": self._issuer()}, "aud": {"value": self._config.client_id}}
            claims = self._client.parse_id_token(token, nonce=attempt.nonce, leeway=_LEEWAY_S, claims_options=ours)
            if claims is None:
                raise ValueError("no ID token")
            if self._config.groups_claim not in claims and "userinfo_endpoint" in self._client.server_metadata:
                more = self._client.userinfo(token=token)
                if more.get("sub") == claims["sub"]:  # else it speaks of somebody else
                    claims = {**more, **claims}
        except _FAULTS as wrong:
            raise _failed(wrong) from None
        return dict(claims)

    def _issuer(self) -> str:
        """Who has to have signed: the provider that the settings name, not one that its metadata speaks for."""
        issuer = str(self._client.load_server_metadata()["issuer"])
        if issuer.rstrip("/") != self._config.issuer.rstrip("/"):
            raise ValueError("the issuer is another")
        return issuer

    def _account(self, subject: str, claims: Mapping[str, Any]) -> Account:
        """The account of `subject`, made at the first login; name, address and role follow the provider."""
        groups = claims.get(self._config.groups_claim)
        is_admin = isinstance(groups, list) and self._config.admin_group in groups
        role = Role.ADMIN if is_admin else Role.MEMBER
        name, email = _text(claims, "name", 100), _text(claims, "email", 254)
        found = self._accounts.by_subject(subject)
        if found is None:
            found = self._made(subject, claims, role, name, email)
        change = AccountChange(name=name or None, email=email, role=role)
        if self._accounts.change(found.id, change) == -1:  # somebody has to be able to let others in
            log.warning("the last admin is no longer in the admin group", user_id=found.id)
        return self._accounts.get(found.id) or found

    def _made(self, subject: str, claims: Mapping[str, Any], role: Role, name: str, email: str) -> Account:
        base = _username(claims)
        for end in ("", *(f"-{n}" for n in range(2, 100))):
            account_id, username = new_id("a"), f"{base}{end}"
            draft = AccountDraft(username, name or username, role, email, subject=subject)
            if self._accounts.add(account_id, draft) == 1:
                self._audit(
                    User(account_id, draft.name, role.value), "user.created", account_id, username=username, how="oidc"
                )
                break
            if self._accounts.by_subject(subject):  # the same person, in a second window
                break
        account = self._accounts.by_subject(subject)
        if account is None:
            raise AppError("oidc_failed")
        return account


def local_path(text: str) -> str:
    """`text` where it is a path of this site, else the start page: nobody is sent elsewhere."""
    fine = text.startswith("/") and text[1:2] not in ("/", "\\") and not re.search(r"[\x00-\x20\\\x7f]", text)
    return text if fine else "/"


def _username(claims: Mapping[str, Any]) -> str:
    for candidate in (_text(claims, "preferred_username", 60), _text(claims, "email", 60).partition("@")[0]):
        if is_username(candidate):
            return candidate
    return f"user-{secrets.token_hex(4)}"


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    return "".join(c for c in value if c.isprintable()).strip()[:longest] if isinstance(value, str) else ""


def _failed(wrong: Exception) -> AppError:
    """Only the kind of fault is logged: the words may hold the code or a token."""
    log.warning("login with the identity provider failed", kind=type(wrong).__name__)
    return AppError("oidc_failed")
