"""What may be spent, and in which month and on which day something is: by the team's own calendar."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

TEAM = "team"  # whose budget: all users together
Whose = Literal["user", "team", "batch"]


class Caps(NamedTuple):
    """Micro-USD; None: no cap. `user` and `team` in a month, where no admin has set another."""

    user: int | None = None
    team: int | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a step that moves money, or puts items into the queue, has to know. `max_open`: how many items of one person
    may be not final; None: no cap."""

    caps: Caps = Caps()
    zone: tzinfo = UTC
    max_open: int | None = None

    def wire(self, now_ms: int | None = None) -> dict[str, object]:
        """As the scripts read it. Redis's clock picks the day, so the days around ours go along."""
        today = self.day_of(_now_ms() if now_ms is None else now_ms)
        days = [today + timedelta(days=n) for n in (-1, 0, 1)]
        caps = {name: _wired(cap) for name, cap in self.caps._asdict().items()}
        return {"days": [[self.starts_ms(day), day.isoformat()] for day in days], "open": _wired(self.max_open), **caps}

    def day_of(self, ms: int) -> date:
        return datetime.fromtimestamp(ms / 1000, self.zone).date()

    def starts_ms(self, day: date) -> int:
        """When `day` begins in the team's time zone."""
        return int(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp()) * 1000

    def today(self) -> date:
        return self.day_of(_now_ms())

    def month(self) -> str:
        return f"{self.today():%Y-%m}"


class Sums(NamedTuple):
    """Micro-USD: taken for what is still to be made, paid, possibly paid."""

    held: int = 0
    settled: int = 0
    unclear: int = 0

    @property
    def used(self) -> int:
        return self.settled + self.unclear


@dataclass(frozen=True, slots=True)
class Budget:
    """A payer's month. `cap`: None: none; `own`: an admin has set it."""

    id: str
    name: str
    cap: int | None
    own: bool
    sums: Sums

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(0, self.cap - self.sums.held - self.sums.used)


class Over(NamedTuple):
    """The cap that `asked` more would pass."""

    whose: Whose
    cap: int
    used: int
    held: int
    asked: int


def _wired(cap: int | None) -> int:
    return -1 if cap is None else cap


def _now_ms() -> int:
    return int(time.time() * 1000)
