"""The ledger, read: entries in pages, and the sums that the scripts keep beside it."""

from collections.abc import Iterator

from batchgen.domain.ledger import Entry, Scope, Spend
from batchgen.store.connection import Client
from batchgen.store.keys import is_economy, key, provider_of

_CHUNK = 500
_MOST_READ = 20_000  # entries that one page looks through


class Ledger:
    def __init__(self, client: Client) -> None:
        self._redis = client

    def newest(self, scope: Scope, before: str | None, count: int) -> tuple[list[Entry], str | None]:
        """Up to `count` entries, newest first, older than the id `before`; and where the next page begins. A page may
        be short, or empty, though more follow: it looks through so many entries only."""
        found: list[Entry] = []
        top, last = f"({before}" if before else _end(scope), None
        for _ in range(_MOST_READ // _CHUNK):
            chunk = self._redis.xrevrange(key("ledger"), max=top, min=scope.start_ms, count=_CHUNK)
            for entry in map(_entry, chunk):
                if len(found) == count:
                    return found, last
                last = entry.id
                if scope.takes(entry):
                    found.append(entry)
            if len(chunk) < _CHUNK:
                return found, None
            top = f"({last}"
        return found, last

    def oldest(self, scope: Scope, until: str | None = None) -> Iterator[Entry]:
        """All entries in order, up to the id `until`; memory does not grow with them."""
        bottom: str | int = scope.start_ms
        while chunk := self._redis.xrange(key("ledger"), min=bottom, max=until or _end(scope), count=_CHUNK):
            yield from filter(scope.takes, map(_entry, chunk))
            bottom = f"({chunk[-1][0]}"

    def spends(self, month: str) -> list[Spend]:
        """What each user spent with each model on each day of a month."""
        return to_spends(self._redis.hgetall(key("spend", month)))


def to_spends(raw: dict[str, str]) -> list[Spend]:
    sums: dict[tuple[str, str, str], dict[str, int]] = {}
    for field, value in raw.items():
        day, what, lane, user = field.split("|", 3)
        sums.setdefault((day, lane, user), {})[what] = int(value)
    return [
        Spend(day, user, *_pair(lane), told.get("s", 0), told.get("p", 0), told.get("n", 0))
        for (day, lane, user), told in sums.items()
    ]


def _pair(lane: str) -> tuple[str, str]:
    return provider_of(lane), lane.partition("/")[2]


def _end(scope: Scope) -> str:
    return "+" if scope.end_ms is None else f"({scope.end_ms}"


def _entry(raw: tuple[str, dict[str, str]]) -> Entry:
    entry_id, told = raw
    provider, model = _pair(told["lane"])
    return Entry(
        id=entry_id, user=told["user"], item_id=told["item"], attempt=int(told["attempt"]), provider=provider,
        model=model, kind=told["kind"], amount=int(told["amount"]), price=int(told["price"]),  # type: ignore[arg-type]
        quantity=int(told["quantity"]), unit=told["unit"], month=told["month"],
        lane="economy" if is_economy(told["lane"]) else "normal",
    )  # fmt: skip
