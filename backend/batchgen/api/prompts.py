"""Prompts: filled before the start, and tables of values for them."""

from typing import Any

from flask import Blueprint, request

from batchgen.api.batches import to_items
from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.api.parsing import body_as
from batchgen.api.uploads import FILE
from batchgen.errors import AppError
from batchgen.schemas.prompts import (
    FilenamesIn,
    FilenamesOut,
    MissingOut,
    PreviewIn,
    PreviewItemOut,
    PreviewOut,
    TableOut,
    TableTextIn,
)
from batchgen.services.filenames import Naming, preview
from batchgen.services.prompts import Preview, PromptService
from batchgen.services.tables import MAX_TABLE_MB, TableService


def _preview_out(preview: Preview, said: str) -> PreviewOut:
    first = preview.first_missing
    return PreviewOut(
        items=[
            PreviewItemOut(index=i, name=name, prompt=words.prompt, missing=list(words.missing))
            for i, name, words in preview.items
        ],
        variables=list(preview.variables), missing_rows=preview.missing_rows,
        first_missing=MissingOut.of(first.place, first.words.missing[0], said) if first else None,
    )  # fmt: skip


def blueprint(prompts: PromptService, tables: TableService) -> Blueprint:
    bp = Blueprint("prompts", __name__, url_prefix="/api/prompts")

    @bp.post("/preview")
    @operation("Fill in a prompt without sending it", {200: PreviewOut}, body=PreviewIn)
    def preview_prompts(body: PreviewIn) -> Any:
        found = prompts.preview(
            current_user(), body.prompt, to_items(body.items), index=body.index, first=body.first
        )  # fmt: skip
        return _preview_out(found, language())

    @bp.post("/filenames")
    @operation("Names of the zip's files before anything is made", {200: FilenamesOut}, body=FilenamesIn)
    def preview_filenames(body: FilenamesIn) -> Any:
        asked = Naming(body.filename_pattern, body.total, body.variants, body.batch, body.model, body.format)
        names, unknown = preview(to_items(body.items), asked)
        return FilenamesOut(names=names, unknown=unknown)

    @bp.post("/table")
    @operation("Read a CSV, TSV or XLSX file, or what a spreadsheet copies", {200: TableOut}, body=TableTextIn,
               form={"file": FILE})  # fmt: skip
    def read_table() -> Any:
        if request.mimetype != "multipart/form-data":
            table = tables.read_text(body_as(TableTextIn).text)
        else:
            request.max_content_length = (MAX_TABLE_MB + 1) * 2**20
            files = request.files.getlist("file")
            if len(files) != 1:
                raise AppError.at("file", "missing_table")
            table = tables.read(files[0].stream)
        return TableOut(columns=table.columns, rows=table.rows, file_column=table.file_column)

    return bp
