"""Links that let somebody in once: invitations and password resets. The secret stands behind the `#` of the link, so no
server's log ever sees it; only its SHA-256 is stored."""

import secrets

import structlog

from batchgen.domain.accounts import Account, AccountDraft, Identity, Invitation, Role, folded
from batchgen.domain.ids import new_id
from batchgen.domain.notices import Kind, NoticeError, Target
from batchgen.engine.channels import Channels
from batchgen.engine.letters import invitation as invitation_letter
from batchgen.engine.letters import reset as reset_letter
from batchgen.engine.messages import Message
from batchgen.errors import AppError
from batchgen.services.auditing import Audit
from batchgen.services.passwords import Passwords
from batchgen.services.people import check_username
from batchgen.store.accounts import Accounts
from batchgen.store.sessions import sha256
from batchgen.store.tickets import Tickets

log = structlog.get_logger(__name__)
_DAY_MS = 24 * 3600 * 1000
RESET_MS = _DAY_MS


class Letters:
    """Mail, where the admin has a server for it."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    @property
    def offered(self) -> bool:
        return Kind.EMAIL in self._channels.kinds()

    def send(self, address: str | None, message: Message) -> bool:
        """Whether it was taken; the link is shown in any case, so nothing else is done about it."""
        if not address or not self.offered:
            return False
        try:
            self._channels.send(Target(new_id("n"), Kind.EMAIL, address), message, "")
        except NoticeError as told:
            log.warning("mail was not taken", code=told.code)
            return False
        return True


class InvitationService:
    """`base_url`: where people reach us."""

    def __init__(
        self, tickets: Tickets, accounts: Accounts, passwords: Passwords, letters: Letters, base_url: str, audit: Audit
    ) -> None:
        self._tickets, self._accounts, self._passwords = tickets, accounts, passwords
        self._letters, self._base_url, self._audit = letters, base_url, audit

    @property
    def mails(self) -> bool:
        return self._letters.offered

    def make(
        self, by: Identity, *, role: Role, username: str | None, email: str | None, days: int, language: str
    ) -> tuple[Invitation, str, bool]:
        """The invitation, its link, and whether it was mailed.
        Raises AppError: username_invalid, username_taken, login_not_offered."""
        self._passwords.require_offered()
        if username is not None:
            check_username(username)
            if self._accounts.by_username(username):
                raise AppError.at("username", "username_taken", username=username)
        secret = secrets.token_urlsafe(32)
        made = self._tickets.invite(
            sha256(secret), new_id("i"), role=role, life_ms=days * _DAY_MS, username=username, email=email
        )
        link = f"{self._base_url}/invite#{secret}"
        mailed = self._letters.send(email, invitation_letter(language, link, made.expires_ms, by.user.name))
        self._audit(by.user, "invitation.created", made.id, role=role.value, mailed=mailed)
        return made, link, mailed

    def open(self) -> list[Invitation]:
        return self._tickets.invitations()

    def withdraw(self, by: Identity, invitation_id: str) -> None:
        """Raises AppError("not_found")."""
        if not self._tickets.withdraw(invitation_id):
            raise AppError("not_found")
        self._audit(by.user, "invitation.withdrawn", invitation_id)

    def look(self, secret: str) -> Invitation:
        """Raises AppError("not_found"): wrong, used, late."""
        found = self._tickets.invitation(sha256(secret))
        if found is None:
            raise AppError("not_found")
        return found

    def accept(self, secret: str, username: str, name: str, password: str) -> Account:
        """The new account.
        Raises AppError: not_found, username_invalid, username_taken, weak_password, field_invalid."""
        found = self.look(secret)
        check_username(username)
        if found.username is not None and folded(found.username) != folded(username):
            raise AppError.at("username", "field_invalid", field="username", reason=found.username)
        self._passwords.check(password, username)
        account_id = new_id("a")
        draft = AccountDraft(username, name, found.role, found.email, self._passwords.hash(password))
        done = self._accounts.add(account_id, draft, invitation=sha256(secret))
        if done == 0:
            raise AppError.at("username", "username_taken", username=username)
        account = self._accounts.get(account_id) if done == 1 else None
        if account is None:
            raise AppError("not_found")
        self._audit(account.user, "invitation.accepted", found.id, username=username)
        return account


class ResetService:
    """`base_url`: where people reach us."""

    def __init__(
        self, tickets: Tickets, accounts: Accounts, passwords: Passwords, letters: Letters, base_url: str, audit: Audit
    ) -> None:
        self._tickets, self._accounts, self._passwords = tickets, accounts, passwords
        self._letters, self._base_url, self._audit = letters, base_url, audit

    def make(self, by: Identity, account_id: str, language: str) -> tuple[str, int, bool]:
        """The link, when it expires (ms), and whether it was mailed. Raises AppError: not_found, login_not_offered."""
        self._passwords.require_offered()
        account = self._accounts.get(account_id)
        if account is None:
            raise AppError("not_found")
        secret = secrets.token_urlsafe(32)
        expires_ms = self._tickets.reset(sha256(secret), account, RESET_MS)
        link = f"{self._base_url}/reset#{secret}"
        mailed = self._letters.send(account.email, reset_letter(language, link, expires_ms))
        self._audit(by.user, "reset.created", account_id, mailed=mailed)
        return link, expires_ms, mailed

    def look(self, secret: str) -> tuple[Account, int]:
        """Whose password, until when (ms). Raises AppError("not_found")."""
        found = self._tickets.reset_of(sha256(secret))
        if found is None or found[0].disabled:
            raise AppError("not_found")
        return found

    def accept(self, secret: str, password: str) -> None:
        """Raises AppError: not_found, weak_password, field_invalid."""
        account, _ = self.look(secret)
        self._passwords.check(password, account.username)
        if not self._accounts.set_password(account.id, self._passwords.hash(password), reset=sha256(secret)):
            raise AppError("not_found")
        self._audit(account.user, "reset.accepted", account.id)
