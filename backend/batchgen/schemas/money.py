"""Budgets and the ledger as the API carries them. Amounts are whole micro-USD whatever is shown."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field

from batchgen.domain.budgets import Budget
from batchgen.domain.economy import Lane
from batchgen.domain.ledger import By, Difference, Entry, SpendRow
from batchgen.domain.money import MOST_MICROS, Currency
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339
from batchgen.schemas.batches import OwnerOut


class BudgetIn(Incoming):
    monthly_micros: int | None = Field(
        ge=0, le=MOST_MICROS, description="0: nothing may be spent; null: as the settings have it"
    )


class BudgetOut(Outgoing):
    id: str = Field(description='a user\'s id, or "team"')
    name: str
    monthly_micros: int | None = Field(description="null: no cap")
    own: bool = Field(description="an admin has set it; else it is the settings'")
    held_micros: int
    settled_micros: int
    possibly_paid_micros: int

    @classmethod
    def of(cls, b: Budget) -> Self:
        return cls(
            id=b.id, name=b.name, monthly_micros=b.cap, own=b.own, held_micros=b.sums.held,
            settled_micros=b.sums.settled, possibly_paid_micros=b.sums.unclear,
        )  # fmt: skip


class MoneyOut(Outgoing):
    currency: Currency
    usd_cny_rate: str
    time_zone: str
    month: str
    user: BudgetOut
    team: BudgetOut
    batch_limit_micros: int | None


Day = Annotated[
    date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31), description="by the team's time zone, included")
]  # fmt: skip


class LedgerQuery(Incoming):
    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")
    user: str | None = Field(None, max_length=100)
    model: str | None = Field(None, max_length=100)


class LedgerPageQuery(LedgerQuery):
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


class SummaryQuery(LedgerQuery):
    by: By = "day"


class EntryOut(Outgoing):
    id: str
    at: Time
    user: OwnerOut
    batch_id: str
    item_id: str
    attempt: int
    provider: str
    model: str
    lane: Lane = Field(description="economy: at the price of the batch API")
    kind: Literal["settled", "possibly_paid", "correction"]
    unit: str = Field(description='"picture", or "tokens": then the price is of a million')
    unit_price_micros: int
    quantity: int
    amount_micros: int = Field(description="below 0 in a correction")
    month: str = Field(description="in whose budget it counts: the month in which it was held")

    @classmethod
    def of(cls, e: Entry, names: dict[str, str]) -> Self:
        return cls.model_validate(
            {"id": e.id, "at": rfc3339(e.at_ms), "user": {"id": e.user, "name": names.get(e.user, e.user)},
             "batch_id": e.batch_id, "item_id": e.item_id, "attempt": e.attempt, "provider": e.provider,
             "model": e.model, "lane": e.lane, "kind": e.kind, "unit": e.unit, "unit_price_micros": e.price,
             "quantity": e.quantity, "amount_micros": e.amount, "month": e.month}
        )  # fmt: skip


class LedgerPageOut(Outgoing):
    items: list[EntryOut]
    next_cursor: str | None = Field(description="a page may be short though more follow")


class SpendRowOut(Outgoing):
    key: str
    name: str
    settled_micros: int
    possibly_paid_micros: int
    calls: int

    @classmethod
    def of(cls, row: SpendRow) -> Self:
        return cls(
            key=row.key, name=row.name, settled_micros=row.settled, possibly_paid_micros=row.possibly_paid,
            calls=row.calls,
        )  # fmt: skip


class DifferenceOut(Outgoing):
    of: str
    sum: str
    expected: int
    found: int

    @classmethod
    def made(cls, d: Difference) -> Self:
        return cls(of=d.of, sum=d.sum, expected=d.expected, found=d.found)


class CheckOut(Outgoing):
    clean: bool
    differences: list[DifferenceOut]
