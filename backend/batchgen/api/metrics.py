"""GET /metrics, for Prometheus: with the operator's token, else for admins."""

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST

from batchgen.api.context import current_user
from batchgen.api.identity import optional
from batchgen.services.metrics import MetricsService


def blueprint(metrics: MetricsService) -> Blueprint:
    bp = Blueprint("metrics", __name__)

    @bp.get("/metrics")
    @optional  # Prometheus has no account
    def show() -> Response:
        given = request.authorization
        opened = given is not None and given.type == "bearer" and metrics.opens(given.token or "")
        return Response(metrics.text(None if opened else current_user()), content_type=CONTENT_TYPE_LATEST)

    return bp
