"""What a person says of a pilot's sample."""

from typing import Any

from flask import Blueprint

from batchgen.api.batches import batch_out
from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.schemas.batches import BatchOut
from batchgen.schemas.pilots import ApproveIn, PilotQuoteOut, RepeatIn
from batchgen.services.pilots import Changes, PilotService


def _changes(body: RepeatIn) -> Changes:
    return Changes(body.prompt, body.provider, body.model)


def blueprint(pilots: PilotService) -> Blueprint:
    bp = Blueprint("pilots", __name__, url_prefix="/api/batches")

    @bp.post("/<batch_id>/pilot/approve")
    @operation("Approve a sample: the rest goes on; its results count", {200: BatchOut}, body=ApproveIn)
    def approve_pilot(batch_id: str, body: ApproveIn) -> Any:
        return batch_out(pilots.approve(current_user(), batch_id, body.round))

    @bp.post("/<batch_id>/pilot/repeat")
    @operation("Make the sample again, which is paid again; the rest takes the changes", {200: BatchOut}, body=RepeatIn)
    def repeat_pilot(batch_id: str, body: RepeatIn) -> Any:
        return batch_out(pilots.repeat(current_user(), batch_id, _changes(body), body.round))

    @bp.post("/<batch_id>/pilot/estimate")
    @operation("What making the sample again would cost; nothing is queued", {200: PilotQuoteOut}, body=RepeatIn)
    def estimate_pilot(batch_id: str, body: RepeatIn) -> Any:
        sample, rest = pilots.quote(current_user(), batch_id, _changes(body))
        return PilotQuoteOut(sample_micros=sample, rest_micros=rest)

    return bp
