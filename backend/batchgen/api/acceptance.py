"""Accepting pictures that were kept and marked."""

from typing import Any

from flask import Blueprint

from batchgen.api.batches import batch_out
from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.schemas.batches import BatchOut
from batchgen.schemas.items import ItemOut
from batchgen.services.acceptance import AcceptanceService
from batchgen.services.catalogue import CatalogueService


def blueprint(acceptance: AcceptanceService, catalogue: CatalogueService) -> Blueprint:
    bp = Blueprint("acceptance", __name__, url_prefix="/api")

    @bp.post("/items/<item_id>/accept")
    @operation("Accept an item's marked picture as it is; nothing is charged", {200: ItemOut})
    def accept_item(item_id: str) -> Any:
        return ItemOut.of(acceptance.accept_item(current_user(), item_id), language(), catalogue.successor)

    @bp.post("/batches/<batch_id>/accept")
    @operation("Accept the marked pictures of all failed items", {200: BatchOut})
    def accept_batch(batch_id: str) -> Any:
        return batch_out(acceptance.accept_batch(current_user(), batch_id))

    return bp
