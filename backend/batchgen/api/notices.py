"""Finish notices: my targets, a test of one, and how those of a batch fare."""

from typing import Any

from flask import Blueprint

from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.schemas.notices import BatchNoticesOut, NoticesIn, NoticesOut, NoticeTestIn, NoticeTestOut, problem
from batchgen.services.notices import NoticeService


def blueprint(notices: NoticeService) -> Blueprint:
    bp = Blueprint("notices", __name__, url_prefix="/api")

    @bp.get("/me/notices")
    @operation("Who hears of my finished batches", {200: NoticesOut})
    def get_notices() -> Any:
        return NoticesOut.of(notices.preferences(current_user()), notices.kinds())

    @bp.put("/me/notices")
    @operation("Say who hears of my finished batches", {200: NoticesOut}, body=NoticesIn)
    def put_notices(body: NoticesIn) -> Any:
        kept, fresh = notices.prefer(current_user(), [one.to_draft() for one in body.targets], body.default)
        return NoticesOut.of(kept, notices.kinds(), fresh)

    @bp.post("/me/notices/test")
    @operation("Send a test notice to one of my targets", {200: NoticeTestOut}, body=NoticeTestIn)
    def test_notice(body: NoticeTestIn) -> Any:
        failed = notices.test(current_user(), body.id)
        error = problem(failed.code, failed.params, language()) if failed else None
        return NoticeTestOut(ok=failed is None, error=error)

    @bp.get("/batches/<batch_id>/notices")
    @operation("How the notices of a batch's last finish fare", {200: BatchNoticesOut})
    def list_batch_notices(batch_id: str) -> Any:
        return BatchNoticesOut.of(notices.of_batch(current_user(), batch_id), language())

    return bp
