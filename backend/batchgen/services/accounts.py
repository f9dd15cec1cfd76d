"""All that has to do with accounts, put together."""

from concurrent.futures import Executor
from dataclasses import dataclass

from batchgen.engine.channels import Channels
from batchgen.errors import AppError
from batchgen.services.auditing import Audit
from batchgen.services.devices import Devices
from batchgen.services.identity import IdentityService, Mode
from batchgen.services.invitations import InvitationService, Letters, ResetService
from batchgen.services.login import LoginService
from batchgen.services.oidc import OidcConfig, OidcService
from batchgen.services.passwords import Passwords
from batchgen.services.people import PeopleService
from batchgen.services.tokens import TokenService
from batchgen.store.accounts import Accounts
from batchgen.store.connection import Client
from batchgen.store.sessions import Sessions, Tokens
from batchgen.store.throttle import Throttle
from batchgen.store.tickets import Tickets


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """`base_url`: where people reach us; `first_admin`: name and password; `secret`: signs device cookies."""

    mode: Mode
    base_url: str
    secret: str
    idle_ms: int
    life_ms: int
    first_admin: tuple[str, str] | None = None
    oidc: OidcConfig | None = None


@dataclass(frozen=True, slots=True)
class AccountServices:
    mode: Mode
    identities: IdentityService
    login: LoginService
    people: PeopleService
    invitations: InvitationService
    resets: ResetService
    tokens: TokenService
    oidc: OidcService | None
    oidc_name: str | None

    def provider(self) -> OidcService:
        """Raises AppError("login_not_offered")."""
        if self.oidc is None:
            raise AppError("login_not_offered")
        return self.oidc


def assemble(
    client: Client, config: AccountConfig, passwords: Passwords, channels: Channels, audit: Audit
) -> AccountServices:
    accounts, tokens = Accounts(client), Tokens(client)
    sessions = Sessions(client, idle_ms=config.idle_ms, life_ms=config.life_ms)
    tickets, letters = Tickets(client, accounts), Letters(channels)
    people = PeopleService(accounts, passwords, audit, config.first_admin)
    login = LoginService(
        config.mode, accounts, sessions, Throttle(client), passwords, Devices(config.secret), people, audit
    )
    return AccountServices(
        mode=config.mode,
        identities=IdentityService(config.mode, sessions, tokens),
        login=login,
        people=people,
        invitations=InvitationService(tickets, accounts, passwords, letters, config.base_url, audit),
        resets=ResetService(tickets, accounts, passwords, letters, config.base_url, audit),
        tokens=TokenService(tokens, audit),
        oidc=OidcService(config.oidc, accounts, tickets, audit) if config.oidc else None,
        oidc_name=config.oidc.name if config.oidc else None,
    )


def hashing_pool(threads: int) -> Executor:
    """Native threads, also where gevent has made all others cooperative: a hash would stop those."""
    from gevent.monkey import is_module_patched

    if is_module_patched("threading"):
        from gevent.threadpool import ThreadPoolExecutor as Native

        pool: Executor = Native(max_workers=threads)
        return pool
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=threads, thread_name_prefix="hashing")
