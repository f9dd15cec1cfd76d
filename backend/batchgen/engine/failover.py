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
from batchgen.domain.pictures import Capabilities, Options
from batchgen.engine.attempts import again_of
from batchgen.engine.kept import Kept
from batchgen.media.storage import Storage
from batchgen.providers.registry import ProviderInfo, Registry
from batchgen.store.batches import Batches
from batchgen.store.items import Items
from batchgen.store.keys import is_economy
from batchgen.store.keys import lane as lane_of
from batchgen.store.models import Models
from batchgen.store.queue import Queue

log = structlog.get_logger(__name__)
_EVERY_S, _AT_ONCE = 1.0, 200
_STANDSTILLS = MOVABLE - {Category.RATE_LIMITED}  # a speed limit passes by itself
_NO_PLACE = frozenset({Category.AUTH, Category.QUOTA_EXHAUSTED})  # who goes there would fail there, or wait as long
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
    def __init__(
        self, registry: Registry, models: Models, queue: Queue, batches: Batches, items: Items, storage: Storage
    ) -> None:
        self._registry, self._models, self._queue, self._batches = registry, models, queue, batches
        self._items = items
        self._kept, self._next_look = Kept(storage), 0.0
        self._stayed: dict[tuple[str, str], int] = {}  # (batch, lane) -> items at its head that have no place to go

    def fields(self, way: Way, category: Category, offers: list[Offer] | None = None) -> Fields | None:
        """What changes on an item that goes on elsewhere after a failure of `category`; None: it stays."""
        policy = way.batch.get("policy", "none")
        if category not in MOVABLE or policy == "none":
            return None
        tried = [*way.item.get("tried", "").split(), way.own("provider")]
        place = next_place(policy, way.need(), tried, self._offers() if offers is None else offers)
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
        moved, stayed, self._stayed = 0, self._stayed, {}
        for lane in self._queue.lanes():
            if is_economy(lane):  # its items wait for a job, which tells them itself what stands in its way
                continue
            hold = self._queue.hold(lane)
            if hold and hold.category in _STANDSTILLS:
                for batch in self._queue.batches_in(lane):
                    moved += self._leave(batch, lane, hold.category, stayed.get((batch, lane), 0))
        return moved

    def _leave(self, batch: str, lane: str, category: Category, skip: int) -> int:
        whole = self._batches.raw(batch)
        if whole.get("policy", "none") == "none":
            return 0
        indexes, offers = self._items.ready(batch, lane, _AT_ONCE, skip), self._offers()
        alike: dict[str, list[int]] = defaultdict(list)  # by what changes: items differ in what they went through
        for n, item in zip(indexes, self._items.raw(batch, indexes), strict=True):
            if "attempts" in item and self._kept.has(f"{batch}-{n}", after=again_of(item)):
                continue  # its picture was paid for, and is of the provider that it is with
            if fields := self.fields(Way(whole, item), category, offers):
                alike[json.dumps(fields)].append(n)
        moved = sum(self._items.move(batch, lane, same, json.loads(fields)) for fields, same in alike.items())
        if len(indexes) == _AT_ONCE:
            self._stayed[batch, lane] = skip + len(indexes) - moved
        if moved:
            log.info("items go on with another provider", batch_id=batch, lane=lane, count=moved)
        return moved

    def _offers(self) -> list[Offer]:
        """What may be gone to: without models that are gone, or that no key is of use for."""
        return [
            Offer(info.id, tuple(m for m in _default_first(info) if self._is_place(lane_of(info.id, m.id))))
            for info in self._registry.infos(self._models.all(), int(time.time() * 1000))
            if info.available
        ]

    def _is_place(self, lane: str) -> bool:
        hold = self._queue.hold(lane)
        return hold is None or hold.category not in _NO_PLACE


def _default_first(info: ProviderInfo) -> list[Capabilities]:
    return sorted((m for m in info.models if m.id not in info.gone), key=lambda m: m.id != info.default_model)
