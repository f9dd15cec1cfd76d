"""Reviewing finished pictures: approve, reject, make once more, take an earlier one back."""

from typing import Any

from flask import Blueprint

from batchgen.api.batches import batch_out
from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.schemas.batches import BatchOut
from batchgen.schemas.items import ItemOut
from batchgen.schemas.reviews import RedoIn, RedoQuoteOut, RestoreIn, ReviewIn, ReviewsIn
from batchgen.services.catalogue import CatalogueService
from batchgen.services.reviews import Redo, ReviewService


def _redo(body: RedoIn) -> Redo:
    return Redo(body.add, body.prompt, body.provider, body.model)


def blueprint(reviews: ReviewService, catalogue: CatalogueService) -> Blueprint:
    bp = Blueprint("reviews", __name__, url_prefix="/api")

    @bp.post("/items/<item_id>/review")
    @operation("Approve or reject a picture, or take that back", {200: ItemOut}, body=ReviewIn)
    def review_item(item_id: str, body: ReviewIn) -> Any:
        item = reviews.decide(current_user(), item_id, body.decision)
        return ItemOut.of(item, language(), catalogue.successor)

    @bp.post("/batches/<batch_id>/review")
    @operation("Decide on many pictures of a batch at once", {200: BatchOut}, body=ReviewsIn)
    def review_batch(batch_id: str, body: ReviewsIn) -> Any:
        decisions = [(one.item_id, one.decision) for one in body.decisions]
        return batch_out(reviews.decide_many(current_user(), batch_id, decisions))

    @bp.post("/items/<item_id>/redo")
    @operation(
        "Make a picture that succeeded once more, which is paid again; the one that is there is kept in `earlier`",
        {200: ItemOut},
        body=RedoIn,
    )
    def redo_item(item_id: str, body: RedoIn) -> Any:
        item = reviews.redo(current_user(), item_id, _redo(body))
        return ItemOut.of(item, language(), catalogue.successor)

    @bp.post("/items/<item_id>/redo/estimate")
    @operation("What making it once more would cost; nothing is queued", {200: RedoQuoteOut}, body=RedoIn)
    def estimate_redo(item_id: str, body: RedoIn) -> Any:
        return RedoQuoteOut(cost_micros=reviews.quote(current_user(), item_id, _redo(body)))

    @bp.post("/items/<item_id>/restore")
    @operation("Take an earlier picture back; nothing is charged", {200: ItemOut}, body=RestoreIn)
    def restore_item(item_id: str, body: RestoreIn) -> Any:
        item = reviews.restore(current_user(), item_id, body.number)
        return ItemOut.of(item, language(), catalogue.successor)

    return bp
