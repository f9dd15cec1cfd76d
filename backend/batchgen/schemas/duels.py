"""Duels: several pilots over the same sample."""

from pydantic import Field

from batchgen.domain.pictures import Options
from batchgen.schemas.base import Incoming, Outgoing, Time
from batchgen.schemas.batches import BatchIn, BatchOut, OptionsIn
from batchgen.schemas.items import ItemOut


class ContestantIn(Incoming):
    """What of the body is otherwise for this contestant."""

    prompt: str | None = None
    provider: str | None = Field(None, max_length=50)
    model: str | None = Field(None, max_length=100)
    options: OptionsIn | None = None

    def to_options(self) -> Options | None:
        return self.options.to_options() if self.options else None


class DuelIn(BatchIn):
    contestants: list[ContestantIn] = Field(min_length=2, max_length=4)


class ChooseIn(Incoming):
    batch_id: str = Field(max_length=100)


class ContestantOut(Outgoing):
    batch: BatchOut
    items: list[ItemOut] = Field(description="its sample")
    cost_micros: int = Field(description="what the sample has cost so far")
    seconds_each: float | None = Field(description="measured, per picture; null: none was made yet")


class DuelOut(Outgoing):
    id: str
    created_at: Time
    chosen: str | None = Field(description="the batch that goes on with the rest; null: not decided")
    contestants: list[ContestantOut]
