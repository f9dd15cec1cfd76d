"""What all models of the HTTP contract share: strict types, unknown fields refused, times as RFC 3339 UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from batchgen.domain.money import Display
from batchgen.errors import Micros, sentence


class Incoming(BaseModel):
    """A body or query that a caller sends: nothing is coerced, nothing unknown is taken."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Outgoing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def rfc3339(ms: int | None) -> datetime | None:
    """A time in milliseconds since the epoch, as an aware datetime."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


Time = Annotated[  # milliseconds, as `2026-11-24T03:01:00.123Z`
    datetime,
    PlainSerializer(
        lambda t: t.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        return_type=str,
        when_used="json",
    ),
]


def told(code: str, language: str, params: dict[str, object], display: Display) -> str:
    """The sentence of an error or a warning, its amounts in the operator's currency."""
    shown = {name: display(value) if isinstance(value, Micros) else value for name, value in params.items()}
    return sentence(code, language, **shown)
