"""Hands the fair next items to workers, as many as there are free slots. Any process may call it at any time: the
decision is one atomic script, so no leader is needed and nothing is handed out twice."""

from typing import Protocol

import structlog

from batchgen.engine.names import QUEUE, RUN_ITEM
from batchgen.errors import AppError
from batchgen.store.queue import Queue

log = structlog.get_logger(__name__)
_ROUND = 64  # items per script call: bounds the time that Redis is busy for us


class Sender(Protocol):
    """What of Celery a sender needs."""

    def send_task(self, name: str, args: list[str], *, queue: str) -> object: ...


class Dispatcher:
    def __init__(self, queue: Queue, sender: Sender) -> None:
        self._queue, self._sender = queue, sender

    def dispatch(self) -> int:
        """Send what may start now; how many. Raises AppError("state_unavailable")."""
        sent = 0
        while leases := self._queue.lease(_ROUND):
            for lease in leases:
                self._sender.send_task(RUN_ITEM, list(lease), queue=QUEUE)
            sent += len(leases)
            if len(leases) < _ROUND:
                break
        return sent

    def try_dispatch(self) -> None:
        """As `dispatch`, for those who have done their part already: the timers of the workers come after, and a
        message that was lost comes back by its lease."""
        try:
            self.dispatch()
        except AppError as away:
            log.warning("dispatch put off", reason=away.code)
        except Exception as broken:  # noqa: BLE001 - the broker's client raises many types
            log.warning("dispatch put off", reason=type(broken).__name__)
