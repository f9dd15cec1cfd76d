"""A day with very many pictures: how much comes when, what it needs, and what is told of it."""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from batchgen.domain.pace import Room

DAY_S = 86_400
PROVIDERS = ("one", "two")


def curve(hour: float) -> float:
    """Load over the day's mean: 3 at 15 o'clock, 0.09 at 3."""
    return 0.0909 + 2.9091 * ((1 + math.cos((hour - 15) / 12 * math.pi)) / 2) ** 3


@dataclass(frozen=True)
class Load:
    """A window of a day. Slots are what the day's peak needs, times `room`; keys are enough in any case."""

    millions: float
    hour: float = 15
    room: float = 1.1
    call_s: tuple[float, float] = (8.0, 15.0)
    failing: float = 0.03
    batch: int = 60  # items, on average
    slots_each: int = 32
    per_minute: int = 500  # what a key may start
    sample: int = 24  # of what all workers do alike, in a step

    @property
    def mean(self) -> float:
        return self.millions * 1e6 / DAY_S

    @property
    def rate(self) -> float:
        return self.mean * curve(self.hour)

    @property
    def calls(self) -> float:
        """A call that fails is made once more."""
        return self.rate * (1 + self.failing)

    @property
    def busy(self) -> int:
        """Calls under way: Little's law."""
        return math.ceil(self.calls * statistics.mean(self.call_s))

    @property
    def slots(self) -> int:
        return self.workers * self.slots_each

    @property
    def workers(self) -> int:
        peak = 3 * self.mean * (1 + self.failing) * statistics.mean(self.call_s)
        return math.ceil(peak * self.room / self.slots_each)

    @property
    def keys(self) -> int:
        needed = math.ceil(3 * self.mean * (1 + self.failing) * 60 * max(self.room, 1.2) / self.per_minute)
        return len(PROVIDERS) * math.ceil(needed / len(PROVIDERS))

    @property
    def users(self) -> int:
        return max(20, math.ceil(self.millions * 100))

    def rooms(self) -> dict[str, Room]:
        """The limits as the settings would have them."""
        at_once = math.ceil(self.per_minute / 60 * self.call_s[1] * 1.5)
        each = self.keys // len(PROVIDERS)
        return {name: Room(at_once, self.per_minute, tuple(f"{name}{n}" for n in range(each))) for name in PROVIDERS}


class Part(NamedTuple):
    rate: float  # times a second
    us: float  # of Redis each time


class Told(NamedTuple):
    """By picture, but for `cores`, `parts`, waits and fairness. The first five are of the window, the sizes of all."""

    parts: dict[str, Part]
    us: float
    commands: float
    net_in: float
    net_out: float
    file: float
    memory: float  # of items and batches
    ledger: float
    streams: float
    events: float
    first_s: float  # that 99 of 100 batches wait for their first picture to start, at most
    wait_s: float  # the same of all pictures
    fairness: float | None  # Jain's index of the shares of those who had to wait for long; None: nobody had to

    @property
    def cores(self) -> float:
        return sum(part.rate * part.us for part in self.parts.values()) / 1e6


def jain(shares: list[float]) -> float | None:
    """1: all had the same; 1/n: one of n had everything."""
    squares = sum(one * one for one in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else None


def most(waits: Iterable[float]) -> float:
    """What 99 of 100 do not pass."""
    found = sorted(waits)
    return found[int(len(found) * 0.99)] if found else 0.0
