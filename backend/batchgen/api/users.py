"""People, for admins: accounts, invitations, resets."""

from typing import Any

from flask import Blueprint, Response

from batchgen.api.context import identity, language
from batchgen.api.contract import operation
from batchgen.api.identity import admins, in_person
from batchgen.domain.accounts import Account
from batchgen.schemas.accounts import (
    InvitationIn,
    InvitationMadeOut,
    InvitationOut,
    InvitationsOut,
    ResetOut,
    UserIn,
    UserOut,
    UserPatchIn,
    UsersOut,
    UsersQuery,
)
from batchgen.schemas.base import rfc3339
from batchgen.services.accounts import AccountServices
from batchgen.services.budgets import BudgetService


def blueprint(services: AccountServices, budgets: BudgetService) -> Blueprint:
    bp = Blueprint("users", __name__, url_prefix="/api")
    _users(bp, services, budgets)
    _ways_in(bp, services)
    _invitations(bp, services)
    return bp


def _users(bp: Blueprint, services: AccountServices, budgets: BudgetService) -> None:
    people = services.people

    def out(accounts: list[Account]) -> list[UserOut]:
        caps = budgets.caps([one.id for one in accounts])
        return [UserOut.of(one, caps[one.id]) for one in accounts]

    @bp.get("/users")
    @admins
    @operation("All accounts", {200: UsersOut}, query=UsersQuery)
    def list_users(query: UsersQuery) -> Any:
        page = people.page(query.cursor, query.limit, query.q or "")
        return UsersOut(items=out(page.items), next_cursor=page.next_cursor)

    @bp.post("/users")
    @admins
    @in_person
    @operation("Make an account", {201: UserOut}, body=UserIn)
    def create_user(body: UserIn) -> Any:
        made = people.create(identity(), body.username, body.name, body.password, role=body.role, email=body.email)
        return out([made])[0], 201

    @bp.patch("/users/<user_id>")
    @admins
    @in_person
    @operation("Change an account", {200: UserOut}, body=UserPatchIn)
    def patch_user(user_id: str, body: UserPatchIn) -> Any:
        return out([people.change(identity(), user_id, body.to_change())])[0]

    @bp.delete("/users/<user_id>")
    @admins
    @operation("Remove an account; its batches stay", {204: None})
    def delete_user(user_id: str) -> Response:
        people.remove(identity(), user_id)
        return Response(status=204)


def _ways_in(bp: Blueprint, services: AccountServices) -> None:
    @bp.post("/users/<user_id>/reset")
    @admins
    @in_person
    @operation("Make a link that sets a new password", {201: ResetOut})
    def reset_user(user_id: str) -> Any:
        link, expires_ms, mailed = services.resets.make(identity(), user_id, language())
        return ResetOut.model_validate({"link": link, "expires_at": rfc3339(expires_ms), "mailed": mailed}), 201

    @bp.post("/users/<user_id>/sign-out")
    @admins
    @operation("End all sessions of an account", {204: None})
    def sign_out_user(user_id: str) -> Response:
        services.people.sign_out(identity(), user_id)
        return Response(status=204)


def _invitations(bp: Blueprint, services: AccountServices) -> None:
    invitations = services.invitations

    @bp.get("/invitations")
    @admins
    @operation("Invitations that nobody has used yet", {200: InvitationsOut})
    def list_invitations() -> Any:
        return InvitationsOut(items=[InvitationOut.of(one) for one in invitations.open()])

    @bp.post("/invitations")
    @admins
    @in_person
    @operation("Invite somebody", {201: InvitationMadeOut}, body=InvitationIn)
    def invite(body: InvitationIn) -> Any:
        made, link, mailed = invitations.make(
            identity(), role=body.role, username=body.username, email=body.email, days=body.expires_in_days,
            language=language(),
        )  # fmt: skip
        return InvitationMadeOut.made(made, link, mailed), 201

    @bp.delete("/invitations/<invitation_id>")
    @admins
    @operation("Withdraw an invitation", {204: None})
    def withdraw(invitation_id: str) -> Response:
        invitations.withdraw(identity(), invitation_id)
        return Response(status=204)
