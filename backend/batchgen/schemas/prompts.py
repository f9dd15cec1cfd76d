"""Prompts filled before anything is sent, and tables of values."""

from typing import Self

from pydantic import Field

from batchgen.domain.filenames import MAX_PATTERN
from batchgen.errors import sentence
from batchgen.schemas.base import Incoming, Outgoing
from batchgen.schemas.batches import BatchItemIn


class PreviewIn(Incoming):
    prompt: str
    items: list[BatchItemIn]
    index: int | None = Field(None, ge=0, description="of the one item to show; without it the first are shown")
    first: int = Field(20, ge=1, le=200)


class PreviewItemOut(Outgoing):
    index: int
    name: str
    prompt: str | None = Field(description="null while a value is missing")
    missing: list[str]


class FilenamesIn(Incoming):
    filename_pattern: str = Field(max_length=MAX_PATTERN)
    items: list[BatchItemIn] = Field(max_length=20, description="the first few")
    total: int = Field(1, ge=1, description="pictures in all")
    variants: int = Field(1, ge=1, le=8)
    batch: str = Field("", max_length=200)
    model: str = Field("", max_length=100)
    format: str = Field("png", max_length=10)


class FilenamesOut(Outgoing):
    names: list[str] = Field(description="of the first variant of each item, as the zip has them")
    unknown: list[str] = Field(description="names in the pattern that mean nothing")


class MissingOut(Outgoing):
    row: int = Field(description="counted from 1")
    name: str
    message: str

    @classmethod
    def of(cls, index: int, name: str, language: str) -> Self:
        row = index + 1
        return cls(row=row, name=name, message=sentence("variable_missing", language, row=row, name=name))


class PreviewOut(Outgoing):
    items: list[PreviewItemOut]
    variables: list[str] = Field(description="names in use, in order")
    missing_rows: int
    first_missing: MissingOut | None


class TableTextIn(Incoming):
    text: str


class TableOut(Outgoing):
    columns: list[str]
    rows: list[list[str]]
    file_column: int | None = Field(description="the column that names each row's image")
