"""What a batch would cost, take and look like."""

from typing import Any

from flask import Blueprint

from batchgen.api.batches import to_submission
from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.domain.money import Display
from batchgen.schemas.batches import BatchIn
from batchgen.schemas.estimates import EstimateOut
from batchgen.services.estimates import EstimateService


def blueprint(estimates: EstimateService, display: Display) -> Blueprint:
    bp = Blueprint("estimates", __name__, url_prefix="/api/estimates")

    @bp.post("")
    @operation("What a batch would cost and take; nothing is queued", {200: EstimateOut}, body=BatchIn)
    def create_estimate(body: BatchIn) -> Any:
        return EstimateOut.of(estimates.estimate(current_user(), to_submission(body)), language(), display)

    return bp
