"""Pilots and duels as a caller asks for them and as the API carries them."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from batchgen.domain.models import Batch
from batchgen.domain.pilots import DEFAULT_SAMPLE, MAX_SAMPLE, Mode, PilotAsked, PilotState
from batchgen.schemas.base import Incoming, Outgoing


class PilotIn(Incoming):
    mode: Mode = "first"
    size: int | None = Field(None, ge=1, le=MAX_SAMPLE, description="pictures; 3 when left out; not for `chosen`")
    indexes: list[Annotated[int, Field(ge=0, le=10**6)]] | None = Field(
        None, min_length=1, max_length=MAX_SAMPLE, description="for `chosen` alone: items by index, variants counted"
    )

    @model_validator(mode="after")
    def _fits_its_mode(self) -> Self:
        if (self.indexes is not None) != (self.mode == "chosen") or (self.mode == "chosen" and self.size is not None):
            raise PydanticCustomError("pilot_mode", "{expected}", {"expected": "chosen: indexes; first, spread: size"})
        return self

    def to_pilot(self) -> PilotAsked:
        return PilotAsked(self.mode, self.size or DEFAULT_SAMPLE, tuple(self.indexes or ()))


class PilotOut(Outgoing):
    state: PilotState
    indexes: list[int] = Field(description="the sample; every other item that is queued waits for the approval")
    round: int = Field(description="how often the sample was asked for")
    held_back: int = Field(description="items that wait for the approval")
    sample_micros: int = Field(description="what the sample once more would cost")
    rest_micros: int = Field(description="what approval holds")

    @classmethod
    def of(cls, batch: Batch) -> Self | None:
        if (pilot := batch.pilot) is None:
            return None
        return cls(
            state=pilot.state, indexes=list(pilot.indexes), round=pilot.round, held_back=pilot.held_back,
            sample_micros=batch.price_micros * len(pilot.indexes), rest_micros=batch.price_micros * pilot.held_back,
        )  # fmt: skip


class ApproveIn(Incoming):
    round: int | None = Field(
        None, ge=1, description="the round that you looked at; refused where it is another by now"
    )


class RepeatIn(ApproveIn):
    prompt: str | None = None
    provider: str | None = None
    model: str | None = None


class PilotQuoteOut(Outgoing):
    sample_micros: int = Field(description="what making the sample once more holds")
    rest_micros: int = Field(description="what the rest then costs, when you approve")
