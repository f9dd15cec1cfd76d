"""Prompts that people keep."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from batchgen.domain.prompts import variables_of
from batchgen.domain.templates import MAX_NAME, Template, TemplateChange
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339
from batchgen.schemas.batches import OwnerOut

TemplateName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME)]


class TemplateIn(Incoming):
    name: TemplateName
    prompt: str
    shared: bool = Field(False, description="with the team")


class TemplatePatchIn(Incoming):
    name: TemplateName | None = None
    prompt: str | None = None
    shared: bool | None = None

    def change(self) -> TemplateChange:
        return TemplateChange(self.name, self.prompt, self.shared)


class TemplateOut(Outgoing):
    id: str
    owner: OwnerOut
    name: str
    prompt: str
    shared: bool
    variables: list[str] = Field(description="names in use, in order")
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, t: Template) -> Self:
        return cls.model_validate(
            {"id": t.id, "owner": {"id": t.owner.id, "name": t.owner.name}, "name": t.name, "prompt": t.prompt,
             "shared": t.shared, "variables": list(variables_of(t.prompt)), "created_at": rfc3339(t.created_ms),
             "updated_at": rfc3339(t.updated_ms)}
        )  # fmt: skip


class TemplatesOut(Outgoing):
    items: list[TemplateOut]
