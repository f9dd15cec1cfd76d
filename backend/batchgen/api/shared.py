"""What the holder of a link sees, without any login: results, and nothing else."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request

from batchgen.api.archives import zip_response
from batchgen.api.contract import operation
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

_MOST = 8  # links that one browser has open at once; the oldest falls out
_DAY_S = 24 * 3600


@dataclass(frozen=True)
class LinkCookie:
    """The tokens of the links that this browser has opened, newest first. Each request looks them up again, so a link
    that was revoked opens nothing more, whatever the browser still holds."""

    secure: bool

    @property
    def name(self) -> str:
        return "__Host-batchgen-shared" if self.secure else "batchgen-shared"

    def tokens(self) -> list[str]:
        return request.cookies.get(self.name, "").split(".")[:_MOST]

    def keep(self, response: Response, token: str, days: int) -> None:
        others = [one for one in self.tokens() if one and one != token]
        response.set_cookie(
            self.name, ".".join([token, *others][:_MOST]), max_age=days * _DAY_S, httponly=True, samesite="Strict",
            secure=self.secure,
        )  # fmt: skip


def blueprint(sharing: SharingService, archives: ArchiveService, cookie: LinkCookie) -> Blueprint:
    bp = Blueprint("shared", __name__, url_prefix="/api/shared")

    @bp.post("/open")
    @public
    @operation("Open a link: a cookie that only reads, and only its results", {200: OpenedOut}, body=OpenIn)
    def open_link(body: OpenIn) -> Any:
        shared = sharing.open(body.token)
        response = jsonify(OpenedOut(batch=_batch_out(shared)).model_dump(mode="json"))
        cookie.keep(response, body.token, sharing.longest_days)
        return response

    @bp.get("/batches/<batch_id>")
    @public
    @operation("A batch that was opened by a link", {200: SharedBatchOut})
    def get_shared_batch(batch_id: str) -> Any:
        return _batch_out(sharing.see(cookie.tokens(), batch_id))

    @bp.get("/batches/<batch_id>/items")
    @public
    @operation("Its results, in order", {200: SharedItemsPageOut}, query=SharedItemsQuery)
    def list_shared_items(batch_id: str, query: SharedItemsQuery) -> Any:
        page = sharing.results(cookie.tokens(), batch_id, cursor=query.cursor, limit=query.limit)
        items = [SharedItemOut.of(item) for item in page.items]
        return SharedItemsPageOut(items=items, next_cursor=page.next_cursor, total=page.total or 0)

    @bp.get("/batches/<batch_id>/archive")
    @public
    @operation("Its results as one zip", {200: "application/zip"}, query=ArchiveQuery)
    def download_shared_archive(batch_id: str, query: ArchiveQuery) -> Any:
        return zip_response(archives.open_shared(sharing.see(cookie.tokens(), batch_id)))

    return bp


def _batch_out(shared: Shared) -> SharedBatchOut:
    return SharedBatchOut.of(shared.batch, shared.name, shared.link)
