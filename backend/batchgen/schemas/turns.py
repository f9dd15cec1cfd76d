"""The queue as those who wait in it see it."""

from typing import Self

from pydantic import Field

from batchgen.domain.models import Batch
from batchgen.domain.pace import Hold
from batchgen.domain.turns import Turn
from batchgen.schemas.base import Outgoing
from batchgen.schemas.batches import HoldOut, OwnerOut


class TurnBatchOut(Outgoing):
    id: str
    name: str
    owner: OwnerOut


class TurnOut(Outgoing):
    position: int = Field(description="1 is next")
    queued: int = Field(description="pictures that wait")
    mine: bool
    batch: TurnBatchOut | None = Field(description="null: not for you to see")
    next_seconds: int | None = Field(description="until its next picture starts, by what was measured")
    done_seconds: int | None

    @classmethod
    def of(cls, turn: Turn, batch: Batch | None, mine: bool) -> Self:
        return cls.model_validate(
            {"position": turn.position, "queued": turn.queued, "mine": mine, "next_seconds": turn.next_s,
             "done_seconds": turn.done_s,
             "batch": batch and {"id": batch.id, "name": batch.name,
                                 "owner": {"id": batch.owner.id, "name": batch.owner.name}}}
        )  # fmt: skip


class BoardOut(Outgoing):
    provider: str
    model: str
    slots: int = Field(description="pictures that may be made at once")
    running: int
    seconds_each: float | None = Field(description="measured time of one picture")
    hold: HoldOut | None
    turns: list[TurnOut] = Field(description="the next 50, and all of yours")
    more: int

    @staticmethod
    def held(hold: Hold | None) -> HoldOut | None:
        return HoldOut.of(hold) if hold else None
