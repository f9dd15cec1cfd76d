"""Pilots and duels: what stands still until a person says which way to go on. Each word of theirs is one script."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from batchgen.domain.budgets import Terms
from batchgen.domain.models import BatchDraft, User
from batchgen.domain.states import REPEATS, ItemState, sources_of
from batchgen.store.batches import fields_of, items_of, uploads_of
from batchgen.store.connection import Client
from batchgen.store.items import refuse_over
from batchgen.store.keys import key
from batchgen.store.scripts import Script


class StoredDuel(NamedTuple):
    id: str
    owner: str
    created_ms: int
    batches: tuple[str, ...]
    chosen: str  # a batch; empty while nothing is decided


class Pilots:
    def __init__(self, client: Client, terms: Terms) -> None:
        self._redis, self._terms = client, terms
        self._approve, self._repeat = Script(client, "approve_pilot"), Script(client, "repeat_pilot")
        self._create, self._choose = Script(client, "create_duel"), Script(client, "choose_duel")

    def approve(self, batch: str, round_: int | None = None, now_ms: int | None = None) -> int:
        """The rest joins the queue. `round_`: what was looked at; None: whatever it is. 1 done, 0 it was approved
        before, -1 nothing is to be approved now, -2 another round. Raises OverBudget: nothing was changed."""
        done = self._approve(now_ms, batch, round_, self._terms.wire(now_ms), keys=[key("batch", batch)])
        refuse_over(done)
        return int(done)

    def repeat(
        self, batch: str, fields: Mapping[str, str | int], prompts: Mapping[int, str] | None,
        round_: int | None = None, now_ms: int | None = None,
    ) -> int:  # fmt: skip
        """The sample once more; its rest takes the changes too. `prompts`: the words of each item that has other ones
        than its batch, by index; None: they stay. 1 done, -1 it is not in review, -2 another round. Raises
        OverBudget, QueueFull: nothing was changed."""
        done = self._repeat(
            now_ms, batch, round_, dict(fields), None if prompts is None else dict(prompts),
            self._terms.wire(now_ms), *sources_of(ItemState.QUEUED, REPEATS), keys=[key("batch", batch)],
        )  # fmt: skip
        refuse_over(done)
        return int(done)

    def create_duel(
        self, duel_id: str, owner: User, contestants: Sequence[tuple[str, BatchDraft]], *,
        key_hash: tuple[str, str] | None = None, now_ms: int | None = None,
    ) -> tuple[str, int]:  # fmt: skip
        """All contestants (batch id, draft), or none; answers as `Batches.create`, with the duel's id.
        Raises OverBudget, QueueFull."""
        used: Counter[str] = sum((uploads_of(draft) for _, draft in contestants), Counter())
        stored = [[batch, fields_of(draft, owner), items_of(draft)] for batch, draft in contestants]
        keys = [key("duels", owner.id, key_hash[0])] if key_hash else [""]
        done = self._create(
            now_ms, duel_id, owner.id, key_hash[1] if key_hash else "", stored, dict(used),
            self._terms.wire(now_ms), keys=keys,
        )  # fmt: skip
        refuse_over(done)
        return str(done[0]), int(done[1])

    def duel(self, duel_id: str) -> StoredDuel | None:
        raw = self._redis.hgetall(key("duel", duel_id))
        if not raw:
            return None
        return StoredDuel(
            duel_id, raw["owner"], int(raw["created"]), tuple(raw["batches"].split()), raw.get("chosen", "")
        )  # fmt: skip

    def choose(self, duel_id: str, batch: str, now_ms: int | None = None) -> int:
        """The rest goes on with `batch`; the others are stopped. 1 done, 0 it was chosen before, -1 another was, -2 its
        sample is not complete, -3 no contestant. Raises OverBudget."""
        done = self._choose(now_ms, batch, self._terms.wire(now_ms), keys=[key("duel", duel_id)])
        refuse_over(done)
        return int(done)
