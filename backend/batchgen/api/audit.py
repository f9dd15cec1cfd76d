"""The audit log: who asks is bound to each request, and admins read what was written."""

from typing import Any

from flask import Blueprint, Flask, g, request

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.api.identity import admins
from batchgen.domain.audit import Caller
from batchgen.schemas.audit import ActOut, AuditPageOut, AuditQuery
from batchgen.services.audit import CALLER, AuditService


def register(app: Flask) -> None:
    """After whatever finds out who asks."""

    @app.before_request
    def bind_caller() -> None:
        who = g.get("identity")
        CALLER.set(Caller(request.remote_addr or "", who.auth if who else "none"))


def blueprint(audit: AuditService) -> Blueprint:
    bp = Blueprint("audit", __name__, url_prefix="/api/audit")

    @bp.get("")
    @admins
    @operation("Who did what to whom from where, newest first (admins)", {200: AuditPageOut}, query=AuditQuery)
    def list_acts(query: AuditQuery) -> Any:
        page = audit.page(
            current_user(), cursor=query.cursor, limit=query.limit, actor=query.actor, action=query.action
        )  # fmt: skip
        return AuditPageOut(items=[ActOut.of(act) for act in page.items], next_cursor=page.next_cursor)

    return bp
