"""Who spent what: the ledger in pages, in sums and as a table, and the proof that it is right."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from batchgen.domain.budgets import Terms
from batchgen.domain.ledger import By, Difference, Entry, Scope, SpendRow, summed
from batchgen.domain.models import Page, User
from batchgen.domain.money import dollars
from batchgen.errors import AppError
from batchgen.media.spreadsheets import csv_pieces
from batchgen.services.access import require_admin, spender
from batchgen.store.books import Books
from batchgen.store.budgets import Budgets
from batchgen.store.ledger import Ledger

_HEAD = (
    "time", "user", "user_name", "batch", "item", "attempt", "provider", "model", "lane", "kind", "unit",
    "unit_price_micros", "quantity", "amount_micros", "amount_usd", "month",
)  # fmt: skip
_MOST_MONTHS = 120


class Asked(NamedTuple):
    """Days by the team's time zone, both included; None: no bound."""

    first: date | None = None
    last: date | None = None
    user: str | None = None
    model: str | None = None


class LedgerService:
    def __init__(self, ledger: Ledger, budgets: Budgets, books: Books, terms: Terms) -> None:
        self._ledger, self._budgets, self._books, self._terms = ledger, budgets, books, terms

    def page(self, user: User, asked: Asked, cursor: str | None, limit: int) -> tuple[Page[Entry], dict[str, str]]:
        """Newest first, with the users' names. Raises AppError: not_found for another's, field_invalid."""
        scope = self._scope(user, asked)
        if cursor is not None and not _is_id(cursor):
            raise AppError.at("cursor", "field_invalid", field="cursor", reason=cursor[:40])
        entries, after = self._ledger.newest(scope, cursor, limit)
        return Page(entries, after), self._budgets.names()

    def summary(self, user: User, asked: Asked, by: By) -> list[SpendRow]:
        """Sums from the first to the last day, this month where none is given. Raises AppError("not_found")."""
        scope, today = self._scope(user, asked), self._terms.today()
        first, last = asked.first or today.replace(day=1), asked.last or today
        found = [
            one
            for month in _months(first, last)
            for one in self._ledger.spends(month)
            if first.isoformat() <= one.day <= last.isoformat()
            and scope.user in (None, one.user)
            and scope.model in (None, one.model)
        ]
        names = self._budgets.names() if by == "user" else {}
        return [row._replace(name=names.get(row.key, row.key)) for row in summed(found, by)]

    def table(self, user: User, asked: Asked) -> Iterator[bytes]:
        """CSV, oldest first, streamed. Raises AppError("not_found")."""
        scope, names = self._scope(user, asked), self._budgets.names()
        return csv_pieces(_HEAD, (_row(entry, names) for entry in self._ledger.oldest(scope)))

    def differences(self, user: User) -> list[Difference]:
        """Raises AppError("forbidden") for who is no admin."""
        require_admin(user)
        return self._books.differences()

    def _scope(self, user: User, asked: Asked) -> Scope:
        whose = spender(user, asked.user)
        start = self._terms.starts_ms(asked.first) if asked.first else 0
        end = self._terms.starts_ms(asked.last + timedelta(days=1)) if asked.last else None
        return Scope(start, end, whose, asked.model)


def _is_id(text: str) -> bool:
    ms, _, n = text.partition("-")
    return all(part.isascii() and part.isdecimal() and len(part) <= 15 for part in (ms, n))


def _months(first: date, last: date) -> Iterator[str]:
    """At most so many, the latest: a ledger is not as old as a date can be."""
    count = last.year * 12 + last.month - first.year * 12 - first.month + 1
    for back in reversed(range(min(count, _MOST_MONTHS))):
        number = last.year * 12 + last.month - 1 - back
        yield f"{number // 12:04}-{number % 12 + 1:02}"


def _row(entry: Entry, names: dict[str, str]) -> dict[str, object]:
    at = datetime.fromtimestamp(entry.at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    row = (
        at, entry.user, names.get(entry.user, entry.user), entry.batch_id, entry.item_id, entry.attempt,
        entry.provider, entry.model, entry.lane, entry.kind, entry.unit, entry.price, entry.quantity, entry.amount,
        dollars(entry.amount), entry.month,
    )  # fmt: skip
    return dict(zip(_HEAD, row, strict=True))
