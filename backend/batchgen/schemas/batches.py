"""Batches as a caller submits them and as the API and every event carry them."""

import time
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field

from batchgen.domain.economy import Economy, JobFacts, JobState, Lane
from batchgen.domain.failover import Policy
from batchgen.domain.failures import Category
from batchgen.domain.filenames import MAX_PATTERN
from batchgen.domain.models import Batch, BatchView
from batchgen.domain.notices import MAX_TARGETS
from batchgen.domain.pace import Hold
from batchgen.domain.pictures import Options
from batchgen.domain.prompts import MAX_NAME, MAX_VALUE, MAX_VARIABLES
from batchgen.domain.states import BatchState, ItemState
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339
from batchgen.schemas.pilots import PilotIn, PilotOut

PROMPT_LIMIT = 8000
Name = Annotated[str, Field(max_length=MAX_NAME)]
Value = Annotated[str, Field(max_length=MAX_VALUE)]


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
    variables: dict[Name, Value] = Field({}, max_length=MAX_VARIABLES, description="fill `{name}` in the prompt")
    folder: str | None = Field(None, max_length=1000, description="where it stands in the zip, such as `shoes/red`")


class BatchIn(Incoming):
    name: str | None = Field(None, max_length=200)
    prompt: str
    provider: str | None = Field(None, max_length=50)
    model: str | None = Field(None, max_length=100)
    items: list[BatchItemIn]
    variants: int = Field(1, ge=1, le=8)
    references: list[str] = []
    options: OptionsIn = OptionsIn()
    policy: Policy = Field("none", description="whether items that fail may go on with another provider")
    lane: Lane = Field("normal", description="economy: by the provider's batch API, cheaper and slower")
    needed_by: AwareDatetime | None = Field(None, description="for economy: the time by which all is to be made")
    full_price_ok: bool = Field(False, description="for economy: what would be late may be made at full price")
    notify: list[Annotated[str, Field(pattern="^n[0-9a-z]{20}$")]] | None = Field(
        None, max_length=MAX_TARGETS, description="ids of targets that hear of its end; left out: your default"
    )
    filename_pattern: str | None = Field(
        None, max_length=MAX_PATTERN, examples=["{date}/{name}-{n}"],
        description="names of the zip's files: name, n, variant, batch, model, date and the prompt's variables",
    )  # fmt: skip
    embed_metadata: bool = Field(True, description="write words, model and date into the pictures")
    pilot: PilotIn | None = Field(None, description="make a sample first; the rest waits for your approval")


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
    scope: Literal["mine", "team", "all"] = Field(
        "mine", description="your own, those shared with the team, or all (admins)"
    )


class ArchiveQuery(Incoming):
    only: Literal["succeeded", "approved"] = Field("succeeded", description="which pictures; the manifest has all")


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


class ReviewedOut(Outgoing):
    approved: int
    rejected: int
    undecided: int = Field(description="pictures that succeeded and that nobody has decided on")


class CostOut(Outgoing):
    quoted_micros: int
    quoted_high_micros: int = Field(description="if all of an economy batch is made at full price")
    held_micros: int
    settled_micros: int
    possibly_paid_micros: int


class SharedOut(Outgoing):
    team: bool = Field(description="whether the team may read it")
    links: int = Field(description="how many links open its results")


class OptionsOut(Outgoing):
    aspect_ratio: str | None
    size: str | None
    format: str | None
    seed: int | None
    watermark: bool


class HoldOut(Outgoing):
    category: Category
    until: Time

    @classmethod
    def of(cls, hold: Hold) -> Self:
        return cls.model_validate({"category": hold.category, "until": rfc3339(hold.until_ms)})


class JobOut(Outgoing):
    state: JobState
    began_at: Time
    age_seconds: int
    items: int

    @classmethod
    def of(cls, job: JobFacts, now_ms: int) -> Self:
        age = ((job.ended_ms or now_ms) - job.created_ms) // 1000
        return cls.model_validate(
            {"state": job.state, "began_at": rfc3339(job.created_ms), "age_seconds": age, "items": job.items}
        )


class EconomyOut(Outgoing):
    needed_by: Time
    full_price_ok: bool
    moved: int = Field(description="items that went on at full price, so as to be there in time")
    jobs: list[JobOut] = Field(description="of the provider's batch API, in the order in which they began")

    @classmethod
    def of(cls, e: Economy) -> Self:
        return cls.model_validate(
            {"needed_by": rfc3339(e.agreed.needed_by_ms), "full_price_ok": e.agreed.full_price_ok,
             "moved": sum(job.moved for job in e.jobs), "jobs": [JobOut.of(job, e.now_ms) for job in e.jobs]}
        )  # fmt: skip


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
    lane: Lane
    economy: EconomyOut | None = Field(description="how a batch of the economy lane stands")
    policy: Policy
    filename_pattern: str | None
    embed_metadata: bool
    pilot: PilotOut | None
    duel_id: str | None
    counts: CountsOut
    review: ReviewedOut
    cost: CostOut
    eta_seconds: int | None
    position: int | None = Field(description="turns until this batch's next picture starts")
    hold: HoldOut | None = Field(description="why nothing of it starts for now, and until when")
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    version: int
    shared: SharedOut
    result_bytes: int = Field(description="of the pictures that it keeps")
    results_expired_at: Time | None = Field(
        None, description="when the pictures that it had by then were deleted; later ones are there"
    )

    @classmethod
    def of(cls, view: BatchView) -> Self:
        b, o, hold = view.batch, view.batch.options, view.hold
        return cls.model_validate(
            {"id": b.id, "name": b.name, "owner": {"id": b.owner.id, "name": b.owner.name}, "state": b.state,
             "paused": b.paused, "prompt": b.prompt, "provider": b.provider, "model": b.model,
             "options": {"aspect_ratio": o.aspect_ratio, "size": o.size, "format": o.format, "seed": o.seed,
                         "watermark": o.watermark},
             "references": list(b.references), "variants": b.variants,
             "counts": {"total": b.total} | {s.value: b.counts.get(s, 0) for s in ItemState},
             "review": {"approved": b.approved, "rejected": b.rejected, "undecided": b.undecided},
             "lane": "economy" if b.economy else "normal",
             "economy": view.economy and EconomyOut.of(view.economy),
             "cost": {"quoted_micros": _quoted(b) * b.total, "quoted_high_micros": b.price_micros * b.total,
                      "held_micros": b.held_micros,
                      "settled_micros": b.settled_micros, "possibly_paid_micros": b.possibly_paid_micros},
             "filename_pattern": b.filename_pattern or None, "embed_metadata": b.embed_metadata,
             "policy": b.policy, "pilot": b.pilot and PilotOut.of(b), "duel_id": b.duel or None,
             "eta_seconds": view.eta_s, "position": view.position,
             "hold": hold and HoldOut.of(hold), "created_at": rfc3339(b.created_ms),
             "started_at": rfc3339(b.started_ms), "finished_at": rfc3339(b.finished_ms), "version": b.version,
             "result_bytes": b.bytes, "results_expired_at": rfc3339(b.expired_ms),
             "shared": {"team": b.shared.team, "links": len(b.shared.alive(time.time_ns() // 1_000_000))}}
        )  # fmt: skip


def _quoted(batch: Batch) -> int:
    """Micro-USD of one picture, if all goes as it should; in the economy lane more may be held."""
    return batch.economy.price_micros if batch.economy else batch.price_micros


class BatchesPageOut(Outgoing):
    items: list[BatchOut]
    next_cursor: str | None
    total: int
