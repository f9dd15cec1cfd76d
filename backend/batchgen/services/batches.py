"""What people do with batches and items. Each function is one use case, and checks who may do it."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from batchgen.domain.audit import Doing
from batchgen.domain.economy import Economy
from batchgen.domain.failures import KINDS, Category
from batchgen.domain.ids import is_id, new_id
from batchgen.domain.models import Attempt, Batch, BatchView, Item, Page, Submission, User
from batchgen.domain.prompts import FILENAME, variables_of
from batchgen.domain.states import FINAL, ItemState, Review
from batchgen.engine.dispatcher import Dispatcher
from batchgen.errors import AppError, NoRoom
from batchgen.services.access import own_batch, readable_batch
from batchgen.services.audit import AuditService
from batchgen.services.checks import Checks, option_faults
from batchgen.services.economy import lane_of_retry
from batchgen.services.prompts import PromptService
from batchgen.store.batches import Batches
from batchgen.store.items import Items, attempts_of, split_id
from batchgen.store.jobs import Jobs
from batchgen.store.keys import lane
from batchgen.store.queue import Queue

_RERUNNABLE = (ItemState.FAILED, ItemState.CANCELLED)


class BatchService:
    def __init__(
        self, batches: Batches, items: Items, queue: Queue, dispatcher: Dispatcher, checks: Checks,
        prompts: PromptService, audit: AuditService, jobs: Jobs,
    ) -> None:  # fmt: skip
        self._batches, self._items, self._queue, self._jobs = batches, items, queue, jobs
        self._dispatcher, self._checks, self._prompts = dispatcher, checks, prompts
        self._audit = audit

    # submit and look

    def submit(self, user: User, asked: Submission, key: str | None = None) -> BatchView:
        """Queue it. `key`: an idempotency key; the same submission again gives the first batch.

        Raises AppError: whatever is wrong with it, budget_exceeded, queue_full, idempotency_conflict,
        state_unavailable.
        """
        draft = self._checks.draft(user, asked)
        key_hash = (key, hash_of(asked)) if key else None
        batch_id, done = self._batches.create(new_id("b"), user, draft, key_hash=key_hash)
        if done == -1:
            raise AppError("idempotency_conflict")
        if done == -2:
            raise AppError.at("items", "unknown_upload", id=batch_id)
        self._dispatcher.try_dispatch()
        if done == 1:
            self._audit.write(user, "batch.submit", batch_id, owner=user.id, items=len(draft.items))
        return self.get(user, batch_id)

    def check_words(self, prompt: str, provider: str | None, model: str | None) -> None:
        """What can be told wrong before any file is read. Raises AppError."""
        if wrong := self._checks.prompt_faults("prompt", prompt):
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        if names := [name for name in variables_of(prompt) if name != FILENAME]:  # files bring no values
            raise AppError.at(f"items[0].variables.{names[0]}", "variable_missing", row=1, name=names[0])
        self._checks.model(provider, model)

    def get(self, user: User, batch_id: str) -> BatchView:
        """Raises AppError("not_found")."""
        return self.view(self._seen(user, batch_id))

    def view(self, batch: Batch) -> BatchView:
        """With its outlook: measured seconds per picture, shared among the batches that take turns."""
        if batch.economy:
            jobs, now_ms = self._jobs.of(batch.id, batch.jobs)
            return BatchView(batch, economy=Economy(batch.economy, tuple(jobs), now_ms))
        left = sum(n for state, n in batch.counts.items() if state not in FINAL)
        left -= batch.pilot.held_back if batch.pilot else 0  # that is a person's turn
        if left <= 0 or batch.paused:
            return BatchView(batch)
        lanes = self._queue.lanes_of(batch.id) or [lane(batch.provider, batch.model)]
        holds = {where: self._queue.hold(where) for where in lanes}
        where = next((where for where, hold in holds.items() if hold is None), "")
        if not where:
            return BatchView(batch, hold=min((hold for hold in holds.values() if hold), key=lambda h: h.until_ms))
        position, sharing, speed_ms = self._queue.outlook(batch.owner.id, batch.id, where)
        slots = self._queue.room(where)
        if not speed_ms or not slots:
            return BatchView(batch, None, position)
        rounds = math.ceil(left / max(1.0, slots / max(1, sharing)))
        return BatchView(batch, max(1, round(rounds * speed_ms / 1000)), position)

    def items(
        self, user: User, batch_id: str, *, cursor: str | None, limit: int, state: ItemState | None,
        review: Review | None = None,
    ) -> Page[Item]:  # fmt: skip
        """In order. Raises AppError: not_found; field_invalid on a wrong cursor."""
        return self._batches.page(self._seen(user, batch_id), after_index(cursor), limit, state, review)

    def item(self, user: User, item_id: str) -> tuple[Item, list[Attempt]]:
        """An item with its attempts. Raises AppError("not_found")."""
        batch, item = self.seen_item(user, item_id)
        return item, attempts_of(self._items.raw(batch.id, [item.index])[0])

    def seen_item(self, user: User, item_id: str) -> tuple[Batch, Item]:
        """An item and its batch, which the user may read. Raises AppError("not_found")."""
        batch_id, n = split_id(item_id) or ("", 0)
        batch = self._seen(user, batch_id)
        if n >= batch.total:
            raise AppError("not_found")
        return batch, self._batches.items(batch.id, [n])[0]

    # steer

    def rename(self, user: User, batch_id: str, name: str) -> BatchView:
        batch = self.own(user, batch_id)
        self._batches.rename(batch.id, name)
        self.note(user, "batch.rename", batch)
        return self.get(user, batch_id)

    def pause(self, user: User, batch_id: str) -> BatchView:
        """Nothing more starts; what runs goes on. Raises AppError: not_found, wrong_state."""
        batch = self.own(user, batch_id)
        if self._batches.pause(batch.id) < 0:
            raise AppError("wrong_state", state=batch.state.value)
        self.note(user, "batch.pause", batch)
        return self.get(user, batch_id)

    def resume(self, user: User, batch_id: str) -> BatchView:
        batch = self.own(user, batch_id)
        self._batches.resume(batch.id)
        self._jobs.hurry(batch.id)
        self.note(user, "batch.resume", batch)
        self._dispatcher.try_dispatch()
        return self.get(user, batch_id)

    def cancel(self, user: User, batch_id: str) -> BatchView:
        """Nothing is sent after the answer; what runs is finished and kept. Raises AppError: not_found, wrong_state."""
        batch = self.own(user, batch_id)
        left = self._items.cancel(batch.id)
        if left < 0:
            raise AppError("wrong_state", state=batch.state.value)
        while left > 0:
            left = self._items.cancel(batch.id)
        self._jobs.hurry(batch.id)
        self.note(user, "batch.cancel", batch)
        return self.get(user, batch_id)

    def cancel_item(self, user: User, item_id: str) -> Item:
        """Raises AppError: not_found, wrong_state."""
        batch, n = self.own_item(user, item_id)
        if self._items.cancel(batch.id, n) < 0:
            raise AppError("wrong_state", state=self._batches.items(batch.id, [n])[0].state.value)
        self._jobs.hurry(batch.id)
        self.note(user, "item.cancel", batch, item_id)
        return self._batches.items(batch.id, [n])[0]

    def retry(
        self, user: User, batch_id: str, *, categories: Iterable[Category] | None = None, prompt: str | None = None,
        provider: str | None = None, model: str | None = None,
    ) -> BatchView:  # fmt: skip
        """Failed (of the given categories) and cancelled items again; what succeeded is not touched.

        Raises AppError: not_found, nothing_to_retry, budget_exceeded, and what is wrong with the changes.
        """
        batch = self.own(user, batch_id)
        changes = self.changes(batch, prompt, provider, model)
        self._queue.wake()  # somebody says that it is worth a try
        wanted = None if categories is None else set(categories)
        indexes = self._items.indexes_in(batch.id, _RERUNNABLE)
        if wanted is not None:
            raws = self._items.raw(batch.id, indexes)
            indexes = [n for n, raw in zip(indexes, raws, strict=True) if _category(raw) in wanted]
        done = self._requeue(batch, indexes, changes, prompt)
        if not done:
            raise AppError("nothing_to_retry")
        self.note(user, "batch.retry", batch, items=done)
        self._dispatcher.try_dispatch()
        return self.get(user, batch_id)

    def retry_item(
        self, user: User, item_id: str, *, prompt: str | None, provider: str | None, model: str | None
    ) -> Item:
        """Raises AppError: not_found, wrong_state, budget_exceeded, and what is wrong with the changes."""
        batch, n = self.own_item(user, item_id)
        changes = self.changes(batch, prompt, provider, model)
        self._queue.wake()  # somebody says that it is worth a try
        rerunnable = self._items.indexes_in(batch.id, _RERUNNABLE).count(n)
        if not rerunnable or not self._requeue(batch, [n], changes, prompt):
            raise AppError("wrong_state", state=self._batches.items(batch.id, [n])[0].state.value)
        self.note(user, "item.retry", batch, item_id)
        self._dispatcher.try_dispatch()
        return self._batches.items(batch.id, [n])[0]

    # who may

    def own(self, user: User, batch_id: str) -> Batch:
        """To be changed. Raises AppError: not_found, read_only."""
        return own_batch(user, self._find(batch_id))

    def _seen(self, user: User, batch_id: str) -> Batch:
        return readable_batch(user, self._find(batch_id))

    def _find(self, batch_id: str) -> Batch | None:
        return self._batches.get(batch_id) if is_id(batch_id, "b") else None

    def note(self, user: User, action: Doing, batch: Batch, target: str = "", **details: object) -> None:
        """Write down what was done to the batch, or to `target` in it."""
        self._audit.write(user, action, target or batch.id, owner=batch.owner.id, **details)

    def own_item(self, user: User, item_id: str) -> tuple[Batch, int]:
        """Raises AppError: not_found, read_only."""
        batch_id, n = split_id(item_id) or ("", 0)
        batch = self.own(user, batch_id)
        if n >= batch.total:
            raise AppError("not_found")
        return batch, n

    def _has_images(self, batch: Batch) -> bool:
        chunks = (range(start, min(start + 500, batch.total)) for start in range(0, batch.total, 500))
        return any(raw.get("upload") for chunk in chunks for raw in self._items.raw(batch.id, chunk))

    def _requeue(self, batch: Batch, indexes: list[int], changes: Mapping[str, str | int], prompt: str | None) -> int:
        """`prompt`: another one, filled for each item. Nothing goes back unless all can. Raises AppError."""
        prompts: dict[int, str] = {}
        if prompt is not None:
            raws = dict(zip(indexes, self._items.raw(batch.id, indexes), strict=True))
            prompts = self._prompts.again(batch, raws, prompt)
        done = 0
        for start in range(0, len(indexes), 500):
            chunk = indexes[start : start + 500]
            own = {n: prompts[n] for n in chunk if n in prompts}
            rest = () if start else indexes[500:]  # budget and queue have to reach for all, or none go
            try:
                done += self._items.requeue(batch.id, chunk, changes, then=rest, prompts=own)
            except NoRoom:
                if not done:  # else somebody was quicker with what was left: so many go, the others stay as they are
                    raise
                break
        return done

    def changes(
        self, batch: Batch, prompt: str | None, provider: str | None, model: str | None
    ) -> Mapping[str, str | int]:
        """What changes for all alike. Raises AppError: also what is wrong with `prompt`, before it is filled."""
        if prompt is not None and (wrong := self._checks.prompt_faults("prompt", prompt)):
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        changes: dict[str, str | int] = {}
        if provider is not None or model is not None:
            chosen, found = self._checks.model(provider or batch.provider, model)
            if wrong := option_faults(batch.options, found):
                raise AppError(wrong[0].code, wrong, **wrong[0].params)
            price = found.price(batch.options.size, len(batch.references) + int(self._has_images(batch)))
            changes |= {"provider": chosen, "model": found.id, "price": price, "lane": "normal"}
        elif batch.economy:
            changes |= lane_of_retry(batch.economy)
        return changes


def after_index(cursor: str | None) -> int:
    """Behind which item a page begins; -1: none. Raises AppError("field_invalid")."""
    if cursor is None:
        return -1
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 9):
        raise AppError.at("cursor", "field_invalid", field="cursor", reason=cursor[:40])
    return int(cursor)


def _category(raw: Mapping[str, str]) -> Category | None:
    return KINDS[raw["error"]].category if raw.get("error") else None


def hash_of(asked: Submission) -> str:
    return hashlib.sha256(json.dumps(asdict(asked), sort_keys=True).encode()).hexdigest()
