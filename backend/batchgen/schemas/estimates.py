"""What a submission would cost and take."""

from typing import Self

from pydantic import Field

from batchgen.domain.estimates import Estimate
from batchgen.domain.money import Display
from batchgen.schemas.base import Outgoing, told


class WarningOut(Outgoing):
    code: str
    message: str
    items: list[int] = Field(description="indexes of the first 20")
    count: int = Field(description="how many items it is about; 0: all, or none in particular")


class EstimateOut(Outgoing):
    items: int
    pictures: int = Field(description="items by variants")
    cost_low_micros: int
    cost_high_micros: int = Field(
        description="what a submit holds, without reruns; economy: if all moves to full price, where that is ok"
    )
    seconds: int | None = Field(
        description="until the last one is done; economy: until needed_by; null: not measured, or nobody works"
    )
    warnings: list[WarningOut]

    @classmethod
    def of(cls, e: Estimate, language: str, display: Display) -> Self:
        warnings = [
            WarningOut(
                code=w.code, message=told(w.code, language, w.params, display), items=list(w.items), count=w.count
            )
            for w in e.warnings
        ]  # fmt: skip
        return cls(
            items=e.items, pictures=e.pictures, cost_low_micros=e.cost_low_micros,
            cost_high_micros=e.cost_high_micros, seconds=e.seconds, warnings=warnings,
        )  # fmt: skip
