"""Finds out, in one process at a time, which models are still there: at a start, then regularly. Never a paid call."""

import threading

import structlog

from batchgen.domain.availability import Evidence, Presence
from batchgen.domain.failures import ProviderFailure
from batchgen.errors import AppError
from batchgen.providers.registry import Registry
from batchgen.store.models import Models

log = structlog.get_logger(__name__)
TIMEOUT_S = 20.0  # of one provider
_AT_START_S = 600.0  # a start soon after the last probe need not ask again
_TICK_S = 15.0


class Probes:
    """A thread of its own: a provider that does not answer must not hold up the heart. `every_s` 0: never."""

    def __init__(self, registry: Registry, models: Models, *, every_s: float) -> None:
        self._registry, self._models, self._every_s = registry, models, every_s
        self._stop = threading.Event()

    def start(self) -> None:
        if self._every_s:
            threading.Thread(target=self._loop, daemon=True, name="probes").start()

    def stop(self) -> None:
        self._stop.set()

    def tick(self, mark: str = "") -> None:
        """Probe if it is time and no other process does. `mark`: at a start, what is configured. Raises nothing."""
        every_s = min(self._every_s, _AT_START_S) if mark else self._every_s
        try:
            if self._models.claim(int(every_s * 1000), mark):
                self._probe_all()
        except AppError as away:
            log.warning("probe put off", reason=away.code)
        except Exception as broken:  # noqa: BLE001 - its text may hold what must not be told
            log.warning("probe failed", reason=type(broken).__name__)

    def _loop(self) -> None:
        self.tick(self._registry.mark())
        while not self._stop.wait(min(_TICK_S, self._every_s / 4)):
            self.tick()

    def _probe_all(self) -> None:
        for info in self._registry.infos():
            if info.available and not self._stop.is_set():
                self._probe(info.id)

    def _probe(self, provider: str) -> None:
        try:
            found = self._registry.adapter(provider).probe(timeout_s=TIMEOUT_S)
        except ProviderFailure as failed:
            log.warning("models not probed", provider=provider, reason=failed.failure.code)
            return
        news = self._models.note(provider, found, Evidence.PROBE)
        unknown = sum(state is Presence.UNKNOWN for state in found.values())
        log.info("models probed", provider=provider, models=len(found), unknown=unknown)
        for model, state in news.items():
            told = log.warning if state is Presence.GONE else log.info
            told("model is now " + state.value, provider=provider, model=model)
