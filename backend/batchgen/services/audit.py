"""The audit log: who did what to whom from where. Whoever changes something for somebody writes it here."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace

from batchgen.domain.addresses import network
from batchgen.domain.audit import Act, Caller, Doing
from batchgen.domain.models import Page, User
from batchgen.domain.sharing import Link
from batchgen.errors import AppError
from batchgen.services.access import require_admin
from batchgen.store.audit import Audit

_NOBODY = Caller()
CALLER: ContextVar[Caller] = ContextVar("caller", default=_NOBODY)  # bound anew with each request
# what strangers can do as often as they like is written once an hour for each address, or it pushes out all the rest
_SELDOM = frozenset({"link.open", "login.failed"})
_PLACE = re.compile(r"\d{1,15}-\d{1,10}")


class AuditService:
    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def write(self, actor: User, action: Doing, target: str, **details: object) -> None:
        """`details` are plain values, never a secret. Raises AppError:
        state_unavailable."""
        self._add(actor, action, target, CALLER.get(), details)

    def write_for_link(self, link: Link, action: Doing, **details: object) -> None:
        """What the holder of a link did: nobody knows who that is."""
        self._add(User(link.id, ""), action, link.id, replace(CALLER.get(), via="link"), details)

    def _add(self, actor: User, action: Doing, target: str, caller: Caller, details: Mapping[str, object]) -> None:
        if action not in _SELDOM or self._audit.is_news(action, target, network(caller.address)):
            self._audit.add(actor, action, target, caller, details)

    def page(
        self, user: User, *, cursor: str | None, limit: int, actor: str | None, action: str | None
    ) -> Page[Act]:  # fmt: skip
        """Newest first, of one `actor` (id or name) and one `action` (or all of a noun). Raises AppError: forbidden,
        field_invalid on a wrong cursor."""
        require_admin(user)
        if cursor is not None and not _PLACE.fullmatch(cursor):
            raise AppError.at("cursor", "field_invalid", field="cursor", reason=cursor[:40])
        found: list[Act] = []
        for act in self._audit.newest(cursor):
            if _matches(act, actor, action):
                found.append(act)
            if len(found) > limit:
                break
        shown = found[:limit]
        return Page(shown, shown[-1].id if len(found) > limit else None)


def _matches(act: Act, actor: str | None, action: str | None) -> bool:
    if actor and actor not in (act.actor.id, act.actor.name):
        return False
    return not action or action in (act.action, act.action.partition(".")[0])
