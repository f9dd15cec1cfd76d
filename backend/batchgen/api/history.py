"""Earlier batches: what they were made from, bringing back what was deleted, and the room that all of it takes."""

from typing import Any

from flask import Blueprint, Response

from batchgen.api.batches import batch_out
from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.schemas.batches import BatchOut
from batchgen.schemas.history import DeleteQuery, SourcesOut, UsageOut
from batchgen.services.bin import BinService
from batchgen.services.reuse import ReuseService
from batchgen.services.usage import UsageService


def blueprint(deleting: BinService, reuse: ReuseService, usage: UsageService) -> Blueprint:
    bp = Blueprint("history", __name__, url_prefix="/api")

    @bp.get("/usage")
    @operation("How much room your images and pictures take", {200: UsageOut})
    def get_usage() -> Any:
        return UsageOut.of(usage.of(current_user()))

    @bp.get("/batches/<batch_id>/sources")
    @operation("What a batch was made from, to make another one of it", {200: SourcesOut})
    def list_sources(batch_id: str) -> Any:
        return SourcesOut.of(reuse.of(current_user(), batch_id))

    @bp.delete("/batches/<batch_id>")
    @operation("Delete a batch that has ended, with its results", {204: None}, query=DeleteQuery)
    def delete_batch(batch_id: str, query: DeleteQuery) -> Response:
        deleting.delete(current_user(), batch_id, undo=query.undo)
        return Response(status=204)

    @bp.post("/batches/<batch_id>/restore")
    @operation("Bring back a batch that was deleted with `undo`", {200: BatchOut})
    def restore_batch(batch_id: str) -> Any:
        return batch_out(deleting.restore(current_user(), batch_id))

    return bp
