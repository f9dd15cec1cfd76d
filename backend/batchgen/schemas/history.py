"""What a batch was made from, how it is deleted, and the room that pictures take."""

from typing import Self

from pydantic import Field

from batchgen.domain.history import Reusable, Source, Usage
from batchgen.schemas.base import Incoming, Outgoing
from batchgen.schemas.uploads import UploadOut


class DeleteQuery(Incoming):
    undo: bool = Field(False, description="hide it now; it can be restored for UNDO_MINUTES")


class SourceOut(Outgoing):
    upload: UploadOut | None
    name: str
    prompt: str | None = Field(description="its own; null: the batch's")
    variables: dict[str, str]
    folder: str = Field(description="where its image stood, as the archive has it")

    @classmethod
    def of(cls, s: Source) -> Self:
        return cls(
            upload=UploadOut.of(s.upload) if s.upload else None, name=s.name, prompt=s.prompt,
            variables=dict(s.variables), folder=s.folder,
        )  # fmt: skip


class SourcesOut(Outgoing):
    items: list[SourceOut]
    references: list[UploadOut]
    left_out: int = Field(description="images that are not yours, or are gone")

    @classmethod
    def of(cls, r: Reusable) -> Self:
        return cls(
            items=[SourceOut.of(s) for s in r.items], references=[UploadOut.of(u) for u in r.references],
            left_out=r.left_out,
        )  # fmt: skip


class UsageOut(Outgoing):
    uploads: int
    upload_bytes: int
    made_bytes: int = Field(description="of the pictures that were made")
    max_uploads: int | None
    max_bytes: int | None = Field(description="of uploads")

    @classmethod
    def of(cls, u: Usage) -> Self:
        return cls(
            uploads=u.uploads, upload_bytes=u.upload_bytes, made_bytes=u.made_bytes, max_uploads=u.max_uploads or None,
            max_bytes=u.max_bytes or None,
        )  # fmt: skip
