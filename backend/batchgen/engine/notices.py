"""Sends what the outbox holds. Every worker does: what one has claimed, no other sees, and what a killed one had
claimed comes back."""

import random
import threading
from collections import Counter

import structlog

from batchgen.domain.failures import KINDS, Category
from batchgen.domain.notices import RETRY_AFTER_S, NoticeError, NoticeState
from batchgen.domain.states import ItemState
from batchgen.engine.channels import Channels
from batchgen.engine.messages import finished
from batchgen.errors import AppError
from batchgen.store.batches import Batches
from batchgen.store.items import Items
from batchgen.store.notices import Claim, Notices

log = structlog.get_logger(__name__)
_IDLE_S, _THREADS = 1.0, 3  # so that one slow receiver does not hold up all others
_LAST_S = 20.0


class Courier:
    """`base_url`: where people reach us, for the links."""

    def __init__(self, notices: Notices, batches: Batches, items: Items, channels: Channels, base_url: str) -> None:
        self._notices, self._batches, self._items = notices, batches, items
        self._channels, self._base_url = channels, base_url
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for n in range(_THREADS):
            self._threads.append(threading.Thread(target=self._loop, daemon=True, name=f"courier{n}"))
            self._threads[-1].start()

    def stop(self) -> None:
        """Take nothing new; what is being sent is finished, so that it is not sent again elsewhere."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_LAST_S)

    def step(self, now_ms: int | None = None) -> bool:
        """Do the one thing that is due first; whether there was any."""
        claims = self._notices.claim(now_ms=now_ms)
        for claim in claims:
            self._deliver(claim, now_ms) if claim.target else self._spread(claim, now_ms)
        return bool(claims)

    def _loop(self) -> None:
        while not self._stop.is_set():
            found = False
            try:
                found = self.step()
            except AppError as away:
                log.warning("notices put off", reason=away.code)
            except Exception:  # one broken notice must not keep the others
                log.exception("notice broke")
            if not found:
                self._stop.wait(_IDLE_S)

    def _spread(self, claim: Claim, now_ms: int | None) -> None:
        raw = self._batches.raw(claim.batch)
        wanted = self._notices.preferences(raw.get("owner", "")).chosen(raw.get("notify", "none"))
        self._notices.spread(claim, wanted, self._failures(claim.batch), now_ms)

    def _failures(self, batch: str) -> Counter[Category]:
        found: Counter[Category] = Counter()
        indexes = self._items.indexes_in(batch, [ItemState.FAILED])
        for start in range(0, len(indexes), 500):
            for raw in self._items.raw(batch, indexes[start : start + 500]):
                if raw.get("error") in KINDS:
                    found[KINDS[raw["error"]].category] += 1
        return found

    def _deliver(self, claim: Claim, now_ms: int | None) -> None:
        facts = self._notices.facts(claim.batch, claim.finish)
        batch = self._batches.raw(claim.batch)
        targets = self._notices.preferences(batch.get("owner", "")).targets if "hidden" not in batch else ()
        target = next((one for one in targets if one.id == claim.target), None)
        try:
            if facts is None or target is None:
                raise NoticeError("notice_target_gone", final=True)
            self._channels.send(target, finished(facts, target.language, self._base_url), claim.delivery)
        except NoticeError as failed:
            self._failed(claim, failed, now_ms)
        else:
            log.info("notice sent", batch_id=claim.batch, kind=target.kind.value, tries=claim.tries)
            self._notices.settle(claim, NoticeState.SENT, now_ms=now_ms)

    def _failed(self, claim: Claim, failed: NoticeError, now_ms: int | None) -> None:
        over = failed.final or claim.tries > len(RETRY_AFTER_S)
        state = NoticeState.FAILED if over else NoticeState.WAITING
        log.warning("notice not sent", batch_id=claim.batch, code=failed.code, tries=claim.tries, then=state.value)
        delay_s = 0.0 if over else RETRY_AFTER_S[claim.tries - 1] * random.uniform(0.9, 1.1)  # noqa: S311
        self._notices.settle(
            claim, state, error=(failed.code, failed.params), delay_ms=int(delay_s * 1000), now_ms=now_ms
        )
