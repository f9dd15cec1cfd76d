"""What the holder of a link sees, without any login: results, and nothing else."""

from typing import Any

from flask import Blueprint, jsonify

from batchgen.api.archives import zip_response
from batchgen.api.contract import operation
from batchgen.api.cookies import Cookies
from batchgen.api.identity import public
from batchgen.schemas.batches import ArchiveQuery
from batchgen.schemas.sharing import (
    OpenedOut,
    OpenIn,
    SharedBatchOut,
    SharedItemOut,
    SharedItemsPageOut,
    SharedItemsQuery,
)
from batchgen.services.archives import ArchiveService
from batchgen.services.sharing import Shared, SharingService


def blueprint(sharing: SharingService, archives: ArchiveService, cookies: Cookies) -> Blueprint:
    bp = Blueprint("shared", __name__, url_prefix="/api/shared")

    @bp.post("/open")
    @public
    @operation("Open a link: a cookie that only reads, and only its results", {200: OpenedOut}, body=OpenIn)
    def open_link(body: OpenIn) -> Any:
        shared = sharing.open(body.token)
        response = jsonify(OpenedOut(batch=_batch_out(shared)).model_dump(mode="json"))
        cookies.add_link(response, body.token)
        return response

    @bp.get("/batches/<batch_id>")
    @public
    @operation("A batch that was opened by a link", {200: SharedBatchOut})
    def get_shared_batch(batch_id: str) -> Any:
        return _batch_out(sharing.see(cookies.get_links(), batch_id))

    @bp.get("/batches/<batch_id>/items")
    @public
    @operation("Its results, in order", {200: SharedItemsPageOut}, query=SharedItemsQuery)
    def list_shared_items(batch_id: str, query: SharedItemsQuery) -> Any:
        page = sharing.results(cookies.get_links(), batch_id, cursor=query.cursor, limit=query.limit)
        items = [SharedItemOut.of(item) for item in page.items]
        return SharedItemsPageOut(items=items, next_cursor=page.next_cursor, total=page.total or 0)

    @bp.get("/batches/<batch_id>/archive")
    @public
    @operation("Its results as one zip", {200: "application/zip"}, query=ArchiveQuery)
    def download_shared_archive(batch_id: str, query: ArchiveQuery) -> Any:
        return zip_response(archives.open_shared(sharing.see(cookies.get_links(), batch_id)))

    return bp


def _batch_out(shared: Shared) -> SharedBatchOut:
    return SharedBatchOut.of(shared.batch, shared.name, shared.link)
