"""Whether the parts work, in status words that give nothing away."""

from collections.abc import Callable

from batchgen.errors import AppError
from batchgen.media.storage import Storage
from batchgen.services.catalogue import CatalogueService
from batchgen.store.queue import Queue


class HealthService:
    def __init__(self, queue: Queue, storage: Storage, catalogue: CatalogueService, is_up: Callable[[], bool]) -> None:
        self._queue, self._storage, self._catalogue, self._is_up = queue, storage, catalogue, is_up

    def look(self) -> tuple[str, dict[str, str]]:
        """("ok" | "degraded" | "down", a word per part). Never raises."""
        redis = "ok" if self._is_up() else "down"
        checks = {
            "redis": redis, "storage": self._storage_word(), "workers": self._workers_word(redis),
            "providers": self._providers_word(redis),
        }  # fmt: skip
        if "down" in (checks["redis"], checks["storage"]):
            return "down", checks
        well = checks["workers"] == checks["storage"] == "ok" and checks["providers"] != "resting"
        return ("ok" if well else "degraded"), checks

    def _storage_word(self) -> str:
        try:
            return self._storage.check()
        except AppError:
            return "down"

    def _providers_word(self, redis: str) -> str:
        """ "resting": of one provider no key may be used for now; which one is told to admins only."""
        real = [i.id for i in self._catalogue.infos() if i.available and i.id != "demo"]
        if not real:
            return "demo"
        try:
            rests = [self._queue.key_rests(provider) for provider in real] if redis == "ok" else []
        except AppError:
            return "unknown"
        return "resting" if any(keys and all(keys.values()) for keys in rests) else "ok"

    def _workers_word(self, redis: str) -> str:
        if redis != "ok":
            return "unknown"
        try:
            return "ok" if self._queue.live_slots() else "none"
        except AppError:
            return "unknown"
