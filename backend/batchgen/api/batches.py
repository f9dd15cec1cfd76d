"""Batches: submit, look, steer."""

import re
from typing import Any

from flask import Blueprint, request

from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.api.parsing import body_as, checked, only_parts, strict_json
from batchgen.api.uploads import FILE
from batchgen.domain.models import BatchView, Submission, SubmittedItem
from batchgen.domain.names import clean_folder
from batchgen.errors import AppError
from batchgen.schemas.batches import BatchesPageOut, BatchesQuery, BatchIn, BatchItemIn, BatchOut, BatchPatchIn, RetryIn
from batchgen.schemas.items import ItemOut, ItemsPageOut, ItemsQuery
from batchgen.services.batches import BatchService
from batchgen.services.catalogue import CatalogueService
from batchgen.services.history import HistoryService
from batchgen.services.notices import NoticeService
from batchgen.services.submissions import NamedFile, SubmissionService

TEXT = {"type": "string"}
_JSON = TEXT | {"description": "JSON, as in the JSON body"}
_FORM = {
    "files": {"type": "array", "items": FILE}, "prompt": TEXT, "name": TEXT, "provider": TEXT, "model": TEXT,
    "variants": {"type": "integer"}, "policy": TEXT, "lane": TEXT, "needed_by": TEXT,
    "full_price_ok": {"type": "boolean"}, "filename_pattern": TEXT, "embed_metadata": {"type": "boolean"},
    "options": _JSON, "notify": _JSON, "pilot": _JSON,
}  # fmt: skip


def batch_out(view: BatchView) -> BatchOut:
    return BatchOut.of(view)


def to_items(items: list[BatchItemIn]) -> tuple[SubmittedItem, ...]:
    return tuple(SubmittedItem(i.upload_id, i.prompt, i.name, i.variables, clean_folder(i.folder)) for i in items)


def to_submission(body: BatchIn) -> Submission:
    return Submission(
        body.prompt, to_items(body.items), body.name, body.provider, body.model, body.variants, tuple(body.references),
        body.options.to_options(), body.policy,
        "default" if body.notify is None else " ".join(body.notify) or "none", body.lane,
        int(body.needed_by.timestamp() * 1000) if body.needed_by else None, body.full_price_ok,
        body.pilot.to_pilot() if body.pilot else None, body.filename_pattern or "", body.embed_metadata,
    )  # fmt: skip


def _form(max_bytes: int) -> tuple[Submission, list[NamedFile]]:
    """A multipart submit, for curl."""
    request.max_content_length = max_bytes
    only_parts(_FORM)
    fields: dict[str, Any] = dict(request.form)
    if re.fullmatch("[0-9]{1,3}", fields.get("variants", "")):
        fields["variants"] = int(fields["variants"])
    for name in ("full_price_ok", "embed_metadata"):
        if fields.get(name) in ("true", "false"):
            fields[name] = fields[name] == "true"
    for name in ("options", "notify", "pilot"):
        if name in fields:
            fields[name] = strict_json(fields[name].encode())
    files = request.files.getlist("files")
    asked = to_submission(checked(BatchIn, fields | {"items": []}))
    if not files:
        raise AppError.at("files", "no_items")
    return asked, [(file.stream, file.filename) for file in files]


def idempotency_key() -> str | None:
    """The Idempotency-Key. Raises AppError("field_invalid")."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
        raise AppError.at("Idempotency-Key", "field_invalid", field="Idempotency-Key", reason="1-200 ASCII")
    return key


def blueprint(
    batches: BatchService, history: HistoryService, submissions: SubmissionService, catalogue: CatalogueService,
    notices: NoticeService, *, max_form_bytes: int,
) -> Blueprint:  # fmt: skip
    bp = Blueprint("batches", __name__, url_prefix="/api/batches")

    @bp.post("")
    @operation("Submit a batch", {202: BatchOut}, body=BatchIn, form=_FORM, headers=("Idempotency-Key",))
    def create_batch() -> Any:
        key = idempotency_key()
        if request.mimetype == "multipart/form-data":
            asked, files = _form(max_form_bytes)
            notices.require(current_user(), asked.notify)
            return batch_out(submissions.submit(current_user(), asked, files, key)), 202
        asked = to_submission(body_as(BatchIn))
        notices.require(current_user(), asked.notify)
        return batch_out(batches.submit(current_user(), asked, key)), 202

    @bp.get("")
    @operation("Batches, newest first", {200: BatchesPageOut}, query=BatchesQuery)
    def list_batches(query: BatchesQuery) -> Any:
        page = history.history(
            current_user(), scope=query.scope, cursor=query.cursor, limit=query.limit, state=query.state, q=query.q
        )  # fmt: skip
        return BatchesPageOut(
            items=[batch_out(v) for v in page.items], next_cursor=page.next_cursor, total=page.total or 0
        )

    @bp.get("/<batch_id>")
    @operation("One batch", {200: BatchOut})
    def get_batch(batch_id: str) -> Any:
        return batch_out(batches.get(current_user(), batch_id))

    @bp.patch("/<batch_id>")
    @operation("Rename a batch", {200: BatchOut}, body=BatchPatchIn)
    def patch_batch(batch_id: str, body: BatchPatchIn) -> Any:
        return batch_out(batches.rename(current_user(), batch_id, body.name))

    @bp.get("/<batch_id>/items")
    @operation("Items of a batch, in order", {200: ItemsPageOut}, query=ItemsQuery)
    def list_items(batch_id: str, query: ItemsQuery) -> Any:
        page = batches.items(
            current_user(), batch_id, cursor=query.cursor, limit=query.limit, state=query.state, review=query.review
        )
        said = language()
        items = [ItemOut.of(i, said, catalogue.successor) for i in page.items]
        return ItemsPageOut(items=items, next_cursor=page.next_cursor, total=page.total or 0)

    _steering(bp, batches)
    return bp


def _steering(bp: Blueprint, batches: BatchService) -> None:
    @bp.post("/<batch_id>/cancel")
    @operation("Cancel: nothing more is sent", {200: BatchOut})
    def cancel_batch(batch_id: str) -> Any:
        return batch_out(batches.cancel(current_user(), batch_id))

    @bp.post("/<batch_id>/pause")
    @operation("Pause: nothing more starts", {200: BatchOut})
    def pause_batch(batch_id: str) -> Any:
        return batch_out(batches.pause(current_user(), batch_id))

    @bp.post("/<batch_id>/resume")
    @operation("Go on after a pause", {200: BatchOut})
    def resume_batch(batch_id: str) -> Any:
        return batch_out(batches.resume(current_user(), batch_id))

    @bp.post("/<batch_id>/retry")
    @operation("Run failed and cancelled items again", {200: BatchOut}, body=RetryIn)
    def retry_batch(batch_id: str, body: RetryIn) -> Any:
        return batch_out(
            batches.retry(
                current_user(), batch_id, categories=body.categories, prompt=body.prompt, provider=body.provider,
                model=body.model,
            )
        )  # fmt: skip
