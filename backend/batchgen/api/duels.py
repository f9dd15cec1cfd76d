"""Duels: the same sample by several prompts or models, side by side."""

from typing import Any

from flask import Blueprint

from batchgen.api.batches import batch_out, idempotency_key, to_submission
from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.schemas.base import rfc3339
from batchgen.schemas.duels import ChooseIn, ContestantOut, DuelIn, DuelOut
from batchgen.schemas.items import ItemOut
from batchgen.services.catalogue import CatalogueService
from batchgen.services.duels import Contestant, Duel, DuelService
from batchgen.services.notices import NoticeService


def blueprint(duels: DuelService, catalogue: CatalogueService, notices: NoticeService) -> Blueprint:
    bp = Blueprint("duels", __name__, url_prefix="/api/duels")

    def out(duel: Duel) -> DuelOut:
        said = language()
        contestants = [
            ContestantOut(
                batch=batch_out(one.view), items=[ItemOut.of(i, said, catalogue.successor) for i in one.items],
                cost_micros=one.cost_micros, seconds_each=one.seconds_each,
            )
            for one in duel.contestants
        ]  # fmt: skip
        told = {"id": duel.id, "created_at": rfc3339(duel.created_ms), "chosen": duel.chosen or None}
        return DuelOut.model_validate(told | {"contestants": contestants})

    @bp.post("")
    @operation(
        "Start a duel: a pilot of the same sample per contestant", {202: DuelOut}, body=DuelIn,
        headers=("Idempotency-Key",),
    )  # fmt: skip
    def create_duel(body: DuelIn) -> Any:
        key, asked = idempotency_key(), to_submission(body)
        notices.require(current_user(), asked.notify)
        contestants = [Contestant(c.prompt, c.provider, c.model, c.to_options()) for c in body.contestants]
        return out(duels.submit(current_user(), asked, contestants, key)), 202

    @bp.get("/<duel_id>")
    @operation("A duel: contestants with their samples, price and time", {200: DuelOut})
    def get_duel(duel_id: str) -> Any:
        return out(duels.get(current_user(), duel_id))

    @bp.post("/<duel_id>/choose")
    @operation("Use this contestant for the rest; the others are stopped", {200: DuelOut}, body=ChooseIn)
    def choose_contestant(duel_id: str, body: ChooseIn) -> Any:
        return out(duels.choose(current_user(), duel_id, body.batch_id))

    return bp
