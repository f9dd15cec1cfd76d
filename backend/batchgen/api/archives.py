"""One zip of a batch."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.schemas.batches import ArchiveQuery
from batchgen.services.archives import Archive, ArchiveService


def blueprint(archives: ArchiveService) -> Blueprint:
    bp = Blueprint("archives", __name__, url_prefix="/api/batches")

    @bp.get("/<batch_id>/archive")
    @operation(
        "All results as one zip, with manifest.csv and manifest.json", {200: "application/zip"}, query=ArchiveQuery
    )
    def download_archive(batch_id: str, query: ArchiveQuery) -> Any:
        return zip_response(archives.open_archive(current_user(), batch_id, approved_only=query.only == "approved"))

    return bp


def zip_response(archive: Archive) -> Response:
    name = quote(archive.filename, safe="")
    return Response(
        archive.chunks,
        mimetype="application/zip",
        headers={
            "Content-Disposition": f"attachment; filename=\"batch.zip\"; filename*=UTF-8''{name}",
            "X-Accel-Buffering": "no",
        },
    )
