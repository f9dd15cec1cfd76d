"""How the services about accounts tell the audit log, which knows by itself where from and by what."""

from typing import Protocol

from batchgen.domain.audit import Doing
from batchgen.domain.models import User


class Audit(Protocol):
    """`services.audit.AuditService.write`."""

    def __call__(self, actor: User, action: Doing, target: str, **details: object) -> None: ...
