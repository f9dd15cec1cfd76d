"""Who stands in the queue of a lane, whose turn is when, and how long it takes by what was measured."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Waiting(NamedTuple):
    """One batch in a lane. `queued`: items that wait for their turn there."""

    batch_id: str
    queued: int


class Turn(NamedTuple):
    """`position`: 1 is next. `next_s`, `done_s`: seconds until its next picture starts and its last one is there; None:
    nothing was measured yet, or no worker is up."""

    batch_id: str
    queued: int
    position: int
    next_s: int | None
    done_s: int | None


def turns_of(owners: Sequence[Sequence[Waiting]], *, slots: int, each_ms: int) -> list[Turn]:
    """The queue as it will be served: owners in turn, each one's batches in turn; who is served out leaves the rounds
    to the others. `owners`: in the order in which they are served next, each with their batches in that order."""
    totals = [sum(one.queued for one in batches) for batches in owners]
    known, found = slots > 0 and each_ms > 0, []
    for place, batches in enumerate(owners):
        own = [one.queued for one in batches]
        for n, one in enumerate(batches):
            first = _served(totals, place, n + 1)
            last = _served(totals, place, _served(own, n, one.queued))
            starts = (first - 1) // slots * each_ms / 1000 if known else 0
            ends = math.ceil(last / slots) * each_ms / 1000 if known else 0
            seconds = (math.ceil(starts), math.ceil(ends)) if known else (None, None)
            found.append(Turn(one.batch_id, one.queued, first, *seconds))
    return sorted(found, key=lambda turn: turn.position)


def _served(queued: Iterable[int], place: int, turn: int) -> int:
    """How many pictures all who take turns have had when the one at `place` has had its `turn`-th."""
    return sum(min(n, turn if other <= place else turn - 1) for other, n in enumerate(queued))
