"""Whether a model that the catalogue offers can still be used, as probes and calls found out. Pure values and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

CALL_EVIDENCE_MS = 6 * 3600 * 1000  # a refused call counts for so long where no probe can tell that the model is back


class Presence(StrEnum):
    """What a probe found of a model."""

    PRESENT = "present"
    GONE = "gone"
    UNKNOWN = "unknown"  # it could not be found out; never a reason against the model


class Evidence(StrEnum):
    """Who found it out."""

    PROBE = "probe"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class ModelState:
    """What is known of one model. `since_ms`: since when it is so; `checked_ms`: when it was last found so."""

    state: Presence
    evidence: Evidence
    since_ms: int
    checked_ms: int

    def is_gone(self, now_ms: int) -> bool:
        fresh = self.evidence is Evidence.PROBE or now_ms - self.checked_ms < CALL_EVIDENCE_MS
        return self.state is Presence.GONE and fresh


class Gone(NamedTuple):
    """A model that cannot be used: since which day, and what to use instead (None: its provider has nothing left)."""

    since: str
    successor: str | None


class Successor(NamedTuple):
    """The model to go on with."""

    provider: str
    model: str
    name_zh: str
    name_en: str


def gone_since(ends: str | None, state: ModelState | None, now_ms: int) -> str | None:
    """The day since when a model cannot be used; None: it can. `ends`: the day that was announced, which counts once it
    is over, unless a probe says that the model is still there."""
    if state is not None and state.is_gone(now_ms):
        return _day(state.since_ms)
    seen = state is not None and state.state is Presence.PRESENT
    return ends if ends and not seen and date.fromisoformat(ends) < _date(now_ms) else None


def heir(model: str, links: Mapping[str, str | None], usable: list[str], default: str) -> str | None:
    """What to use instead of `model`: the first that is usable along its successors, else the default, else the first.
    `usable`: in the order of the catalogue; `links`: model -> successor."""
    seen, now = {model}, links.get(model)
    while now and now not in seen:
        if now in usable:
            return now
        seen.add(now)
        now = links.get(now)
    others = [one for one in usable if one != model]
    return default if default in others else next(iter(others), None)


def _date(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).date()


def _day(ms: int) -> str:
    return _date(ms).isoformat()
