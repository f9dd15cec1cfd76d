"""The state of the providers' keys, as an admin sees it."""

from typing import Self

from pydantic import Field

from batchgen.domain.pace import Hold, ProviderState
from batchgen.schemas.base import Outgoing
from batchgen.schemas.batches import HoldOut


class KeyOut(Outgoing):
    tail: str = Field(description="at most the key's last 4 characters; empty where it is short")
    rest: HoldOut | None


class ModelHoldOut(Outgoing):
    model: str
    hold: HoldOut


class ProviderStateOut(Outgoing):
    id: str
    keys: list[KeyOut]
    holds: list[ModelHoldOut]

    @classmethod
    def of(cls, state: ProviderState) -> Self:
        return cls(
            id=state.id,
            keys=[KeyOut(tail=key.tail, rest=_hold(key.rest)) for key in state.keys],
            holds=[ModelHoldOut(model=model, hold=HoldOut.of(hold)) for model, hold in state.holds],
        )


def _hold(hold: Hold | None) -> HoldOut | None:
    return HoldOut.of(hold) if hold else None
