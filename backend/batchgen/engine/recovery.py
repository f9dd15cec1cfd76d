"""Brings back the items of workers that went silent."""

import random
from contextlib import suppress

import structlog

from batchgen.domain.failures import Charged, Failure
from batchgen.domain.retry import Decision, decide
from batchgen.domain.states import ItemState
from batchgen.errors import AppError
from batchgen.observability.metrics import LEASES_LOST
from batchgen.store.items import Items, NoBudgetLeftError, split_id
from batchgen.store.queue import Expired, Queue

log = structlog.get_logger(__name__)
_MOST_LOSSES = 5
_INTERRUPTED = Failure("interrupted", Charged.UNKNOWN)


class Recovery:
    def __init__(self, queue: Queue, items: Items, max_attempts: int) -> None:
        self._queue, self._items, self._max_attempts = queue, items, max_attempts

    def sweep(self, now_ms: int | None = None) -> int:
        """Settle each item whose lease ran out; how many. What was never sent simply goes back; what may have been
        paid gets one rerun (which first looks for bytes that were left), then fails with a sentence that says so."""
        expired = self._queue.expired(now_ms)
        for one in expired:
            LEASES_LOST.inc()
            log.warning("lease lost", item_id=one.item_id, sent=one.sent)
            try:
                self._bring_back(one, now_ms)
            except AppError:
                raise
            except Exception:  # one broken record must not keep the others from coming back
                log.exception("item not brought back", item_id=one.item_id)
        for batch in self._items.stopping():
            self._items.cancel(batch, now_ms=now_ms)
        return len(expired)

    def _bring_back(self, one: Expired, now_ms: int | None) -> None:
        batch, n = split_id(one.item_id) or ("", 0)
        raw = self._items.raw(batch, [n])[0]
        if not one.sent:
            self._unsent(one, int(raw.get("losses", 0)) + 1, now_ms)
            return
        reruns = int(raw.get("reruns", 0))
        decision: Decision = decide(
            _INTERRUPTED, tries=int(raw.get("tries", 1)), reruns=reruns, max_attempts=self._max_attempts,
            spread=random.uniform,
        )  # fmt: skip
        for to in (decision.to, ItemState.FAILED):  # a rerun costs once more: where no budget is left, a person decides
            with suppress(NoBudgetLeftError):
                self._items.settle(
                    one.item_id, one.token, to,
                    fields={"error": _INTERRUPTED.code, "reruns": reruns + int(decision.rerun)},
                    delay_ms=int(decision.delay_s * 1000), outcome=_INTERRUPTED.code, charged=Charged.UNKNOWN,
                    now_ms=now_ms,
                )  # fmt: skip
                return

    def _unsent(self, one: Expired, losses: int, now_ms: int | None) -> None:
        """It cost nothing and simply goes back; but an item that takes worker after worker down must end."""
        to = ItemState.WAITING if losses < _MOST_LOSSES else ItemState.FAILED
        fields: dict[str, str | int] = {"losses": losses}
        if to is ItemState.FAILED:
            fields["error"] = _INTERRUPTED.code
        self._items.settle(one.item_id, one.token, to, fields=fields, now_ms=now_ms)
