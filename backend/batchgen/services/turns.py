"""Who is in the queue, for everybody who waits in it. Others' batches are what they are to oneself: a number."""

from typing import NamedTuple

from batchgen.domain.models import Batch, User
from batchgen.domain.pace import Hold
from batchgen.domain.turns import Turn, turns_of
from batchgen.services.access import may_read
from batchgen.store.batches import Batches
from batchgen.store.keys import is_economy
from batchgen.store.load import Loads
from batchgen.store.queue import Queue

_MOST = 50  # turns of a lane that are told, besides one's own


class SeenTurn(NamedTuple):
    """`batch`: None where the viewer may not see whose it is."""

    turn: Turn
    batch: Batch | None
    mine: bool


class Board(NamedTuple):
    """One lane with work in it. `each_ms`: measured time of a picture, or 0; `more`: turns that are left out."""

    provider: str
    model: str
    slots: int
    running: int
    each_ms: int
    hold: Hold | None
    turns: list[SeenTurn]
    more: int


class TurnsService:
    def __init__(self, queue: Queue, loads: Loads, batches: Batches) -> None:
        self._queue, self._loads, self._batches = queue, loads, batches

    def boards(self, user: User) -> list[Board]:
        """Of every lane in which somebody waits or something runs."""
        found = (self._board(user, lane) for lane in self._queue.lanes() if not is_economy(lane))
        return [board for board in found if board.turns or board.running]

    def _board(self, user: User, lane: str) -> Board:
        load, slots = self._loads.of(lane), self._queue.room(lane)
        turns = turns_of(load.turns, slots=slots, each_ms=load.each_ms)
        batches = {batch.id: batch for batch in self._batches.get_many(turn.batch_id for turn in turns)}
        seen = [_seen(user, turn, batches.get(turn.batch_id)) for turn in turns]
        told = [one for n, one in enumerate(seen) if n < _MOST or one.mine]
        provider, _, model = lane.partition("/")
        hold = self._queue.hold(lane)
        return Board(provider, model, slots, load.running, load.each_ms, hold, told, len(seen) - len(told))


def _seen(user: User, turn: Turn, batch: Batch | None) -> SeenTurn:
    mine = batch is not None and batch.owner.id == user.id
    return SeenTurn(turn, batch if batch and may_read(user, batch) else None, mine)
