"""A person's word on finished pictures: approved, rejected, or made once more. Nothing that was paid is lost."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from batchgen.domain.models import Batch, BatchView, Item, User
from batchgen.domain.states import REDOES, Review
from batchgen.engine.dispatcher import Dispatcher
from batchgen.errors import AppError
from batchgen.services.batches import BatchService
from batchgen.services.prompts import PromptService
from batchgen.store.items import Items, split_id
from batchgen.store.reviews import Reviews

_CHUNK = 500


class Redo(NamedTuple):
    """What is to be otherwise. `prompt`: instead of the words that were sent; `add`: a sentence behind them."""

    add: str | None = None
    prompt: str | None = None
    provider: str | None = None
    model: str | None = None


class ReviewService:
    def __init__(
        self, batches: BatchService, reviews: Reviews, items: Items, prompts: PromptService, dispatcher: Dispatcher
    ) -> None:
        self._batches, self._reviews, self._items = batches, reviews, items
        self._prompts, self._dispatcher = prompts, dispatcher

    def decide(self, user: User, item_id: str, decision: Review) -> Item:
        """Raises AppError: not_found, read_only, wrong_state where it has not succeeded."""
        batch, n = self._batches.own_item(user, item_id)
        found, changed = self._reviews.decide(batch.id, {n: decision})
        if not found:
            raise self._wrong_state(user, item_id)
        if changed:
            self._batches.note(user, "item.review", batch, item_id, decision=decision.value)
        return self._item(user, item_id)

    def decide_many(self, user: User, batch_id: str, decisions: Sequence[tuple[str, Review]]) -> BatchView:
        """Of each item the last word counts; what has not succeeded is passed over. Raises AppError: not_found,
        read_only, nothing_to_review; field_invalid for an item of another batch."""
        batch = self._batches.own(user, batch_id)
        said: dict[int, Review] = {}
        for i, (item_id, decision) in enumerate(decisions):
            whose, n = split_id(item_id) or ("", 0)
            if whose != batch.id or n >= batch.total:
                field = f"decisions[{i}].item_id"
                raise AppError.at(field, "field_invalid", field=field, reason=item_id[:40])
            said[n] = decision
        counts = [self._reviews.decide(batch.id, part) for part in _parts(said)]
        if not any(found for found, _ in counts):
            raise AppError("nothing_to_review")
        if changed := sum(changed for _, changed in counts):
            self._batches.note(user, "batch.review", batch, items=changed)
        return self._batches.get(user, batch.id)

    def redo(self, user: User, item_id: str, asked: Redo) -> Item:
        """Made once more, which is paid again; the picture that is there is laid by. Raises AppError: not_found,
        read_only, wrong_state, budget_exceeded, and what is wrong with the changes."""
        batch, n = self._batches.own_item(user, item_id)
        changes, words = self._changes(batch, n, asked)
        if not self._items.requeue(batch.id, [n], changes, prompts=words, moves=REDOES):
            raise self._wrong_state(user, item_id)
        self._batches.note(user, "item.redo", batch, item_id)
        self._dispatcher.try_dispatch()
        return self._item(user, item_id)

    def quote(self, user: User, item_id: str, asked: Redo) -> int:
        """Micro-USD that making it once more would hold. Raises AppError as `redo`."""
        batch, n = self._batches.own_item(user, item_id)
        changes, _ = self._changes(batch, n, asked)
        if n not in self._items.indexes_in(batch.id, REDOES):
            raise self._wrong_state(user, item_id)
        own = self._items.raw(batch.id, [n])[0].get("price", batch.price_micros)
        return int(changes.get("price", own))

    def restore(self, user: User, item_id: str, number: int) -> Item:
        """The item with a picture that was laid by; what it has now is laid by in its place. Raises AppError:
        not_found, read_only, wrong_state while it is being made, nothing_to_restore."""
        batch, n = self._batches.own_item(user, item_id)
        done = self._reviews.restore(batch.id, n, number)
        if done < 0:
            raise self._wrong_state(user, item_id)
        if not done:
            raise AppError("nothing_to_restore")
        self._batches.note(user, "item.restore", batch, item_id)
        return self._item(user, item_id)

    def _changes(self, batch: Batch, n: int, asked: Redo) -> tuple[Mapping[str, str | int], dict[int, str]]:
        """What changes, and the item's words where they do."""
        raw = self._items.raw(batch.id, [n])[0]
        words = raw.get("prompt", batch.prompt)
        for more in (asked.prompt, asked.add):
            if more is not None:
                self._batches.changes(batch, more, None, None)  # says what is wrong with it
        if asked.prompt is not None:
            words = self._prompts.again(batch, {n: raw}, asked.prompt)[n]
        if asked.add is not None:
            words = f"{words.rstrip()}\n{self._prompts.again(batch, {n: raw}, asked.add)[n].strip()}"
        changed = asked.prompt is not None or asked.add is not None
        changes = self._batches.changes(batch, words if changed else None, asked.provider, asked.model)
        return changes, {n: words} if changed else {}

    def _item(self, user: User, item_id: str) -> Item:
        return self._batches.item(user, item_id)[0]

    def _wrong_state(self, user: User, item_id: str) -> AppError:
        return AppError("wrong_state", state=self._item(user, item_id).state.value)


def _parts(said: Mapping[int, Review]) -> list[dict[int, Review]]:
    pairs = sorted(said.items())
    return [dict(pairs[start : start + _CHUNK]) for start in range(0, len(pairs), _CHUNK)]
