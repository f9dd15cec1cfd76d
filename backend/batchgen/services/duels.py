"""Duels: the same sample by several contestants, side by side; one of them goes on with the rest."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from batchgen.domain.ids import is_id, new_id
from batchgen.domain.models import Attempt, BatchDraft, BatchView, Item, Submission, User
from batchgen.domain.pictures import Options
from batchgen.domain.pilots import PilotAsked
from batchgen.engine.dispatcher import Dispatcher
from batchgen.errors import AppError, Detail
from batchgen.services.access import require_duel
from batchgen.services.batches import BatchService
from batchgen.services.checks import Checks
from batchgen.store.batches import Batches
from batchgen.store.items import Items, attempts_of
from batchgen.store.pilots import Pilots, StoredDuel


@dataclass(frozen=True, slots=True)
class Contestant:
    """What of the submission is otherwise; None: as it is there."""

    prompt: str | None = None
    provider: str | None = None
    model: str | None = None
    options: Options | None = None

    def of(self, asked: Submission) -> Submission:
        other = self.provider is not None and self.provider != asked.provider
        return replace(
            asked,
            prompt=asked.prompt if self.prompt is None else self.prompt,
            provider=self.provider or asked.provider,
            model=self.model or (None if other else asked.model),  # its own default, for it has no other's model
            options=self.options or asked.options,
        )


@dataclass(frozen=True, slots=True)
class Made:
    """A contestant with its sample: micro-USD in all, and seconds per picture, as measured; None: none was made."""

    view: BatchView
    items: list[Item]
    cost_micros: int
    seconds_each: float | None


@dataclass(frozen=True, slots=True)
class Duel:
    id: str
    created_ms: int
    chosen: str
    contestants: list[Made]


class DuelService:
    def __init__(
        self, pilots: Pilots, service: BatchService, batches: Batches, items: Items, checks: Checks,
        dispatcher: Dispatcher,
    ) -> None:  # fmt: skip
        self._pilots, self._service, self._batches, self._items = pilots, service, batches, items
        self._checks, self._dispatcher = checks, dispatcher

    def submit(self, user: User, asked: Submission, contestants: list[Contestant], key: str | None = None) -> Duel:
        """A pilot for each contestant, all or none. `key`: as for a batch. Raises AppError: whatever is wrong with any
        of them, budget_exceeded, idempotency_conflict, state_unavailable."""
        with_pilot = replace(asked, pilot=asked.pilot or PilotAsked())
        drafts = [(new_id("b"), self._draft(user, with_pilot, n, one)) for n, one in enumerate(contestants)]
        key_hash = (key, _hash_of(asked, contestants)) if key else None
        duel_id, done = self._pilots.create_duel(new_id("d"), user, drafts, key_hash=key_hash)
        if done == -1:
            raise AppError("idempotency_conflict")
        if done == -2:
            raise AppError.at("items", "unknown_upload", id=duel_id)
        duel = self.get(user, duel_id)
        if done == 1:
            for made in duel.contestants:
                self._service.note(user, "batch.submit", made.view.batch, items=made.view.batch.total, duel=duel_id)
        self._dispatcher.try_dispatch()
        return duel

    def get(self, user: User, duel_id: str) -> Duel:
        """Raises AppError("not_found")."""
        duel = self._own(user, duel_id)
        made = [self._made(self._service.view(batch)) for batch in self._batches.get_many(duel.batches)]
        if not made:  # all are hidden
            raise AppError("not_found")
        return Duel(duel.id, duel.created_ms, duel.chosen, made)

    def choose(self, user: User, duel_id: str, batch_id: str) -> Duel:
        """The rest goes on with this contestant; of the others nothing is sent any more. May be said again: what was
        broken off half-way is then done. Raises AppError: not_found, pilot_not_ready, duel_decided,
        budget_exceeded."""
        duel = self._own(user, duel_id)
        done = self._pilots.choose(duel.id, batch_id)
        if done < 0:
            raise AppError({-1: "duel_decided", -2: "pilot_not_ready"}.get(done, "not_found"))
        for other in self._batches.get_many(one for one in duel.batches if one != batch_id):
            while other.cancelled and self._items.cancel(other.id) > 0:
                pass
        self._dispatcher.try_dispatch()
        chosen = self.get(user, duel_id)
        for made in chosen.contestants:
            if done and made.view.batch.id == batch_id:
                self._service.note(user, "batch.approve", made.view.batch, duel=duel_id)
        return chosen

    def _draft(self, user: User, asked: Submission, n: int, contestant: Contestant) -> BatchDraft:
        try:
            return self._checks.draft(user, contestant.of(asked))
        except AppError as wrong:
            own = ("prompt", "provider", "model", "options")
            details = [
                Detail(f"contestants[{n}].{d.field}" if d.field.startswith(own) else d.field, d.code, d.params)
                for d in wrong.details
            ]
            raise AppError(wrong.code, details, **wrong.params) from None

    def _own(self, user: User, duel_id: str) -> StoredDuel:
        duel = self._pilots.duel(duel_id) if is_id(duel_id, "d") else None
        return require_duel(user, duel)

    def _made(self, view: BatchView) -> Made:
        indexes = view.batch.pilot.indexes if view.batch.pilot else ()
        items = self._batches.items(view.batch.id, indexes)
        attempts = [attempt for raw in self._items.raw(view.batch.id, indexes) for attempt in attempts_of(raw)]
        took = [_seconds(attempt) for attempt in attempts if attempt.outcome == "succeeded"]
        each = round(sum(took) / len(took), 3) if took else None
        return Made(view, items, sum(item.cost_micros for item in items), each)


def _seconds(attempt: Attempt) -> float:
    return ((attempt.ended_ms or attempt.sent_ms) - attempt.sent_ms) / 1000


def _hash_of(asked: Submission, contestants: list[Contestant]) -> str:
    told = [asdict(asked), [asdict(one) for one in contestants]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
