"""What every request carries: its id, its language, its user."""

import re
import secrets
import time

import structlog
from flask import g, request

from batchgen.domain.models import User

_REQUEST_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
LOCAL_USER = User("local", "local", "admin")  # AUTH_MODE=none: whoever sits at this machine


def begin_request() -> None:
    """Give the request its id: the caller's where it is harmless in a log."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.began = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def seconds() -> float:
    """How long the request has been worked on."""
    return round(time.monotonic() - float(g.get("began", time.monotonic())), 3)


def request_id() -> str:
    return str(g.get("request_id", "")) or secrets.token_hex(8)


def language() -> str:
    """ "en" or "zh-CN", the default."""
    return request.accept_languages.best_match(["zh-CN", "en"], "zh-CN") or "zh-CN"


def current_user() -> User:
    return g.get("user") or LOCAL_USER
