"""Each request as logs and metrics see it: whose it is, what it is about, how it ended and how long it took."""

import structlog
from flask import Flask, Response, request

from batchgen.api.context import seconds
from batchgen.observability.metrics import HTTP_REQUESTS, HTTP_SECONDS

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_NAMED = ("batch_id", "item_id", "upload_id")


def register(app: Flask) -> None:
    """The user is named where it is found, in `identity`."""

    @app.before_request
    def name() -> None:
        named = {part: value for part, value in (request.view_args or {}).items() if part in _NAMED}
        structlog.contextvars.bind_contextvars(**named)

    @app.after_request
    def count(response: Response) -> Response:
        method = request.method if request.method in _METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "none"
        HTTP_REQUESTS.labels(method, route, str(response.status_code)).inc()
        HTTP_SECONDS.labels(method, route).observe(seconds())
        return response
