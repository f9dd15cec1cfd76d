"""The ledger: every charge, once, in order. Nothing in it ever changes; what was wrong is taken back by a new entry."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from batchgen.domain.economy import Lane

Kind = Literal["settled", "possibly_paid", "correction"]
By = Literal["user", "model", "day"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One charge of one attempt. `price`: micro-USD of one `unit`, a picture or a million tokens; `amount`: micro-USD,
    below 0 in a correction; `month`: whose budget it counts in."""

    id: str  # `<ms>-<n>`
    user: str
    item_id: str
    attempt: int
    provider: str
    model: str
    kind: Kind
    amount: int
    price: int
    quantity: int
    unit: str
    month: str
    lane: Lane = "normal"

    @property
    def at_ms(self) -> int:
        return int(self.id.partition("-")[0])

    @property
    def batch_id(self) -> str:
        return self.item_id.rpartition("-")[0]


class Scope(NamedTuple):
    """Which entries are meant: from a time until before another (ms), of a user, of a model."""

    start_ms: int = 0
    end_ms: int | None = None
    user: str | None = None
    model: str | None = None

    def takes(self, entry: Entry) -> bool:
        return self.user in (None, entry.user) and self.model in (None, entry.model)


class Spend(NamedTuple):
    """What one user spent with one model on one day (by the team's time zone), micro-USD."""

    day: str
    user: str
    provider: str
    model: str
    settled: int = 0
    possibly_paid: int = 0
    calls: int = 0


class SpendRow(NamedTuple):
    """A sum over all that shares `key`: a user's id, `provider/model`, or a day."""

    key: str
    name: str
    settled: int
    possibly_paid: int
    calls: int


class Difference(NamedTuple):
    """Two accounts of one sum that do not agree. `of`: "batch b…", "month ann 2026-11", "day 2026-11-25 …"."""

    of: str
    sum: str
    expected: int
    found: int


def summed(spends: list[Spend], by: By) -> list[SpendRow]:
    """Days in order; users and models by what they cost, the most first."""
    sums: dict[str, list[int]] = {}
    for one in spends:
        name = {"user": one.user, "day": one.day, "model": f"{one.provider}/{one.model}"}[by]
        row = sums.setdefault(name, [0, 0, 0])
        for n, amount in enumerate((one.settled, one.possibly_paid, one.calls)):
            row[n] += amount
    rows = [SpendRow(name, name, *row) for name, row in sums.items() if any(row)]
    return sorted(rows, key=lambda r: (r.key,) if by == "day" else (-r.settled - r.possibly_paid, r.key))
