"""The audit log as an admin reads it."""

from typing import Any, Literal, Self

from pydantic import Field

from batchgen.domain.audit import Act
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339


class ActorOut(Outgoing):
    id: str
    name: str = Field(description="empty for the holder of a link")


class ActOut(Outgoing):
    id: str
    at: Time
    actor: ActorOut
    action: str = Field(description="<noun>.<verb>")
    target: str
    address: str
    via: Literal["session", "token", "none", "link"]
    details: dict[str, Any]

    @classmethod
    def of(cls, act: Act) -> Self:
        return cls.model_validate(
            {"id": act.id, "at": rfc3339(act.at_ms), "actor": {"id": act.actor.id, "name": act.actor.name},
             "action": act.action, "target": act.target, "address": act.caller.address, "via": act.caller.via,
             "details": dict(act.details)}
        )  # fmt: skip


class AuditPageOut(Outgoing):
    items: list[ActOut]
    next_cursor: str | None


class AuditQuery(Incoming):
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)
    actor: str | None = Field(None, max_length=100, description="a user's id or name")
    action: str | None = Field(None, max_length=60, description="batch.cancel, or batch for all of that noun")
