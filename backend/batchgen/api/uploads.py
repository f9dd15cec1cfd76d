"""Base images come in and go."""

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.errors import AppError
from batchgen.schemas.uploads import UploadOut
from batchgen.services.uploads import UploadService

FILE = {"type": "string", "contentMediaType": "application/octet-stream"}


def one_file() -> FileStorage:
    """The part `file` of a multipart body. Raises AppError: unsupported_media_type, missing_file."""
    if request.mimetype != "multipart/form-data":
        raise AppError("unsupported_media_type", expected="multipart/form-data")
    files = request.files.getlist("file")
    if len(files) != 1:
        raise AppError.at("file", "missing_file")
    return files[0]


def blueprint(uploads: UploadService, *, max_body_bytes: int) -> Blueprint:
    bp = Blueprint("uploads", __name__, url_prefix="/api/uploads")

    @bp.post("")
    @operation("Upload one image", {201: UploadOut, 200: UploadOut}, form={"file": FILE})
    def create_upload() -> Any:
        request.max_content_length = max_body_bytes
        file = one_file()
        upload, new = uploads.admit(current_user(), file.stream, file.filename)
        return UploadOut.of(upload), 201 if new else 200

    @bp.get("/<upload_id>")
    @operation("One upload", {200: UploadOut})
    def get_upload(upload_id: str) -> Any:
        return UploadOut.of(uploads.get(current_user(), upload_id))

    @bp.delete("/<upload_id>")
    @operation("Remove an unused upload", {204: None})
    def delete_upload(upload_id: str) -> Response:
        uploads.delete(current_user(), upload_id)
        return Response(status=204)

    return bp
