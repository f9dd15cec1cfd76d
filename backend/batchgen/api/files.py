"""Pictures under /static, and the SPA."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from flask import Blueprint, Response, request, send_file, send_from_directory, stream_with_context
from werkzeug.security import safe_join

from batchgen.api.context import current_user
from batchgen.api.cookies import Cookies
from batchgen.api.identity import optional, public
from batchgen.errors import AppError
from batchgen.services.files import FileService, Found
from batchgen.services.sharing import SharingService

_YEAR_S = 365 * 24 * 3600
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:{}; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_CHUNK = 256 * 1024


def _is_file(folder: Path, path: str) -> bool:
    """Whether `path` is a file inside `folder`; what lies outside is not even looked at."""
    inside = safe_join(str(folder), path)
    try:
        return inside is not None and Path(inside).is_file()
    except (OSError, ValueError):  # a name that no disk takes
        return False


def _answer(found: Found, kept: str) -> Response:
    """`kept`: what a browser may do with the file; an address is asked for again well before it ends."""
    served = found.served
    if found.data is not None:
        response = send_file(
            io.BytesIO(found.data), mimetype=found.mime, conditional=True, etag=hashlib.sha256(found.data).hexdigest(),
            as_attachment=bool(found.saved_as), download_name=found.saved_as or None,
        )  # fmt: skip
    elif served.url:
        response = Response(status=302, headers={"Location": served.url})
        kept = kept if kept == "no-cache" else f"max-age={served.url_s // 2}"
    elif served.path and found.redirect:
        response = _saved_as(Response(mimetype=found.mime, headers={"X-Accel-Redirect": found.redirect}), found)
    elif served.path:
        response = send_file(
            served.path, mimetype=found.mime, conditional=True, etag=True,
            as_attachment=bool(found.saved_as), download_name=found.saved_as or None,
        )  # fmt: skip
    else:
        response = _passed_on(found)
    response.headers["Cache-Control"] = f"private, {kept}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _passed_on(found: Found) -> Response:
    opened = found.served.opened
    assert opened is not None  # noqa: S101 - there is no fourth way

    def pieces() -> Iterator[bytes]:
        with opened.file as file:
            while piece := file.read(_CHUNK):
                yield piece

    response = Response(stream_with_context(pieces()), mimetype=found.mime)
    response.call_on_close(opened.file.close)  # also where nothing is read: HEAD, or nobody there
    response.content_length = opened.size
    return _saved_as(response, found)


def _saved_as(response: Response, found: Found) -> Response:
    if found.saved_as:
        name = quote(found.saved_as, safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def blueprint(
    files: FileService, sharing: SharingService, cookies: Cookies, spa: Path, *, pictures_from: str = ""
) -> Blueprint:
    """`spa`: the folder of the built SPA; where it is missing the API works alone. `pictures_from`: another origin that
    pictures come from."""
    bp = Blueprint("files", __name__)
    csp = _CSP.format(f" {pictures_from}" if pictures_from else "")

    @bp.get("/static/<path:filename>")
    @optional
    def picture(filename: str) -> Response:
        saved_as = request.args.get("download", "")
        shared = files.find_shared(sharing.links(cookies.get_links()), filename, saved_as)
        found = shared or files.find(current_user(), filename, saved_as)
        # what others show must go when they take it back: each look is checked again, and costs no bytes if it may stay
        return _answer(found, f"max-age={_YEAR_S}, immutable" if found.own else "no-cache")

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
        response.headers["Content-Security-Policy"] = csp
        return response

    @bp.before_app_request
    def known_place() -> None:
        path = request.environ.get("PATH_INFO", "")  # as it came: `request.path` has lost its first slashes
        if path.startswith("//") or ".." in path.replace("\\", "/").split("/"):  # no page of ours, whatever it leads to
            raise AppError("not_found")

    return bp
