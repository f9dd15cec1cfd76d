"""Signing in and out. Guesses are counted in Redis before anything is hashed; what is answered, and how long it takes,
is the same for a name that nobody has, a wrong password and a disabled account."""

import secrets
from typing import NamedTuple

import structlog

from batchgen.domain.accounts import Account, Identity, folded
from batchgen.domain.addresses import network
from batchgen.domain.models import User
from batchgen.errors import AppError
from batchgen.services.auditing import Audit
from batchgen.services.devices import Devices
from batchgen.services.identity import Mode
from batchgen.services.passwords import Passwords
from batchgen.services.people import PeopleService
from batchgen.store.accounts import Accounts
from batchgen.store.sessions import Sessions, sha256
from batchgen.store.throttle import Rule, Throttle

log = structlog.get_logger(__name__)
PER_ACCOUNT, PER_ADDRESS = Rule("account", 10, 300), Rule("address", 100, 300)
PER_DEVICE = Rule("device", 10, 300)  # instead of both, where one has signed in to this account before
_PER_PERSON = Rule("password", 10, 300)  # who has a session and says the old password to set a new one


class Entry(NamedTuple):
    """Who is in, and the values of the two cookies that say so."""

    account: Account
    session: str
    device: str


class LoginService:
    def __init__(
        self, mode: Mode, accounts: Accounts, sessions: Sessions, throttle: Throttle, passwords: Passwords,
        devices: Devices, people: PeopleService, audit: Audit,
    ) -> None:  # fmt: skip
        self._mode, self._accounts, self._sessions, self._throttle = mode, accounts, sessions, throttle
        self._passwords, self._devices, self._people, self._audit = passwords, devices, people, audit

    def enter(self, username: str, password: str, address: str, device: str = "") -> Entry:
        """With a password. `address`: where from; `device`: the cookie of an earlier login.
        Raises AppError: invalid_credentials, rate_limited, login_not_offered, field_invalid."""
        if self._mode != "password":
            raise AppError("login_not_offered")
        self._passwords.check_size(password)
        self._people.ensure_first_admin()
        account, kept = self._accounts.by_username(username) or (None, "")
        known = self._devices.known(device, account.id) if account else ""
        counted = self._count(username, address, known)
        right = self._passwords.verify(kept, password, patient=bool(known))
        if account is None or account.disabled or not right:
            self._audit(account.user if account else User("", ""), "login.failed", account.id if account else "")
            raise AppError("invalid_credentials")
        for rule, who in counted:
            self._throttle.give_back(rule, who)
        if self._passwords.is_old(kept):
            self._accounts.rehash(account.id, kept, self._passwords.hash(password))
        return self.let_in(account, "password", device)

    def let_in(self, account: Account, how: str, device: str = "") -> Entry:
        """A new session for who has proved to be `account`, under the epoch that held before the proof."""
        session = secrets.token_urlsafe(32)
        self._sessions.start(sha256(session), account.id, account.epoch)
        self._audit(account.user, "login", account.id, how=how)
        return Entry(account, session, self._devices.cookie(account.id, device))

    def leave(self, session: str, who: Identity | None = None) -> None:
        """That session is over, also for whoever has copied it."""
        if session:
            self._sessions.end(sha256(session))
        if who is not None:
            self._audit(who.user, "logout", who.account.id)

    def leave_everywhere(self, who: Identity) -> None:
        self._accounts.end_sessions(who.account)
        self._audit(who.user, "logout.everywhere", who.account.id)

    def change_password(self, who: Identity, current: str, new: str) -> str:
        """The id of the session that goes on; all others and the tokens end.
        Raises AppError: invalid_credentials, weak_password, rate_limited, login_not_offered, field_invalid."""
        if self._mode != "password":
            raise AppError("login_not_offered")
        self._passwords.check_size(current, "current_password")
        if wait := self._throttle.hit(_PER_PERSON, who.account.id):
            raise AppError("rate_limited", seconds=wait)
        _, kept = self._accounts.by_username(who.account.username) or (None, "")
        if not self._passwords.verify(kept, current):
            self._audit(who.user, "password.refused", who.account.id)
            raise AppError("invalid_credentials")
        self._throttle.give_back(_PER_PERSON, who.account.id)
        self._passwords.check(new, who.account.username, "new_password")
        epoch = self._accounts.set_password(who.account.id, self._passwords.hash(new))
        session = secrets.token_urlsafe(32)
        self._sessions.start(sha256(session), who.account.id, epoch)
        self._audit(who.user, "password.changed", who.account.id)
        return session

    def _count(self, username: str, address: str, known: str) -> list[tuple[Rule, str]]:
        """Count a guess where it belongs; what was counted. Raises AppError("rate_limited")."""
        rules = [(PER_ADDRESS, network(address)), (PER_ACCOUNT, sha256(folded(username)))]
        if known:
            rules = [(PER_DEVICE, known)]
        for rule, who in rules:
            if wait := self._throttle.hit(rule, who):
                log.warning("login throttled", by=rule.name)
                raise AppError("rate_limited", seconds=wait)
        return rules
