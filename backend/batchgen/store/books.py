"""Proves that the ledger, the items and the budgets tell the same, and names what does not."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from batchgen.domain.budgets import Sums, Terms
from batchgen.domain.ledger import Difference, Entry, Scope
from batchgen.store.connection import Client
from batchgen.store.keys import key, lane
from batchgen.store.ledger import Ledger
from batchgen.store.scripts import Script

_ALL = "@team"


class Books:
    def __init__(self, client: Client, ledger: Ledger, terms: Terms) -> None:
        self._redis, self._ledger, self._terms = client, ledger, terms
        self._money, self._batch = Script(client, "check_money"), Script(client, "check_batch")

    def differences(self, tries: int = 3) -> list[Difference]:
        """Of one moment each, also while work goes on; looked at again, for a batch may have gone meanwhile."""
        found: set[Difference] = set()
        for n in range(tries):
            again = set(self._look())
            found = again if n == 0 else found & again
            if not found:
                break
        return sorted(found)

    def _look(self) -> Iterator[Difference]:
        month_keys, spend_keys = self._keys("month", "*", "*"), self._keys("spend", "*")
        owners = [name.removeprefix(key("batches", "")) for name in self._keys("batches", "*")]
        now: dict[str, Any] = json.loads(self._money(owners, keys=month_keys + spend_keys))
        by_batch, by_month, by_day = self._read(now["last"])
        for batch, stored in dict(now["batches"] or {}).items():
            sums = Sums(*(int(value or 0) for value in stored))
            yield from _compared(f"batch {batch}", "ledger ", by_batch[batch, "s"], sums.settled, "settled")
            yield from _compared(f"batch {batch}", "ledger ", by_batch[batch, "p"], sums.unclear, "possibly paid")
            yield from self._items(batch)
        yield from _months(now, by_month)
        yield from _days(now, by_day)

    def _keys(self, *name: str) -> list[str]:
        return sorted(self._redis.scan_iter(match=key(*name), count=1000))

    def _read(self, last: str) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]], Counter[tuple[str, str]]]:
        """The ledger up to the entry `last`, by batch, by payer and month, and as its own sums stand."""
        by_batch, by_month, by_day = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for entry in self._ledger.oldest(Scope(), until=last):
            what = "s" if entry.kind == "settled" else "p"
            by_batch[entry.batch_id, what] += entry.amount
            for payer in (entry.user, _ALL):
                by_month[f"{payer} {entry.month}", what] += entry.amount
            day, tail = self._terms.day_of(entry.at_ms), f"{_lane(entry)}|{entry.user}"
            by_day[f"{day:%Y-%m}", f"{day}|{what}|{tail}"] += entry.amount
            by_day[f"{day:%Y-%m}", f"{day}|n|{tail}"] += _calls(entry)
        return by_batch, by_month, by_day

    def _items(self, batch: str) -> Iterator[Difference]:
        told = [int(value) for value in self._batch(batch, keys=[key("batch", batch)])]
        if not told:
            return
        held, settled, unclear, open_, cost, paid, possibly = told
        name = f"batch {batch}"
        yield from _compared(name, "items ", open_, held, "held")
        yield from _compared(name, "items ", cost, settled, "settled")
        yield from _compared(name, "attempts ", paid, settled, "settled")
        yield from _compared(name, "attempts ", possibly, unclear, "possibly paid")


def _lane(entry: Entry) -> str:
    return lane(entry.provider, entry.model, economy=entry.lane == "economy")


def _calls(entry: Entry) -> int:
    return -1 if entry.kind == "correction" else 1


def _compared(of: str, by: str, expected: int, found: int, name: str) -> Iterator[Difference]:
    if expected != found:
        yield Difference(of, f"{by}{name}", expected, found)


def _pairs(flat: list[str]) -> dict[str, int]:
    return {flat[i]: int(flat[i + 1]) for i in range(0, len(flat), 2)}


def _months(now: dict[str, Any], by_month: Counter[tuple[str, str]]) -> Iterator[Difference]:
    stored = _stored(now, key("month", "", "").rstrip(":"))
    by_name = {" ".join(name.rsplit(":", 1)): sums for name, sums in stored.items()}
    open_ = {name: int(held) for name, held in dict(now["open"] or {}).items()}
    for name in sorted({*by_name, *open_, *(name for name, _ in by_month)}):
        sums = by_name.get(name, {})
        yield from _compared(f"month {name}", "items ", open_.get(name, 0), sums.get("held", 0), "held")
        yield from _compared(f"month {name}", "ledger ", by_month[name, "s"], sums.get("settled", 0), "settled")
        yield from _compared(f"month {name}", "ledger ", by_month[name, "p"], sums.get("unclear", 0), "possibly paid")


def _days(now: dict[str, Any], by_day: Counter[tuple[str, str]]) -> Iterator[Difference]:
    stored = {
        (month, field): value
        for month, sums in _stored(now, key("spend", "").rstrip(":")).items()
        for field, value in sums.items()
    }
    for month, field in sorted({*stored, *by_day}):
        yield from _compared(f"day {field}", "ledger ", by_day[month, field], stored.get((month, field), 0), "sum")


def _stored(now: dict[str, Any], prefix: str) -> dict[str, dict[str, int]]:
    """Of the hashes whose keys begin so: the rest of the key, and the fields."""
    return {
        name.removeprefix(f"{prefix}:"): _pairs(flat)
        for name, flat in dict(now["stored"] or {}).items()
        if name.startswith(f"{prefix}:")
    }
