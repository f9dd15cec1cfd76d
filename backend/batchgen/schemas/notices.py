"""Finish notices: a user's targets, a test of one, and how those of a batch fare."""

from typing import Literal, Self

from pydantic import Field

from batchgen.domain.notices import MAX_TARGETS, Delivery, Kind, NoticeState, Preferences, TargetDraft
from batchgen.errors import sentence
from batchgen.schemas.base import Incoming, Outgoing

Language = Literal["zh-CN", "en"]


class NoticeTargetIn(Incoming):
    id: str | None = Field(None, max_length=40, description="of a target that is there already; a new one has none")
    kind: Kind
    label: str = Field("", max_length=60)
    address: str | None = Field(None, max_length=2000, description="left out: as it was")
    secret: str | None = Field(None, max_length=200, description="left out: as it was; a new webhook gets one made")
    language: Language = "zh-CN"

    def to_draft(self) -> TargetDraft:
        return TargetDraft(self.kind, self.id, self.address, self.language, self.label, self.secret)


class NoticesIn(Incoming):
    targets: list[NoticeTargetIn] = Field(max_length=MAX_TARGETS)
    default: bool = Field(description="tell all of them of every batch that does not say otherwise")


class NoticeTargetOut(Outgoing):
    id: str
    kind: Kind
    label: str
    address: str = Field(description="masked")
    language: Language
    signed: bool
    secret: str | None = Field(None, description="of a webhook, in the answer that made it and never again")


class NoticesOut(Outgoing):
    targets: list[NoticeTargetOut]
    default: bool
    kinds: list[Kind] = Field(description="those that this server offers")

    @classmethod
    def of(cls, kept: Preferences, kinds: list[Kind], fresh: dict[str, str] | None = None) -> Self:
        """`fresh`: secrets that were made just now, by target."""
        targets = [
            {"id": t.id, "kind": t.kind, "label": t.label, "address": t.shown(), "language": t.language,
             "signed": bool(t.secret), "secret": (fresh or {}).get(t.id)}
            for t in kept.targets
        ]  # fmt: skip
        return cls.model_validate({"targets": targets, "default": kept.default, "kinds": kinds})


class NoticeTestIn(Incoming):
    id: str = Field(max_length=40)


class NoticeProblemOut(Outgoing):
    code: str
    message: str


class NoticeTestOut(Outgoing):
    ok: bool
    error: NoticeProblemOut | None


class NoticeOut(Outgoing):
    kind: Kind
    target: str = Field(description="masked")
    state: NoticeState
    attempts: int
    error: NoticeProblemOut | None = Field(description="of the last try")


class BatchNoticesOut(Outgoing):
    notices: list[NoticeOut]

    @classmethod
    def of(cls, deliveries: list[Delivery], language: str) -> Self:
        told = [
            NoticeOut(
                kind=d.kind, target=d.shown, state=d.state, attempts=d.attempts,
                error=problem(*d.error, language) if d.error else None,
            )
            for d in deliveries
        ]  # fmt: skip
        return cls(notices=told)


def problem(code: str, params: object, language: str) -> NoticeProblemOut:
    """Why one did not arrive, as a person reads it."""
    filled = params if isinstance(params, dict) else {}
    return NoticeProblemOut(code=code, message=sentence(code, language, **filled))
