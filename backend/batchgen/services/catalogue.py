"""Which providers and models there are, and which of them can be used now."""

import threading
import time
from collections.abc import Callable

import structlog

from batchgen.domain.availability import Successor
from batchgen.errors import AppError
from batchgen.providers.registry import ProviderInfo, Registry
from batchgen.store.models import Models

log = structlog.get_logger(__name__)
_FRESH_S = 2.0  # what many requests and events may share


class CatalogueService:
    def __init__(self, registry: Registry, models: Models, clock: Callable[[], float] = time.time) -> None:
        self._registry, self._models, self._clock = registry, models, clock
        self._lock = threading.Lock()
        self._known: tuple[float, list[ProviderInfo]] | None = None

    def infos(self, *, fresh: bool = False) -> list[ProviderInfo]:
        """All providers, with what probes and calls found of their models: as it is now, or as it was less than two
        seconds ago. Raises nothing: without Redis it tells what was known last."""
        now = self._clock()
        with self._lock:
            if fresh or self._known is None or not 0 <= now - self._known[0] < _FRESH_S:
                self._known = (now, self._read(now))
            return self._known[1]

    def successor(self, provider: str, model: str) -> Successor | None:
        """What to go on with where that model is not available; None: nothing of that provider."""
        info = next((info for info in self.infos() if info.id == provider), None)
        return self._registry.successor(info, model) if info and info.available else None

    def _read(self, now: float) -> list[ProviderInfo]:
        try:
            return self._registry.infos(self._models.all(), int(now * 1000))
        except AppError as away:
            log.warning("models not read", reason=away.code)
            return self._known[1] if self._known else self._registry.infos()


__all__ = ["CatalogueService", "ProviderInfo"]
