"""The queue and its workers, for admins."""

from typing import Any

from flask import Blueprint

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.api.identity import admins
from batchgen.schemas.standing import QueueOut
from batchgen.services.standing import StandingService


def blueprint(standing: StandingService) -> Blueprint:
    bp = Blueprint("queue", __name__, url_prefix="/api/queue")

    @bp.get("")
    @admins
    @operation("Who waits for what, and the workers (admins)", {200: QueueOut})
    def look() -> Any:
        return QueueOut.of(standing.look(current_user()))

    return bp
