"""Accounts: made, changed and removed by admins, and what everybody may change of their own."""

import structlog

from batchgen.domain.accounts import Account, AccountChange, AccountDraft, Identity, Role, is_username
from batchgen.domain.ids import new_id
from batchgen.domain.models import Page, User
from batchgen.errors import AppError
from batchgen.services.auditing import Audit
from batchgen.services.passwords import Passwords
from batchgen.store.accounts import Accounts

log = structlog.get_logger(__name__)


def check_username(username: str) -> None:
    """Raises AppError("username_invalid")."""
    if not is_username(username):
        raise AppError.at("username", "username_invalid")


class PeopleService:
    """`first`: name and password of the admin to make where there is none yet."""

    def __init__(
        self, accounts: Accounts, passwords: Passwords, audit: Audit, first: tuple[str, str] | None = None
    ) -> None:
        self._accounts, self._passwords, self._audit, self._first = accounts, passwords, audit, first

    def ensure_first_admin(self) -> None:
        """Make the admin that the settings name, unless there is an admin. Raises AppError("state_unavailable")."""
        if self._first is None:
            return
        (username, password), account_id = self._first, new_id("a")
        if not self._accounts.has_admin():
            kept = self._passwords.hash(password)
            done = self._accounts.add(
                account_id, AccountDraft(username, username, Role.ADMIN, password_hash=kept), first_admin=True
            )
            if done == 0:
                log.warning("ADMIN_USERNAME belongs to somebody who is no admin")
            elif done == 1:
                log.info("made the first admin", user_id=account_id)
        self._first = None

    def has_admin(self) -> bool:
        return self._accounts.has_admin()

    def crown(self, username: str, password: str | None) -> Account:
        """Make `username` an admin who can sign in; with `password`, also make the account or set that password.
        For who has a shell on the server. Raises AppError: not_found, username_invalid, weak_password,
        login_not_offered."""
        account = self._crowned(username, password)
        self._audit(User("shell", "shell"), "user.promoted", account.id, username=account.username)
        return account

    def _crowned(self, username: str, password: str | None) -> Account:
        check_username(username)
        found = self._accounts.by_username(username)
        if password is not None:
            self._passwords.check(password, username)
            kept = self._passwords.hash(password)
            if found is None:
                account_id = new_id("a")
                self._accounts.add(account_id, AccountDraft(username, username, Role.ADMIN, password_hash=kept))
                return self.get(account_id)
            self._accounts.set_password(found[0].id, kept)
        if found is None:
            raise AppError("not_found")
        self._accounts.change(found[0].id, AccountChange(role=Role.ADMIN, disabled=False))
        return self.get(found[0].id)

    def get(self, account_id: str) -> Account:
        """Raises AppError("not_found")."""
        account = self._accounts.get(account_id)
        if account is None:
            raise AppError("not_found")
        return account

    def page(self, cursor: str | None, limit: int, q: str) -> Page[Account]:
        return self._accounts.page(cursor, limit, q)

    def create(
        self, by: Identity, username: str, name: str, password: str, *, role: Role, email: str | None
    ) -> Account:
        """Raises AppError: username_invalid, username_taken, weak_password, field_invalid."""
        check_username(username)
        self._passwords.check(password, username)
        account_id = new_id("a")
        draft = AccountDraft(username, name, role, email, self._passwords.hash(password))
        if self._accounts.add(account_id, draft) == 0:
            raise AppError.at("username", "username_taken", username=username)
        self._audit(by.user, "user.created", account_id, username=username, role=role.value)
        return self.get(account_id)

    def change(self, by: Identity, account_id: str, change: AccountChange) -> Account:
        """Raises AppError: not_found, last_admin."""
        _done(self._accounts.change(account_id, change))
        told = {name: getattr(change, name) for name in ("role", "disabled") if getattr(change, name) is not None}
        fields = [name for name in ("name", "email") if getattr(change, name) is not None]
        self._audit(by.user, "user.changed", account_id, fields=fields, **told)
        return self.get(account_id)

    def change_own(self, who: Identity, change: AccountChange) -> Identity:
        """Name and address. Raises AppError: login_not_offered, not_found."""
        if who.auth == "none":
            raise AppError("login_not_offered")
        only = AccountChange(name=change.name, email=change.email)
        _done(self._accounts.change(who.account.id, only))
        return Identity(self.get(who.account.id), who.auth, who.credential, who.scopes)

    def remove(self, by: Identity, account_id: str) -> None:
        """What it owns stays, for admins to see. Raises AppError: not_found, last_admin."""
        account = self.get(account_id)
        _done(self._accounts.remove(account))
        self._audit(by.user, "user.removed", account_id, username=account.username)

    def sign_out(self, by: Identity, account_id: str) -> None:
        """End all sessions. Raises AppError("not_found")."""
        self._accounts.end_sessions(self.get(account_id))
        self._audit(by.user, "user.signed_out", account_id)


def _done(done: int) -> None:
    if done == 0:
        raise AppError("not_found")
    if done == -1:
        raise AppError("last_admin")
