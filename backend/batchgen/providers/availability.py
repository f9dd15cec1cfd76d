"""The catalogue's rows against what is known of the models: which cannot be used, and what to use instead."""

from collections.abc import Mapping

from batchgen.domain.availability import Gone, ModelState, Successor, gone_since, heir
from batchgen.providers.catalogue import Section


def gone_models(section: Section, states: Mapping[str, ModelState], now_ms: int) -> tuple[dict[str, Gone], str | None]:
    """Each model that cannot be used, retired ones included; and the default (None: nothing is left)."""
    since: dict[str, str] = {}
    for entry in section.models:
        known = entry.capabilities
        if not entry.available:
            since[known.id] = known.deprecated or known.as_of
        elif day := gone_since(known.deprecated, states.get(f"{section.id}/{known.id}"), now_ms):
            since[known.id] = day
    own = next(m.id for m in section.offered if m.default)
    usable = _usable(section, since)
    default = own if own in usable else heir(own, _links(section), usable, own)
    gone = {model: Gone(day, heir(model, _links(section), usable, default or own)) for model, day in since.items()}
    return gone, default


def successor_of(section: Section, model: str, gone: Mapping[str, Gone], default: str) -> Successor | None:
    """What to use instead of `model`, whether or not it is known to be gone."""
    chosen = heir(model, _links(section), _usable(section, gone), default)
    entry = section.find(chosen) if chosen else None
    if entry is None:
        return None
    known = entry.capabilities
    return Successor(section.id, known.id, known.name_zh, known.name_en)


def _links(section: Section) -> dict[str, str | None]:
    return {entry.capabilities.id: entry.successor for entry in section.models}


def _usable(section: Section, gone: Mapping[str, object]) -> list[str]:
    return [model.id for model in section.offered if model.id not in gone]
