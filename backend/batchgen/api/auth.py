"""Signing in and out, the own account, and what invitations and resets lead to."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request

from batchgen.api.context import identity
from batchgen.api.contract import operation
from batchgen.api.cookies import Cookies
from batchgen.api.identity import in_person, public
from batchgen.domain.accounts import Identity
from batchgen.errors import AppError
from batchgen.schemas.accounts import (
    AuthOptionsOut,
    InvitationAcceptIn,
    InvitationLookOut,
    LoginIn,
    MeOut,
    MePatchIn,
    OidcCallbackQuery,
    OidcStartQuery,
    PasswordChangeIn,
    ResetAcceptIn,
    ResetLookOut,
    SecretIn,
)
from batchgen.schemas.base import rfc3339
from batchgen.services.accounts import AccountServices
from batchgen.services.login import Entry


def _address() -> str:
    return request.remote_addr or ""


def blueprint(services: AccountServices, cookies: Cookies) -> Blueprint:
    bp = Blueprint("auth", __name__, url_prefix="/api/auth")
    _sessions(bp, services, cookies)
    _own(bp, services, cookies)
    _links(bp, services, cookies)
    _oidc(bp, services, cookies)
    return bp


def _entered(entry: Entry, cookies: Cookies, status: int = 200) -> Response:
    """Who is in now, with the cookies that say so."""
    response = jsonify(MeOut.of(Identity(entry.account, "session")).model_dump(mode="json"))
    response.status_code = status
    cookies.set_session(response, entry.session)
    cookies.set_device(response, entry.device)
    return response


def _sessions(bp: Blueprint, services: AccountServices, cookies: Cookies) -> None:
    @bp.get("/options")
    @public
    @operation("How one signs in here", {200: AuthOptionsOut})
    def options() -> Any:
        return AuthOptionsOut(mode=services.mode, oidc_name=services.oidc_name, mail=services.invitations.mails)

    @bp.post("/login")
    @public
    @operation("Sign in with a password", {200: MeOut}, body=LoginIn)
    def login(body: LoginIn) -> Any:
        entry = services.login.enter(body.username, body.password, _address(), cookies.get_device())
        services.login.leave(cookies.get_session())
        return _entered(entry, cookies)

    @bp.post("/logout")
    @operation("Sign out", {204: None})
    def logout() -> Response:
        services.login.leave(cookies.get_session(), identity())
        response = Response(status=204)
        cookies.end(response, cookies.session)
        return response

    @bp.post("/logout-everywhere")
    @in_person
    @operation("Sign out on every device", {204: None})
    def logout_everywhere() -> Response:
        services.login.leave_everywhere(identity())
        response = Response(status=204)
        cookies.end(response, cookies.session)
        return response


def _own(bp: Blueprint, services: AccountServices, cookies: Cookies) -> None:
    @bp.get("/me")
    @operation("Who I am", {200: MeOut})
    def me() -> Any:
        return MeOut.of(identity())

    @bp.patch("/me")
    @in_person
    @operation("Change my name or address", {200: MeOut}, body=MePatchIn)
    def patch_me(body: MePatchIn) -> Any:
        return MeOut.of(services.people.change_own(identity(), body.to_change()))

    @bp.post("/password")
    @in_person
    @operation("Change my password; other sessions and my tokens end", {204: None}, body=PasswordChangeIn)
    def change_password(body: PasswordChangeIn) -> Response:
        session = services.login.change_password(identity(), body.current_password, body.new_password)
        response = Response(status=204)
        cookies.set_session(response, session)
        return response


def _links(bp: Blueprint, services: AccountServices, cookies: Cookies) -> None:
    @bp.post("/invitations/look")
    @public
    @operation("What an invitation offers", {200: InvitationLookOut}, body=SecretIn)
    def look_at_invitation(body: SecretIn) -> Any:
        return InvitationLookOut.of(services.invitations.look(body.token))

    @bp.post("/invitations/accept")
    @public
    @operation("Make an account of an invitation", {201: MeOut}, body=InvitationAcceptIn)
    def accept_invitation(body: InvitationAcceptIn) -> Any:
        account = services.invitations.accept(body.token, body.username, body.name, body.password)
        return _entered(services.login.let_in(account, "invitation"), cookies, 201)

    @bp.post("/resets/look")
    @public
    @operation("Whose password a reset is for", {200: ResetLookOut}, body=SecretIn)
    def look_at_reset(body: SecretIn) -> Any:
        account, expires_ms = services.resets.look(body.token)
        return ResetLookOut.model_validate({"username": account.username, "expires_at": rfc3339(expires_ms)})

    @bp.post("/resets/accept")
    @public
    @operation("Set a new password; all sessions and tokens end", {204: None}, body=ResetAcceptIn)
    def accept_reset(body: ResetAcceptIn) -> Response:
        services.resets.accept(body.token, body.password)
        return Response(status=204)


def _oidc(bp: Blueprint, services: AccountServices, cookies: Cookies) -> None:
    @bp.get("/oidc/start")
    @public
    @operation("Go to the identity provider", {302: None}, query=OidcStartQuery)
    def oidc_start(query: OidcStartQuery) -> Any:
        try:
            url, state = services.provider().begin(query.next)
        except AppError as told:
            return redirect(f"/login?error={told.code}")
        response = redirect(url)
        cookies.set_login(response, state)  # type: ignore[arg-type]
        return response

    @bp.get("/oidc/callback")
    @public
    @operation("Where the identity provider sends people back", {302: None}, query=OidcCallbackQuery)
    def oidc_callback(query: OidcCallbackQuery) -> Any:
        try:
            account, to = services.provider().finish(query.code, query.state, query.error, cookies.get_login())
            entry = services.login.let_in(account, "oidc")
        except AppError as told:
            response: Any = redirect(f"/login?error={told.code}")
        else:
            services.login.leave(cookies.get_session())
            response = redirect(to)
            cookies.set_session(response, entry.session)
            cookies.set_device(response, entry.device)
        cookies.end(response, cookies.login)
        return response
