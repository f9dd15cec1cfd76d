"""How the services about accounts tell the audit log, which knows by itself where from and by what."""

from typing import Protocol

from batchgen.domain.models import User


class Audit(Protocol):
    """`services.audit.AuditService.write`."""

    def __call__(self, actor: User, action: str, target: str, **details: object) -> None: ...
