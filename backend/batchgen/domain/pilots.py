"""Pilots: a sample of a batch is made first, the rest stands still until a person approves."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

MAX_SAMPLE, DEFAULT_SAMPLE = 20, 3
type Mode = Literal["first", "spread", "chosen"]


class PilotState(StrEnum):
    RUNNING = "running"  # its sample is being made
    REVIEW = "review"  # a person is to look at it
    APPROVED = "approved"  # the rest goes on
    STOPPED = "stopped"  # it ended without approval: what there is, is the sample


@dataclass(frozen=True, slots=True)
class PilotAsked:
    """What a caller wants to see first. `indexes`: of items as the batch will have them, for "chosen" alone."""

    mode: Mode = "first"
    size: int = DEFAULT_SAMPLE
    indexes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pilot:
    state: PilotState
    indexes: tuple[int, ...]  # its sample
    round: int  # how often the sample was asked for
    held_back: int  # items that wait for the approval


def sample_of(asked: PilotAsked, rows: int, variants: int) -> tuple[int, ...]:
    """The indexes of the sample among `rows` of `variants` items each, in order. Of each row its first variant comes
    before the second one of any: a sample is to show different images."""
    if asked.mode == "chosen":
        return tuple(sorted(set(asked.indexes)))
    size = min(asked.size, rows * variants)
    if asked.mode == "spread" and size < rows:
        picked = [i * (rows - 1) // max(1, size - 1) * variants for i in range(size)]
    else:
        picked = [i % rows * variants + i // rows for i in range(size)]
    return tuple(sorted(picked))


def pilot_state(*, approved: bool, left: int, held_back: int) -> PilotState:
    """`left`: items that have not ended, with those that are held back."""
    if approved:
        return PilotState.APPROVED
    if left > held_back:
        return PilotState.RUNNING
    return PilotState.REVIEW if held_back else PilotState.STOPPED
