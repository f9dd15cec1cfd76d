"""What is checked before, and said after, every request."""

from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, request

from batchgen.api.context import begin_request, request_id, seconds
from batchgen.errors import AppError

log = structlog.get_logger(__name__)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_UNLOGGED = ("/health", "/metrics", "/static/", "/assets/")  # many, and they say little
_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"  # of what is no page
_HSTS = "max-age=31536000"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def register(app: Flask, *, public_url: str, cors_origins: frozenset[str], session_cookie: str) -> None:
    """`public_url`: where people reach us, if not on loopback; `cors_origins`: other sites that may call us;
    `session_cookie`: its name."""
    host = _name_of(urlsplit(public_url).netloc)
    own_hosts = _LOOPBACK | ({host} if host else set())
    origins = cors_origins | ({_origin(public_url)} if host else set())

    @app.before_request
    def check() -> None:
        begin_request()
        if _name_of(request.host) not in own_hosts:
            raise AppError("unknown_host")  # else a foreign name that resolves to loopback could read all
        if request.method not in _SAFE and not _from_us(origins, session_cookie):
            raise AppError("csrf_failed")

    @app.after_request
    def say(response: Response) -> Response:
        headers = response.headers
        headers["X-Request-ID"] = request_id()
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Content-Security-Policy", _CSP)
        if request.is_secure:
            headers["Strict-Transport-Security"] = _HSTS
        if request.path.startswith(("/api/", "/health", "/metrics")):
            headers.setdefault("Cache-Control", "no-store")
        _cors(response, cors_origins)
        if not request.path.startswith(_UNLOGGED):
            log.info(
                "request", method=request.method, path=request.path, status=response.status_code, seconds=seconds()
            )
        return response


def _name_of(host: str) -> str:
    name = host.lower()
    return name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]


def _from_us(origins: frozenset[str], session_cookie: str) -> bool:
    """Whether an unsafe request comes from our own page, an allowed site, or no browser at all."""
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return True  # no browser adds a token by itself, and another site must ask by CORS first
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin == "null":  # a sandbox, or a page that hides where it is
        return False
    if origin is not None and (origin in origins or origin == _own_origin()):
        return True
    if site is not None:
        return site == "same-origin"
    return origin is None and session_cookie not in request.cookies


def _own_origin() -> str:
    """On loopback, where no proxy stands before us; elsewhere only PUBLIC_URL is ours."""
    return f"{request.scheme}://{request.host}" if _name_of(request.host) in _LOOPBACK else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _cors(response: Response, cors_origins: frozenset[str]) -> None:
    origin = request.headers.get("Origin")
    if cors_origins:
        response.headers.add("Vary", "Origin")
    if origin in cors_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Content-Disposition, Retry-After, X-Request-ID"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
            response.headers["Access-Control-Allow-Headers"] = (
                "Authorization, Content-Type, Idempotency-Key, Accept-Language, Last-Event-ID"
            )
            response.headers["Access-Control-Max-Age"] = "600"
