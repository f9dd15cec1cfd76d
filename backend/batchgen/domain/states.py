"""The states of an item and of a batch, and the one table of allowed moves: the engine's, and a person's."""

from collections.abc import Mapping
from enum import StrEnum


class ItemState(StrEnum):
    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Review(StrEnum):
    """What a person says of a picture that succeeded."""

    NONE = "none"
    APPROVED = "approved"
    REJECTED = "rejected"


class BatchState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    REVIEW = "review"  # its sample is made; the rest waits for approval
    COMPLETED = "completed"
    CANCELLED = "cancelled"


S = ItemState

MOVES: dict[ItemState, set[ItemState]] = {
    S.QUEUED: {S.RUNNING, S.CANCELLED},
    S.WAITING: {S.RUNNING, S.CANCELLED},
    S.RUNNING: {S.SUCCEEDED, S.FAILED, S.WAITING, S.CANCELLED},
    S.SUCCEEDED: set(),
    S.FAILED: {S.QUEUED},
    S.CANCELLED: {S.QUEUED},
}

# What a person's word alone does: to accept a picture that was kept and marked. The engine's moves are those above.
ACCEPTS: dict[ItemState, set[ItemState]] = {S.FAILED: {S.SUCCEEDED}, S.CANCELLED: {S.SUCCEEDED}}

# A sample that is made again: what was made of it before has been seen and is given up.
REPEATS: dict[ItemState, set[ItemState]] = {state: {S.QUEUED} for state in (S.SUCCEEDED, S.FAILED, S.CANCELLED)}

# A picture that is made once more although it succeeded: what was made of it is laid by, and may be taken back.
REDOES: dict[ItemState, set[ItemState]] = {S.SUCCEEDED: {S.QUEUED}}
RESTORES: dict[ItemState, set[ItemState]] = {state: {S.SUCCEEDED} for state in (S.SUCCEEDED, S.FAILED, S.CANCELLED)}

FINAL = frozenset({S.SUCCEEDED, S.FAILED, S.CANCELLED})


def sources_of(target: ItemState, moves: Mapping[ItemState, set[ItemState]] = MOVES) -> list[str]:
    """The states from which `target` may be entered."""
    return [s.value for s, targets in moves.items() if target in targets]


def batch_state(
    counts: Mapping[ItemState, int], *, paused: bool, cancelled: bool, held_back: int = 0, sampled: bool = False
) -> BatchState:
    """Derive a batch's state from its items' counts and its two flags. `held_back`: items that wait for approval;
    `sampled`: it was cancelled when its sample was complete, so nothing of it was broken off."""
    left = sum(n for state, n in counts.items() if state not in FINAL)
    if not left:
        return BatchState.CANCELLED if cancelled and not sampled else BatchState.COMPLETED
    if paused:
        return BatchState.PAUSED
    if held_back == left and not cancelled:
        return BatchState.REVIEW
    started = counts.get(S.QUEUED, 0) < sum(counts.values())
    return BatchState.RUNNING if started else BatchState.QUEUED
