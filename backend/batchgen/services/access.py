"""Who may do what: the one place that decides. What is not yours does not exist."""

from batchgen.domain.models import Batch, Upload, User
from batchgen.errors import AppError
from batchgen.store.pilots import StoredDuel


def require_batch(user: User, batch: Batch | None) -> Batch:
    """The batch, where `user` may see it. Raises AppError("not_found")."""
    if batch is None or not _may(user, batch.owner.id):
        raise AppError("not_found")
    return batch


def require_upload(user: User, upload: Upload | None) -> Upload:
    """The upload, where `user` may see it. Raises AppError("not_found")."""
    if upload is None or not _may(user, upload.owner):
        raise AppError("not_found")
    return upload


def require_duel(user: User, duel: StoredDuel | None) -> StoredDuel:
    """The duel, where `user` may see it. Raises AppError("not_found")."""
    if duel is None or not _may(user, duel.owner):
        raise AppError("not_found")
    return duel


def require_admin(user: User) -> None:
    """Raises AppError("not_found"): what is for admins does not exist for others."""
    if user.role != "admin":
        raise AppError("not_found")


def _may(user: User, owner: str) -> bool:
    return user.id == owner or user.role == "admin"
