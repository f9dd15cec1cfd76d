"""The economy lane: the same pictures at the price of the provider's batch API, by a time that the person names."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from batchgen.domain.failures import Failure

Lane = Literal["normal", "economy"]
UNMEASURED_MS = 40_000  # a picture in the normal lane, where none was made yet
LONGEST_DAYS = 7
_SLOWEST_POLL = 10  # times the first interval


class JobState(StrEnum):
    """What becomes of a job, ours and the provider's words in one row."""

    PREPARING = "preparing"  # its items are put together; nothing was sent
    SENT = "sent"  # its name is written down; whether the provider has it is not known
    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    ABANDONED = "abandoned"  # its items went on without it; how it ended is still asked for
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = frozenset({JobState.PENDING, JobState.RUNNING})
ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed at the start. `full_price_ok`: what would be late may be made at `full_price_micros`, which is
    then held for each item; what is made in time costs `price_micros`."""

    needed_by_ms: int
    full_price_ok: bool
    full_price_micros: int
    price_micros: int

    @property
    def hold_micros(self) -> int:
        return self.full_price_micros if self.full_price_ok else self.price_micros


@dataclass(frozen=True, slots=True)
class JobFacts:
    """One job as people see it. `moved`: items that it gave back to the normal lane."""

    state: JobState
    items: int
    created_ms: int
    ended_ms: int | None
    moved: int


@dataclass(frozen=True, slots=True)
class Economy:
    """How a batch of the economy lane stands at `now_ms`."""

    agreed: Agreement
    jobs: tuple[JobFacts, ...]
    now_ms: int


class Look(NamedTuple):
    """A job as its provider tells of it. `failure`: why the whole of it failed."""

    state: JobState
    failure: Failure | None = None


def turning_ms(agreed: Agreement, left: int, at_once: int, picture_ms: int, margin_ms: int) -> int:
    """When the batch API's time is over: what is not back by then can just be made in the normal lane, or, without
    consent to its price, is late."""
    if not agreed.full_price_ok:
        return agreed.needed_by_ms
    rounds = -(-left // max(1, at_once))
    return agreed.needed_by_ms - rounds * (picture_ms or UNMEASURED_MS) - margin_ms


def poll_delay_s(first_s: float, polls: int) -> float:
    """Seconds until a job is looked at again: half as long again each time, up to ten times the first interval."""
    return first_s * min(_SLOWEST_POLL, 1.5 ** min(polls, 20))
