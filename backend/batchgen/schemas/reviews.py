"""What a person says of finished pictures."""

from typing import Annotated

from pydantic import Field

from batchgen.domain.states import Review
from batchgen.schemas.base import Incoming, Outgoing

_MOST = 10_000  # in one request


class ReviewIn(Incoming):
    decision: Review = Field(strict=False, description="none: undecided again")


class DecisionIn(ReviewIn):
    item_id: Annotated[str, Field(max_length=60)]


class ReviewsIn(Incoming):
    decisions: list[DecisionIn] = Field(min_length=1, max_length=_MOST)


class RedoIn(Incoming):
    add: str | None = Field(None, description="a sentence that is added to the words that were sent")
    prompt: str | None = Field(None, description="instead of the words that were sent")
    provider: str | None = None
    model: str | None = None


class RedoQuoteOut(Outgoing):
    cost_micros: int = Field(description="what making it once more holds")


class RestoreIn(Incoming):
    number: int = Field(ge=0, description="of the picture, as the item's `earlier` has it")
