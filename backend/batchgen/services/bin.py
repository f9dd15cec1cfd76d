"""Deleting batches, with time to think again."""

from batchgen.domain.ids import is_id
from batchgen.domain.models import BatchView, User
from batchgen.engine.removal import BatchRemoval
from batchgen.errors import AppError
from batchgen.services.access import own_hidden
from batchgen.services.batches import BatchService
from batchgen.store.batches import Batches


class BinService:
    """`undo_ms`: how long a batch can be brought back."""

    def __init__(self, service: BatchService, batches: Batches, removal: BatchRemoval, undo_ms: int) -> None:
        self._service, self._batches, self._removal, self._undo_ms = service, batches, removal, undo_ms

    def delete(self, user: User, batch_id: str, *, undo: bool) -> None:
        """Remove an ended batch with its results; its uploads stay. `undo`: it is hidden from everybody at once, but
        can be brought back for a while. Raises AppError: not_found, read_only, batch_active."""
        batch = self._service.own(user, batch_id)
        if not (self._batches.hide(batch.id, self._undo_ms) >= 0 if undo else self._removal.remove(batch)):
            raise AppError("batch_active")
        self._service.note(user, "batch.delete", batch)

    def restore(self, user: User, batch_id: str) -> BatchView:
        """Bring a deleted batch back. Raises AppError: not_found, also when it is too late."""
        batch = own_hidden(user, self._batches.hidden(batch_id) if is_id(batch_id, "b") else None)
        if not self._batches.restore(batch.id):
            return self._service.get(user, batch_id)  # another tab was quicker, or it is gone
        self._service.note(user, "batch.restore", batch)
        return self._service.get(user, batch_id)
