"""The wiring of accounts: settings -> services."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import structlog

from batchgen.api.cookies import Cookies
from batchgen.domain.accounts import is_username
from batchgen.engine.channels import Channels
from batchgen.errors import AppError
from batchgen.services.accounts import AccountConfig, AccountServices, assemble, hashing_pool
from batchgen.services.auditing import Audit
from batchgen.services.oidc import OidcConfig
from batchgen.services.passwords import AT_ONCE, Passwords
from batchgen.settings import Settings, SettingsError
from batchgen.store.connection import Client

log = structlog.get_logger(__name__)
_HOUR_MS, _DAY_S = 3_600_000, 86_400


def account_services(
    settings: Settings, client: Client, channels: Channels, base_url: str, audit: Audit
) -> AccountServices:
    """`base_url`: where people reach us. Raises SettingsError where the first admin's password is too weak."""
    passwords = Passwords(hashing_pool(AT_ONCE), offered=settings.mode != "oidc")
    first = (
        (settings.admin_username, settings.admin_password)
        if settings.admin_username and settings.mode == "password"
        else None
    )
    if first:
        _check_first(passwords, *first)
    config = AccountConfig(
        mode=settings.mode,
        base_url=base_url,
        secret=_secret(settings),
        idle_ms=int(settings.session_idle_hours * _HOUR_MS),
        life_ms=int(settings.session_days * 24 * _HOUR_MS),
        first_admin=first,
        oidc=_oidc(settings, base_url) if settings.mode == "oidc" else None,
    )
    return assemble(client, config, passwords, channels, audit)


def let_the_first_in(settings: Settings, services: AccountServices) -> None:
    """Make the first admin where the settings name one; say so where nobody can sign in."""
    with suppress(AppError):  # Redis may come up later than we do; then the first login makes it
        services.people.ensure_first_admin()
        if settings.mode == "password" and not services.people.has_admin():
            log.warning("nobody can sign in yet: set ADMIN_USERNAME and ADMIN_PASSWORD, or make admin NAME=...")


def cookies(settings: Settings, base_url: str) -> Cookies:
    return Cookies(base_url, int(settings.session_days * _DAY_S))


def _check_first(passwords: Passwords, username: str, password: str) -> None:
    if not is_username(username):
        raise SettingsError(
            "ADMIN_USERNAME is wrong: letters, digits and . _ @ + - only; example: ADMIN_USERNAME=admin"
        )
    try:
        passwords.check(password, username)
    except AppError as told:
        raise SettingsError(
            f"ADMIN_PASSWORD is wrong: {told.message.en.rstrip('.')}; example: ADMIN_PASSWORD=<a password of your own>"
        ) from None


def _oidc(settings: Settings, base_url: str) -> OidcConfig:
    return OidcConfig(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name=settings.oidc_name,
        admin_group=settings.oidc_admin_group,
        groups_claim=settings.oidc_groups_claim,
        scopes=settings.oidc_scopes,
        redirect_uri=f"{base_url}/api/auth/oidc/callback",
    )


def _secret(settings: Settings) -> str:
    """SECRET_KEY, else one that is made once and kept in VAR_DIR, readable for its owner only."""
    if settings.secret_key or settings.mode == "none":
        return settings.secret_key or secrets.token_hex(32)
    path = settings.var_dir / "secret_key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_once(path)
    return path.read_text().strip()


def _make_once(path: Path) -> None:
    """Another process may be about to do the same: whole or not at all, and the first wins."""
    mine = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        path.hardlink_to(mine)
    mine.unlink()
