"""Who is in the queue, and whose turn is when."""

from typing import Any

from flask import Blueprint

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.schemas.turns import BoardOut, TurnOut
from batchgen.services.turns import Board, TurnsService


def _out(board: Board) -> BoardOut:
    return BoardOut(
        provider=board.provider, model=board.model, slots=board.slots, running=board.running,
        seconds_each=board.each_ms / 1000 if board.each_ms else None, hold=BoardOut.held(board.hold),
        turns=[TurnOut.of(*one) for one in board.turns], more=board.more,
    )  # fmt: skip


def blueprint(turns: TurnsService) -> Blueprint:
    bp = Blueprint("turns", __name__, url_prefix="/api")

    @bp.get("/turns")
    @operation("Who is in the queue of each model, and whose turn is when", {200: BoardOut}, many=True)
    def list_turns() -> Any:
        return [_out(board) for board in turns.boards(current_user())]

    return bp
