"""What the services about accounts tell the audit log: who did what to whom, and no secret."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from batchgen.domain.accounts import AccountChange, Identity, Role, Scope
from batchgen.domain.models import User
from batchgen.engine.channels import Channels
from batchgen.engine.webhooks import Webhooks
from batchgen.errors import AppError
from batchgen.providers.guard import Guard
from batchgen.services.accounts import AccountConfig, AccountServices, assemble
from batchgen.services.passwords import Passwords
from batchgen.store.connection import Client

WORDS, OTHER = "correct horse battery", "another long one"


class Book:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []
        self.all = ""

    def __call__(self, actor: User, action: str, target: str, **details: object) -> None:
        self.lines.append((actor.name, action, target))
        self.all += f"{actor} {action} {target} {details}\n"

    def take(self) -> list[tuple[str, str, str]]:
        taken, self.lines = self.lines, []
        return taken


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def services(redis: Client, book: Book) -> Iterator[AccountServices]:
    config = AccountConfig("password", "http://localhost", "s" * 32, 1000_000, 1000_000, ("root", WORDS))
    with ThreadPoolExecutor(2) as pool:
        passwords = Passwords(pool, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield assemble(redis, config, passwords, Channels(Webhooks(Guard([]))), book)


def test_logins_failures_and_logouts_are_written_down(services: AccountServices, book: Book):
    entry = services.login.enter("root", WORDS, "10.0.0.1")
    root = Identity(entry.account, "session", "c")
    services.login.leave(entry.session, root)
    services.login.leave_everywhere(root)
    services.login.change_password(root, WORDS, OTHER)
    for name in ("root", "nobody"):
        with pytest.raises(AppError):
            services.login.enter(name, "wrong words", "10.0.0.1")

    me = entry.account.id
    assert book.take() == [
        ("root", "login", me), ("root", "logout", me), ("root", "logout.everywhere", me),
        ("root", "password.changed", me), ("root", "login.failed", me), ("", "login.failed", ""),
    ]  # fmt: skip


def test_changes_of_people_are_written_down_with_who_made_them_and_no_secret(services: AccountServices, book: Book):
    root = Identity(services.login.enter("root", WORDS, "10.0.0.1").account, "session", "c")
    book.take()

    ann = services.people.create(root, "ann", "Ann", WORDS, role=Role.MEMBER, email=None)
    services.people.change(root, ann.id, AccountChange(role=Role.ADMIN, name="Anna"))
    services.people.sign_out(root, ann.id)
    link, _, _ = services.resets.make(root, ann.id, "en")
    services.resets.accept(link.partition("#")[2], OTHER)
    made, invite, _ = services.invitations.make(
        root, role=Role.MEMBER, username=None, email=None, days=1, language="en"
    )
    services.invitations.accept(invite.partition("#")[2], "bob", "Bob", OTHER)
    other, _, _ = services.invitations.make(root, role=Role.MEMBER, username=None, email=None, days=1, language="en")
    services.invitations.withdraw(root, other.id)
    token, secret = services.tokens.make(root, "script", [Scope.READ], None)
    services.tokens.end(root, token.id)
    services.people.remove(root, ann.id)

    assert book.take() == [
        ("root", "user.created", ann.id), ("root", "user.changed", ann.id), ("root", "user.signed_out", ann.id),
        ("root", "reset.created", ann.id), ("Anna", "reset.accepted", ann.id),
        ("root", "invitation.created", made.id), ("Bob", "invitation.accepted", made.id),
        ("root", "invitation.created", other.id), ("root", "invitation.withdrawn", other.id),
        ("root", "token.created", token.id), ("root", "token.removed", token.id), ("root", "user.removed", ann.id),
    ]  # fmt: skip
    assert not [s for s in (WORDS, OTHER, secret, link.partition("#")[2], invite.partition("#")[2]) if s in book.all]


def test_who_has_a_shell_is_written_down_too(services: AccountServices, book: Book):
    made = services.people.crown("ann", WORDS)

    assert book.take() == [("shell", "user.promoted", made.id)]
    assert WORDS not in book.all
