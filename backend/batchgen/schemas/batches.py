"""Batches as a caller submits them and as the API and every event carry them."""

from typing import Annotated, Literal, Self

from pydantic import Field

from batchgen.domain.failures import Category
from batchgen.domain.models import Batch
from batchgen.domain.notices import MAX_TARGETS
from batchgen.domain.pictures import Options
from batchgen.domain.states import BatchState, ItemState
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339

PROMPT_LIMIT = 8000


class OptionsIn(Incoming):
    aspect_ratio: str | None = Field(None, max_length=10, examples=["16:9"])
    size: str | None = Field(None, max_length=20, examples=["1K"])
    format: Literal["png", "jpeg", "webp"] | None = None
    seed: int | None = Field(None, ge=0, le=2**31 - 1)
    watermark: bool = False

    def to_options(self) -> Options:
        return Options(**self.model_dump())


class BatchItemIn(Incoming):
    upload_id: str | None = Field(None, max_length=100)
    prompt: str | None = None
    name: str | None = Field(None, max_length=400)


class BatchIn(Incoming):
    name: str | None = Field(None, max_length=200)
    prompt: str
    provider: str | None = Field(None, max_length=50)
    model: str | None = Field(None, max_length=100)
    items: list[BatchItemIn]
    variants: int = Field(1, ge=1, le=8)
    references: list[str] = []
    options: OptionsIn = OptionsIn()
    notify: list[Annotated[str, Field(pattern="^n[0-9a-z]{20}$")]] | None = Field(
        None, max_length=MAX_TARGETS, description="ids of targets that hear of its end; left out: your default"
    )


class BatchPatchIn(Incoming):
    name: str = Field(min_length=1, max_length=200)


class RetryIn(Incoming):
    categories: list[Category] | None = None
    prompt: str | None = None
    provider: str | None = None
    model: str | None = None


class BatchesQuery(Incoming):
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)
    state: BatchState | None = None
    q: str | None = Field(None, max_length=200)


class ArchiveQuery(Incoming):
    only: Literal["succeeded"] = "succeeded"


class EventsQuery(Incoming):
    after: str | None = Field(None, max_length=60)
    lang: Literal["zh-CN", "en"] | None = Field(None, description="a browser's EventSource sends no Accept-Language")


class OwnerOut(Outgoing):
    id: str
    name: str


class CountsOut(Outgoing):
    total: int
    queued: int
    waiting: int
    running: int
    succeeded: int
    failed: int
    cancelled: int


class CostOut(Outgoing):
    quoted_micros: int
    held_micros: int
    settled_micros: int
    possibly_paid_micros: int


class OptionsOut(Outgoing):
    aspect_ratio: str | None
    size: str | None
    format: str | None
    seed: int | None
    watermark: bool


class BatchOut(Outgoing):
    id: str
    name: str
    owner: OwnerOut
    state: BatchState
    paused: bool
    prompt: str
    provider: str
    model: str
    options: OptionsOut
    references: list[str]
    variants: int
    lane: Literal["normal"] = "normal"
    policy: Literal["none"] = "none"
    counts: CountsOut
    cost: CostOut
    eta_seconds: int | None
    position: int | None = Field(description="turns until this batch's next picture starts")
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    version: int

    @classmethod
    def of(cls, b: Batch, *, eta_seconds: int | None = None, position: int | None = None) -> Self:
        o = b.options
        return cls.model_validate(
            {"id": b.id, "name": b.name, "owner": {"id": b.owner.id, "name": b.owner.name}, "state": b.state,
             "paused": b.paused, "prompt": b.prompt, "provider": b.provider, "model": b.model,
             "options": {"aspect_ratio": o.aspect_ratio, "size": o.size, "format": o.format, "seed": o.seed,
                         "watermark": o.watermark},
             "references": list(b.references), "variants": b.variants,
             "counts": {"total": b.total} | {s.value: b.counts.get(s, 0) for s in ItemState},
             "cost": {"quoted_micros": b.price_micros * b.total, "held_micros": b.held_micros,
                      "settled_micros": b.settled_micros, "possibly_paid_micros": b.possibly_paid_micros},
             "eta_seconds": eta_seconds, "position": position, "created_at": rfc3339(b.created_ms),
             "started_at": rfc3339(b.started_ms), "finished_at": rfc3339(b.finished_ms), "version": b.version}
        )  # fmt: skip


class BatchesPageOut(Outgoing):
    items: list[BatchOut]
    next_cursor: str | None
    total: int
