"""Who asks: by a session's cookie, by a bearer token, or nobody. Every view is closed unless it says otherwise here."""

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from flask import Flask, g, request

from batchgen.api.cookies import Cookies
from batchgen.domain.accounts import Identity
from batchgen.errors import AppError
from batchgen.services.identity import IdentityService

type View = Callable[..., Any]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def public(view: View) -> View:
    """Open to everybody; nobody is looked up, so it answers also without Redis."""
    view.door = "public"  # type: ignore[attr-defined]
    return view


def optional(view: View) -> View:
    """Open to everybody, but who signed in is known."""
    view.door = "optional"  # type: ignore[attr-defined]
    return view


def admins(view: View) -> View:
    """For admins; others get "forbidden"."""
    view.door = "admins"  # type: ignore[attr-defined]
    return view


def in_person(view: View) -> View:
    """Not with a token: it must not make tokens, nor change who gets in."""
    view.in_person = True  # type: ignore[attr-defined]
    return view


def bearer() -> str | None:
    """The token of the request, empty where it is not one; None where there is no such header at all."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def register(app: Flask, identities: IdentityService, cookies: Cookies) -> None:
    @app.before_request
    def identify() -> None:
        if request.endpoint is None or request.method == "OPTIONS":  # no such place; or a browser asks about CORS
            return
        view = app.view_functions[request.endpoint]
        door = getattr(view, "door", "members")
        if door == "public":
            return
        who = _who(identities, cookies)
        if who is not None:
            g.identity, g.user, g.still = who, who.user, partial(identities.still, who)
            structlog.contextvars.bind_contextvars(user_id=who.user.id)
            _may(who, door, bool(getattr(view, "in_person", False)))
        elif door != "optional":
            raise AppError("unauthenticated")


def _who(identities: IdentityService, cookies: Cookies) -> Identity | None:
    token = bearer()
    if token is not None:  # who sends a token means it: the cookie is not looked at
        return identities.by_token(token)
    return identities.by_session(cookies.get_session())


def _may(who: Identity, door: str, in_person: bool) -> None:
    too_little = who.read_only and request.method not in _SAFE
    not_admin = door == "admins" and who.user.role != "admin"
    by_token = in_person and who.auth == "token"
    if too_little or not_admin or by_token:
        raise AppError("forbidden")
