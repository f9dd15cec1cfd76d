"""Items as the API and every event carry them."""

from collections.abc import Callable
from typing import Literal, Self

from pydantic import Field

from batchgen.domain.availability import Successor
from batchgen.domain.economy import Lane
from batchgen.domain.failures import KINDS, Category, Rule
from batchgen.domain.models import Attempt, Item, ResultFacts, Upload
from batchgen.domain.states import ItemState, Review
from batchgen.errors import sentence
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339


class ItemUploadOut(Outgoing):
    id: str
    url: str
    thumbnail_url: str
    width: int
    height: int

    @classmethod
    def of(cls, u: Upload) -> Self:
        return cls(
            id=u.id, url=f"/static/uploads/{u.id}.{u.format}", thumbnail_url=f"/static/thumbnails/{u.id}.webp",
            width=u.width, height=u.height,
        )  # fmt: skip


class SuccessorOut(Outgoing):
    provider: str
    model: str
    name: str


class ItemErrorOut(Outgoing):
    category: Category
    code: str
    message: str
    retryable: bool
    successor: SuccessorOut | None = Field(None, description="the model to go on with, where its own is not available")


type Successors = Callable[[str, str], Successor | None]


class ResultOut(Outgoing):
    url: str
    thumbnail_url: str
    width: int
    height: int
    bytes: int
    format: str
    description: str
    seed: int | None
    flags: list[str] = Field(
        description="what is wrong with it: blank, unchanged, ratio, small; a person accepts or retries"
    )


class EarlierOut(ResultOut):
    number: int = Field(description="names it for `restore`")


class MovedOut(Outgoing):
    provider: str
    model: str
    category: Category


class ItemOut(Outgoing):
    id: str
    batch_id: str
    index: int
    name: str
    folder: str
    state: ItemState
    upload: ItemUploadOut | None
    prompt: str
    provider: str
    model: str
    lane: Lane = Field(description="normal in a batch of the economy lane: made at full price, to be in time")
    attempts: int
    retry_at: Time | None
    error: ItemErrorOut | None
    result: ResultOut | None
    result_expired_at: Time | None = Field(
        None, description="when its picture was deleted, having been kept for as long as the settings say"
    )
    cost_micros: int
    possibly_paid: bool
    moved_from: MovedOut | None = Field(description="the provider that it left by its batch's policy, and why")
    review: Review
    earlier: list[EarlierOut] = Field(description="pictures that were laid by when it was made once more, oldest first")
    started_at: Time | None
    finished_at: Time | None
    version: int

    @classmethod
    def of(cls, item: Item, language: str, successors: Successors) -> Self:
        """`successors(provider, model)`: what to use instead of a model that is not available."""
        return cls(
            id=item.id, batch_id=item.batch_id, index=item.index, name=item.name, folder=item.folder,
            state=item.state,
            upload=_upload(item), prompt=item.prompt, provider=item.provider, model=item.model,
            attempts=item.attempts, retry_at=rfc3339(item.retry_at_ms), error=_error(item, language, successors),
            result=_result(item), result_expired_at=rfc3339(item.expired_ms), cost_micros=item.cost_micros,
            possibly_paid=item.possibly_paid > 0, moved_from=_moved(item), review=item.review,
            earlier=[_earlier(one) for one in item.earlier], lane="economy" if item.lane == "economy" else "normal",
            started_at=rfc3339(item.started_ms), finished_at=rfc3339(item.finished_ms), version=item.version,
        )  # fmt: skip


def _upload(item: Item) -> ItemUploadOut | None:
    return ItemUploadOut.of(item.upload) if item.upload else None


def _moved(item: Item) -> MovedOut | None:
    if not item.moved:
        return None
    lane, _, category = item.moved.rpartition(" ")
    provider, _, model = lane.partition("/")
    return MovedOut(provider=provider, model=model, category=Category(category))


def _error(item: Item, language: str, successors: Successors) -> ItemErrorOut | None:
    if item.error_code is None:
        return None
    kind = KINDS[item.error_code]
    gone = kind.category is Category.MODEL_UNAVAILABLE
    heir = successors(item.provider, item.model) if gone else None
    return ItemErrorOut(
        category=kind.category, code=item.error_code, retryable=kind.rule is not Rule.NEVER,
        message=sentence(item.error_code, language, detail=item.error_detail),
        successor=_successor(heir, language) if heir else None,
    )  # fmt: skip


def _successor(heir: Successor, language: str) -> SuccessorOut:
    name = heir.name_en if language == "en" else heir.name_zh
    return SuccessorOut(provider=heir.provider, model=heir.model, name=name)


def _result(item: Item) -> ResultOut | None:
    return ResultOut.model_validate(_picture(item.result)) if item.result else None


def _earlier(picture: ResultFacts) -> EarlierOut:
    return EarlierOut.model_validate(_picture(picture) | {"number": picture.number})


def _picture(r: ResultFacts) -> dict[str, object]:
    return {
        "url": f"/static/results/{r.name}", "thumbnail_url": f"/static/thumbnails/{r.thumbnail}", "width": r.width,
        "height": r.height, "bytes": r.bytes, "format": r.format, "description": r.description, "seed": r.seed,
        "flags": list(r.flags),
    }  # fmt: skip


class AttemptOut(Outgoing):
    number: int
    provider: str
    model: str
    sent_at: Time
    ended_at: Time | None
    outcome: str | None = Field(description='"succeeded" or a failure code; null while it runs')
    charged: Literal["no", "unknown", "yes"]
    cost_micros: int = Field(description="paid, or possibly paid where that is unknown")

    @classmethod
    def of(cls, a: Attempt) -> Self:
        return cls.model_validate(
            {"number": a.number, "provider": a.provider, "model": a.model, "sent_at": rfc3339(a.sent_ms),
             "ended_at": rfc3339(a.ended_ms), "outcome": a.outcome, "charged": a.charged,
             "cost_micros": a.cost_micros}
        )  # fmt: skip


class ItemDetailOut(ItemOut):
    attempt_log: list[AttemptOut]


class ItemsPageOut(Outgoing):
    items: list[ItemOut]
    next_cursor: str | None
    total: int


class ItemRetryIn(Incoming):
    prompt: str | None = Field(None, max_length=8000)
    provider: str | None = None
    model: str | None = None


class ItemsQuery(Incoming):
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)
    state: ItemState | None = None
    review: Review | None = Field(None, description="of what succeeded; none: what nobody has decided on")
