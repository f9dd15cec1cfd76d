"""Moves items to the next provider by the policy of their batch: the one that failed, and those that queue behind it
where the provider stands still."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

from batchgen.domain.failover import MOVABLE, Need, Offer, next_place
from batchgen.domain.failures import Category
from batchgen.domain.pictures import Options
from batchgen.providers.registry import Registry
from batchgen.store.batches import Batches
from batchgen.store.items import Items
from batchgen.store.queue import Queue

log = structlog.get_logger(__name__)
_EVERY_S, _AT_ONCE = 1.0, 200
_STANDSTILLS = MOVABLE - {Category.RATE_LIMITED}  # a speed limit passes by itself
type Fields = dict[str, str | int]


class Way(NamedTuple):
    """An item and its batch, as stored."""

    batch: Mapping[str, str]
    item: Mapping[str, str]

    def own(self, name: str) -> str:
        return self.item.get(name) or self.batch[name]

    def need(self) -> Need:
        options = Options(**json.loads(self.batch["options"]))
        references = len(self.batch["references"].split())
        return Need(options, references, bool(self.item.get("upload")), int(self.own("price")))


class Failover:
    def __init__(self, registry: Registry, queue: Queue, batches: Batches, items: Items) -> None:
        self._registry, self._queue, self._batches, self._items = registry, queue, batches, items
        self._next_look = 0.0

    def fields(self, way: Way, category: Category) -> Fields | None:
        """What changes on an item that goes on elsewhere after a failure of `category`; None: it stays."""
        policy = way.batch.get("policy", "none")
        if category not in MOVABLE or policy == "none":
            return None
        tried = [*way.item.get("tried", "").split(), way.own("provider")]
        place = next_place(policy, way.need(), tried, self._offers())
        if place is None:
            return None
        came_from = way.item.get("moved") or f"{way.own('provider')}/{way.own('model')} {category.value}"
        return {
            "provider": place.provider, "model": place.model, "price": place.price_micros, "tried": " ".join(tried),
            "moved": came_from, "tries": 0, "lane": "normal",
        }  # fmt: skip

    def sweep(self, clock: Callable[[], float] = time.monotonic) -> int:
        """Queued items whose provider stands still, once a second; how many moved."""
        if clock() < self._next_look:
            return 0
        self._next_look = clock() + _EVERY_S
        moved = 0
        for lane in self._queue.lanes():
            hold = self._queue.hold(lane)
            if hold and hold.category in _STANDSTILLS:
                moved += sum(self._leave(batch, lane, hold.category) for batch in self._queue.batches_in(lane))
        return moved

    def _leave(self, batch: str, lane: str, category: Category) -> int:
        whole = self._batches.raw(batch)
        if whole.get("policy", "none") == "none":
            return 0
        indexes = self._items.ready(batch, lane, _AT_ONCE)
        alike: dict[str, list[int]] = defaultdict(list)  # by what changes: items differ in what they went through
        for n, item in zip(indexes, self._items.raw(batch, indexes), strict=True):
            if fields := self.fields(Way(whole, item), category):
                alike[json.dumps(fields)].append(n)
        moved = sum(self._items.move(batch, lane, same, json.loads(fields)) for fields, same in alike.items())
        if moved:
            log.info("items go on with another provider", batch_id=batch, lane=lane, count=moved)
        return moved

    def _offers(self) -> list[Offer]:
        """The default model of a provider comes first."""
        return [
            Offer(info.id, tuple(sorted(info.models, key=lambda m: m.id != info.default_model)))
            for info in self._registry.infos()
            if info.available
        ]
