"""What a person says of a sample: go on, or once more with other words."""

from collections.abc import Mapping
from typing import NamedTuple

from batchgen.domain.models import Batch, BatchView, User
from batchgen.domain.pilots import Pilot, PilotState
from batchgen.domain.search import folded
from batchgen.engine.dispatcher import Dispatcher
from batchgen.errors import AppError
from batchgen.services.batches import BatchService
from batchgen.services.checks import first_words
from batchgen.services.prompts import PromptService
from batchgen.store.items import Items
from batchgen.store.pilots import Pilots


class Changes(NamedTuple):
    """What is to be otherwise in the next round; None: as it is."""

    prompt: str | None = None
    provider: str | None = None
    model: str | None = None


class PilotService:
    def __init__(
        self, batches: BatchService, pilots: Pilots, items: Items, prompts: PromptService, dispatcher: Dispatcher
    ) -> None:
        self._batches, self._pilots, self._items, self._prompts = batches, pilots, items, prompts
        self._dispatcher = dispatcher

    def approve(self, user: User, batch_id: str, round_: int | None) -> BatchView:
        """The rest goes on; once, however often it is said. Raises AppError: not_found,
        pilot_not_ready, pilot_changed, budget_exceeded."""
        batch = self._batches.own(user, batch_id)
        done = self._pilots.approve(batch.id, round_)
        self._refuse(batch, done)
        if done:  # else it was approved before
            self._batches.note(user, "batch.approve", batch)
        self._dispatcher.try_dispatch()
        return self._batches.get(user, batch_id)

    def repeat(self, user: User, batch_id: str, changes: Changes, round_: int | None) -> BatchView:
        """The sample once more, which is paid again; the rest takes the changes too. Raises AppError: not_found,
        pilot_not_ready, pilot_changed, budget_exceeded, and what is wrong with the changes."""
        batch, pilot = self._in_review(user, batch_id)
        fields, own = self._fields(batch, changes), self._own_words(batch, changes.prompt)
        self._refuse(batch, self._pilots.repeat(batch.id, fields, own, pilot.round if round_ is None else round_))
        self._batches.note(user, "batch.repeat", batch)
        self._dispatcher.try_dispatch()
        return self._batches.get(user, batch_id)

    def quote(self, user: User, batch_id: str, changes: Changes) -> tuple[int, int]:
        """Micro-USD of (the sample once more, the rest after it) with the changes. Raises AppError as `repeat`."""
        batch, pilot = self._in_review(user, batch_id)
        price = int(self._fields(batch, changes).get("price", batch.price_micros))
        return price * len(pilot.indexes), price * pilot.held_back

    def _in_review(self, user: User, batch_id: str) -> tuple[Batch, Pilot]:
        batch = self._batches.own(user, batch_id)
        if batch.pilot is None or batch.pilot.state is not PilotState.REVIEW:
            raise AppError("pilot_not_ready")
        return batch, batch.pilot

    def _fields(self, batch: Batch, changes: Changes) -> dict[str, str | int]:
        fields = dict(self._batches.changes(batch, *changes))
        if changes.prompt is None:
            return fields
        unnamed = batch.name == first_words(batch.prompt)  # then its name follows its words
        name = first_words(changes.prompt) if unnamed else batch.name
        return fields | {"prompt": changes.prompt, "name": name, "folded": folded(name, changes.prompt)}

    def _own_words(self, batch: Batch, prompt: str | None) -> Mapping[int, str] | None:
        """The words of each item where they are other ones than the batch's."""
        if prompt is None:
            return None
        own: dict[int, str] = {}
        for start in range(0, batch.total, 500):
            chunk = range(start, min(start + 500, batch.total))
            raws = dict(zip(chunk, self._items.raw(batch.id, chunk), strict=True))
            own |= {n: words for n, words in self._prompts.again(batch, raws, prompt).items() if words != prompt}
        return own

    def _refuse(self, batch: Batch, done: int) -> None:
        if done == -2:
            raise AppError("pilot_changed")
        if done < 0:
            raise AppError("pilot_not_ready")
