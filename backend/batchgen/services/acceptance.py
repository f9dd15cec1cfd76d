"""A person's word on pictures that were kept and marked: taken as they are."""

from batchgen.domain.models import BatchView, Item, User
from batchgen.domain.states import ACCEPTS, ItemState
from batchgen.errors import AppError
from batchgen.services.batches import BatchService
from batchgen.store.items import Items


class AcceptanceService:
    def __init__(self, batches: BatchService, items: Items) -> None:
        self._batches, self._items = batches, items

    def accept_item(self, user: User, item_id: str) -> Item:
        """The item, succeeded with the picture that it has. Raises AppError: not_found, read_only,
        wrong_state, nothing_to_accept."""
        item, _ = self._batches.item(user, item_id)
        batch = self._batches.own(user, item.batch_id)
        if not self._items.accept(item.batch_id, [item.index]):
            item, _ = self._batches.item(user, item_id)
            if item.state not in ACCEPTS:
                raise AppError("wrong_state", state=item.state.value)
            raise AppError("nothing_to_accept")
        self._batches.note(user, "item.accept", batch, item_id)
        return self._batches.item(user, item_id)[0]

    def accept_batch(self, user: User, batch_id: str) -> BatchView:
        """Every failed item that has a picture. Raises AppError: not_found, read_only, nothing_to_accept."""
        batch = self._batches.own(user, batch_id)
        failed, done = self._items.indexes_in(batch_id, [ItemState.FAILED]), 0
        for start in range(0, len(failed), 500):
            done += self._items.accept(batch_id, failed[start : start + 500])
        if not done:
            raise AppError("nothing_to_accept")
        self._batches.note(user, "batch.accept", batch, items=done)
        return self._batches.get(user, batch_id)
