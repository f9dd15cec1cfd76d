"""Which providers there are, which can be used, and their adapters, each loaded when it is first called.

The web process reads `infos()` only: it must never pay for the import of a provider's library.
"""

import hashlib
import importlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from batchgen.domain.availability import Gone, ModelState, Successor
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Capabilities
from batchgen.providers.availability import gone_models, successor_of
from batchgen.providers.base import Provider, ProviderConfig, key_id, key_tail
from batchgen.providers.catalogue import Section, catalogue
from batchgen.providers.jobs import JobProvider

__all__ = ["ADAPTERS", "ProviderConfig", "ProviderInfo", "Registry"]

KINDS = {"gemini": "Gemini", "doubao": "Doubao", "openai_images": "OpenAIImages", "demo": "Demo"}  # module -> class
JOBS = {"gemini": ("gemini_jobs", "GeminiJobs")}  # provider -> module and class of its batch API
ADAPTERS = {"gemini": "gemini", "doubao": "doubao", "openai": "openai_images", "demo": "demo"}  # provider -> kind
_OF_A_SERVER = "openai_images"  # of a provider that the administrator's file adds
_DEMO = "demo"


@dataclass(frozen=True, slots=True)
class ProviderInfo:
    """A provider as everybody may see it. `reason`: the error code that says why it is not available."""

    id: str
    name_zh: str
    name_en: str
    available: bool
    reason: str | None
    default: bool
    models: tuple[Capabilities, ...]  # those that are offered, also where they are gone
    default_model: str
    moved_from: str | None = None  # the catalogue's default, where it is gone
    gone: Mapping[str, Gone] = field(default_factory=dict)  # model -> why not, retired ones included

    def model(self, model: str) -> Capabilities | None:
        """An offered model by id."""
        return next((m for m in self.models if m.id == model), None)


class Registry:
    """`configs`: what is configured, by provider id. `default`: the id to prefer; empty: the first available.
    `sections`: the catalogue; None: what is built in."""

    def __init__(
        self,
        configs: Mapping[str, ProviderConfig],
        default: str = "",
        sections: Mapping[str, Section] | None = None,
    ) -> None:
        self._configs, self._sections = dict(configs), dict(sections or catalogue())
        self._default = default if default in self._sections else ""
        self._adapters: dict[str, Provider] = {}
        self._locks = {name: threading.Lock() for name in self._sections}  # one each: Gemini's takes a second to load

    def infos(self, states: Mapping[str, ModelState] | None = None, now_ms: int = 0) -> list[ProviderInfo]:
        """All providers. `states`: what is known of models, by `provider/model`, at `now_ms`."""
        infos = [self._info(section, states or {}, now_ms) for section in self._sections.values()]
        usable = (info.id for info in infos if info.id != _DEMO and info.available)
        default = self._default or next(usable, _DEMO)
        return [replace(info, default=info.id == default) for info in infos]

    def info(self, provider: str) -> ProviderInfo | None:
        return next((info for info in self.infos() if info.id == provider), None)

    def successor(self, info: ProviderInfo, model: str) -> Successor | None:
        """What to use instead of a model of that provider; None: nothing is left there."""
        return successor_of(self._sections[info.id], model, info.gone, info.default_model)

    def mark(self) -> str:
        """Changes with the keys, addresses and models that are configured; tells none of them."""
        shown = [
            (section.id, [m.id for m in section.offered], (c := self._config(section.id)).base_url, c.keys)
            for section in self._sections.values()
        ]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]

    def adapter(self, provider: str) -> Provider:
        """The adapter of `provider`, the same one each time. Raises ProviderFailure where there is none or no key."""
        if provider not in self._sections:
            raise ProviderFailure(Failure("model_unavailable", Charged.NO, detail=f"no provider {provider[:40]}"))
        if not self._is_available(provider):
            raise ProviderFailure(Failure("auth", Charged.NO, detail=f"{provider} has no key"))
        with self._locks[provider]:
            if provider not in self._adapters:
                self._adapters[provider] = self._load(provider)
            return self._adapters[provider]

    def jobs(self, provider: str) -> JobProvider:
        """The batch API of `provider`. Raises ProviderFailure where there is none or no key."""
        if provider not in JOBS:
            raise ProviderFailure(Failure("model_unavailable", Charged.NO, detail=f"{provider[:40]} has no batch API"))
        module, name = JOBS[provider]
        made = getattr(importlib.import_module(f"batchgen.providers.{module}"), name)
        return cast(JobProvider, made(self.adapter(provider)))

    def key_tails(self, provider: str) -> dict[str, str]:
        """Key id -> what a person may see of the key."""
        return {key_id(key): key_tail(key) for key in self._configs.get(provider, ProviderConfig()).keys}

    def close(self) -> None:
        """Close the connections of every adapter that was loaded."""
        for adapter in self._adapters.values():
            close = getattr(adapter, "close", None)
            if close:
                close()

    def _load(self, provider: str) -> Provider:
        kind = ADAPTERS.get(provider, _OF_A_SERVER)
        module = importlib.import_module(f"batchgen.providers.{kind}")
        make = cast(Callable[[ProviderConfig, Section], Provider], getattr(module, KINDS[kind]))
        return make(self._config(provider), self._sections[provider])

    def _is_available(self, provider: str) -> bool:
        server = self._sections[provider].server
        needs_no_key = provider == _DEMO or (server is not None and not server.key_variable)
        return needs_no_key or bool(self._config(provider).keys)

    def _config(self, provider: str) -> ProviderConfig:
        return self._configs.get(provider, ProviderConfig())

    def _info(self, section: Section, states: Mapping[str, ModelState], now_ms: int) -> ProviderInfo:
        own = next(m.id for m in section.offered if m.default)
        gone, default = gone_models(section, states, now_ms)
        reason = None if self._is_available(section.id) else "provider_unavailable"
        if reason is None and default is None:
            reason = "models_gone"
        return ProviderInfo(
            id=section.id,
            name_zh=section.name_zh,
            name_en=section.name_en,
            available=reason is None,
            reason=reason,
            default=False,
            models=section.offered,
            default_model=default or own,
            moved_from=own if default not in (None, own) else None,
            gone=gone,
        )
