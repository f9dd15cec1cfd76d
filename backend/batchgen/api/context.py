"""What every request carries: its id, its language, its user."""

import re
import secrets
import time
from collections.abc import Callable

import structlog
from flask import g, request

from batchgen.domain.accounts import Identity
from batchgen.domain.models import User
from batchgen.errors import AppError

_REQUEST_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


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


def identity() -> Identity:
    """Who asks, and by what. Raises AppError("unauthenticated")."""
    found = g.get("identity")
    if not isinstance(found, Identity):
        raise AppError("unauthenticated")
    return found


def current_user() -> User:
    """Who asks, with the rights of this request. Raises AppError("unauthenticated"): nobody is ever somebody."""
    user = g.get("user")
    if not isinstance(user, User):
        raise AppError("unauthenticated")
    return user


def still_welcome() -> Callable[[], bool]:
    """Whether who asks would be let in again now; for answers that take long. To be called outside the request too."""
    still: Callable[[], bool] = g.get("still", bool)
    return still
