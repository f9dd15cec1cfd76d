"""Which providers and models there are."""

from batchgen.providers.registry import ProviderInfo, Registry


class CatalogueService:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def providers(self) -> list[ProviderInfo]:
        return self._registry.infos()


__all__ = ["CatalogueService", "ProviderInfo"]
