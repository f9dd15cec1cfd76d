"""The one mapper of errors to HTTP: everything from 400 up has the contract's shape."""

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestedRangeNotSatisfiable, RequestEntityTooLarge

from batchgen.api.context import language, request_id
from batchgen.domain.money import Display
from batchgen.errors import AppError, sentence
from batchgen.schemas.base import told as worded
from batchgen.schemas.misc import ErrorBody, ErrorDetailOut, ErrorOut

log = structlog.get_logger(__name__)
_DISPLAY = Display()
_BY_STATUS = {
    404: "not_found", 408: "request_timeout", 415: "unsupported_media_type", 416: "range_not_satisfiable",
    421: "unknown_host",
}  # fmt: skip


def answer(error: AppError, display: Display = _DISPLAY) -> Response:
    """The error as the caller reads it, in the caller's language, amounts in the operator's currency."""
    said = language()
    details = [
        ErrorDetailOut(field=d.field, code=d.code, message=sentence(d.code, said, **d.params)) for d in error.details
    ]
    body = ErrorBody(
        code=error.code,
        message=worded(error.code, said, error.params, display),
        details=details,
        request_id=request_id(),
    )
    response = jsonify(ErrorOut(error=body).model_dump(mode="json"))
    response.status_code = error.status
    if error.status in (429, 503):
        response.headers["Retry-After"] = str(error.params.get("seconds", 2))
    return response


def register(app: Flask, *, max_body_mb: int, display: Display) -> None:
    @app.errorhandler(AppError)
    def told(error: AppError) -> Response:
        if error.status >= 500:
            log.warning("request failed", code=error.code, path=request.path)
        return answer(error, display)

    @app.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> Response:
        limit = request.max_content_length or 0
        said = request.content_length  # None where it comes in chunks: then what is too large is found while reading
        if said is not None and said <= limit and request.mimetype == "multipart/form-data":
            return answer(AppError("too_many_parts"))
        return answer(AppError("body_too_large", limit_mb=max(1, limit // 2**20) if limit else max_body_mb))

    @app.errorhandler(MethodNotAllowed)
    def wrong_method(error: MethodNotAllowed) -> Response:
        response = answer(AppError("method_not_allowed", method=request.method))
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or []))
        return response

    @app.errorhandler(HTTPException)
    def of_werkzeug(error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.code or 500, "bad_request" if (error.code or 500) < 500 else "internal")
        response = answer(AppError(code, request_id=request_id(), expected="application/json"))
        if isinstance(error, RequestedRangeNotSatisfiable):
            response.headers["Content-Range"] = f"{error.units} */{error.length}"
        return response

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        if type(error).__name__ in _BODY_FAULTS:  # gunicorn's own, raised while the body is read; no OSError
            return answer(AppError("bad_request"))
        log.error("unforeseen error", path=request.path, exc_info=error)
        return answer(AppError("internal", request_id=request_id()))


_BODY_FAULTS = frozenset({"ChunkMissingTerminator", "InvalidChunkSize", "NoMoreData", "InvalidChunkExtension"})
