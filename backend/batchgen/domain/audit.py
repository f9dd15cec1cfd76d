"""What the audit log holds: who did what to whom, from where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from batchgen.domain.models import User

# every act that is written, as `<noun>.<verb>`; the page of the audit log has words for each
type Doing = Literal[
    "login", "login.failed", "logout", "logout.everywhere", "password.changed", "password.refused", "user.created",
    "user.changed", "user.promoted", "user.removed", "user.signed_out", "invitation.created", "invitation.accepted",
    "invitation.withdrawn", "reset.created", "reset.accepted", "token.created", "token.removed", "batch.submit",
    "batch.rename", "batch.pause", "batch.resume", "batch.cancel", "batch.retry", "batch.approve", "batch.repeat",
    "batch.accept", "batch.review", "batch.delete", "batch.restore", "item.cancel", "item.retry", "item.accept",
    "item.review", "item.redo", "item.restore", "upload.delete", "sharing.team", "link.create",
    "link.revoke", "link.open", "budget.set", "upload.expire", "results.expire", "batch.expire",
    "template.create", "template.change", "template.delete",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from: `address`, and `via` what it proved itself: session, token, none or link."""

    address: str = ""
    via: str = "none"


@dataclass(frozen=True, slots=True)
class Act:
    """One entry. `action` is `<noun>.<verb>`; `target` the id of what it was done to."""

    id: str
    at_ms: int
    actor: User
    action: str
    target: str
    caller: Caller
    details: Mapping[str, object] = field(default_factory=dict)
