"""What beats in every worker: its leases, its slots, the sweep and the dispatch."""

import threading
import time
from collections.abc import Callable

import structlog

from batchgen.engine.dispatcher import Dispatcher
from batchgen.engine.failover import Failover
from batchgen.engine.recovery import Recovery
from batchgen.errors import AppError
from batchgen.store.queue import Lease, Queue

log = structlog.get_logger(__name__)
TICK_S, TELL_S = 0.25, 5.0


class Heart:
    """Two threads: one renews leases and tells of the slots, one sweeps and dispatches. Both live through any time
    without Redis."""

    def __init__(
        self,
        queue: Queue,
        dispatcher: Dispatcher,
        recovery: Recovery,
        failover: Failover,
        *,
        worker: str,
        slots: int,
        lease_s: float,
    ) -> None:
        self._queue, self._dispatcher, self._recovery, self._failover = queue, dispatcher, recovery, failover
        self._worker, self._slots, self._renew_s = worker, slots, min(TELL_S, lease_s / 3)
        self._held: dict[str, Lease] = {}
        self._lock, self._telling = threading.Lock(), threading.Lock()
        self._stop, self._leaving = threading.Event(), threading.Event()

    def start(self) -> None:
        for beat, every in ((self._renew, self._renew_s), (self._move, TICK_S)):
            threading.Thread(target=self._loop, args=(beat, every), daemon=True, name=beat.__name__).start()

    def leave(self) -> None:
        """Take nothing new; go on beating for what runs."""
        self._leaving.set()
        with self._telling:
            self._safely(lambda: self._queue.leave(self._worker))

    def stop(self) -> None:
        self._stop.set()

    def hold(self, lease: Lease) -> bool:
        """Beat for a running item from now on; False: under this very lease it runs here already."""
        with self._lock:
            if self._held.get(lease.item_id) == lease:
                return False
            self._held[lease.item_id] = lease
            return True

    def drop(self, lease: Lease) -> None:
        with self._lock:
            if self._held.get(lease.item_id) == lease:
                del self._held[lease.item_id]

    def _loop(self, beat: Callable[[], None], every: float) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            self._safely(beat)
            self._stop.wait(max(0.01, every - (time.monotonic() - began)))

    def _safely(self, act: Callable[[], object]) -> None:
        try:
            act()
        except AppError as away:
            log.warning("beat missed", reason=away.code)
        except Exception:  # a dead beat would lose the items of a live worker
            log.exception("beat failed")

    def _renew(self) -> None:
        with self._telling:
            if not self._leaving.is_set():
                self._queue.tell(self._worker, self._slots)
        with self._lock:
            held = list(self._held.values())
        for lost in self._queue.renew(held):
            log.warning("item was handed on while running", item_id=lost)

    def _move(self) -> None:
        self._safely(self._recovery.sweep)
        self._safely(self._failover.sweep)
        self._dispatcher.dispatch()
