"""Single items."""

from typing import Any

from flask import Blueprint

from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.schemas.items import AttemptOut, ItemDetailOut, ItemOut, ItemRetryIn
from batchgen.services.batches import BatchService
from batchgen.services.catalogue import CatalogueService


def blueprint(batches: BatchService, catalogue: CatalogueService) -> Blueprint:
    bp = Blueprint("items", __name__, url_prefix="/api/items")

    @bp.get("/<item_id>")
    @operation("One item with its attempts", {200: ItemDetailOut})
    def get_item(item_id: str) -> Any:
        item, attempts = batches.item(current_user(), item_id)
        log = [AttemptOut.of(a) for a in attempts]
        return ItemDetailOut(**dict(ItemOut.of(item, language(), catalogue.successor)), attempt_log=log)

    @bp.post("/<item_id>/cancel")
    @operation("Cancel one item", {200: ItemOut})
    def cancel_item(item_id: str) -> Any:
        return ItemOut.of(batches.cancel_item(current_user(), item_id), language(), catalogue.successor)

    @bp.post("/<item_id>/retry")
    @operation("Run one failed or cancelled item again", {200: ItemOut}, body=ItemRetryIn)
    def retry_item(item_id: str, body: ItemRetryIn) -> Any:
        item = batches.retry_item(
            current_user(), item_id, prompt=body.prompt, provider=body.provider, model=body.model
        )  # fmt: skip
        return ItemOut.of(item, language(), catalogue.successor)

    return bp
