"""Pictures under /static, and the SPA."""

import hashlib
import io
from pathlib import Path

from flask import Blueprint, Response, request, send_file, send_from_directory
from werkzeug.security import safe_join

from batchgen.api.context import current_user
from batchgen.api.cookies import Cookies
from batchgen.api.identity import optional, public
from batchgen.errors import AppError
from batchgen.services.files import FileService, Found
from batchgen.services.sharing import SharingService

_YEAR_S = 365 * 24 * 3600
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def _is_file(folder: Path, path: str) -> bool:
    """Whether `path` is a file inside `folder`; what lies outside is not even looked at."""
    inside = safe_join(str(folder), path)
    try:
        return inside is not None and Path(inside).is_file()
    except (OSError, ValueError):  # a name that no disk takes
        return False


def _sent(found: Found) -> Response:
    if found.data is None:
        return send_file(found.path, mimetype=found.mime, conditional=True, etag=True)
    etag = hashlib.sha256(found.data).hexdigest()
    return send_file(io.BytesIO(found.data), mimetype=found.mime, conditional=True, etag=etag)


def blueprint(files: FileService, sharing: SharingService, cookies: Cookies, spa: Path) -> Blueprint:
    """`spa`: the folder of the built SPA; where it is missing the API works alone."""
    bp = Blueprint("files", __name__)

    @bp.get("/static/<path:filename>")
    @optional
    def picture(filename: str) -> Response:
        shared = files.find_shared(sharing.links(cookies.get_links()), filename)
        found = shared or files.find(current_user(), filename)
        response = _sent(found)
        # what a link shows must go with it: each look is checked again, and costs no bytes where nothing changed
        kept = "no-cache" if shared else f"max-age={_YEAR_S}, immutable"
        response.headers["Cache-Control"] = f"private, {kept}"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    @bp.get("/", defaults={"path": ""})
    @bp.get("/<path:path>")
    @public
    def page(path: str) -> Response:
        if path.startswith(("api/", "static/", "health")):
            raise AppError("not_found")
        if path and _is_file(spa, path):
            response = send_from_directory(spa, path)
            hashed = path.startswith("assets/")
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable" if hashed else "no-cache"
        elif "." in path.rpartition("/")[2] or not (spa / "index.html").is_file():
            raise AppError("not_found")
        else:
            response = send_from_directory(spa, "index.html")
            response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = _CSP
        return response

    @bp.before_app_request
    def known_place() -> None:
        path = request.environ.get("PATH_INFO", "")  # as it came: `request.path` has lost its first slashes
        if path.startswith("//") or ".." in path.replace("\\", "/").split("/"):  # no page of ours, whatever it leads to
            raise AppError("not_found")

    return bp
