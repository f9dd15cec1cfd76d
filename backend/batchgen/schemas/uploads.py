"""Uploads as the API shows them."""

from typing import Self

from batchgen.domain.models import Upload
from batchgen.schemas.base import Outgoing


class UploadOut(Outgoing):
    id: str
    filename: str
    width: int
    height: int
    format: str
    bytes: int
    sha256: str
    url: str
    thumbnail_url: str

    @classmethod
    def of(cls, u: Upload) -> Self:
        return cls(
            id=u.id, filename=u.filename, width=u.width, height=u.height, format=u.format, bytes=u.bytes,
            sha256=u.sha256, url=f"/static/uploads/{u.id}.{u.format}",
            thumbnail_url=f"/static/thumbnails/{u.id}.webp",
        )  # fmt: skip
