"""What the audit log holds: who did what to whom, from where."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from batchgen.domain.models import User


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
