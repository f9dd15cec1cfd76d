"""Tables as people keep them: CSV, TSV, XLSX and what a spreadsheet copies, as columns and rows of text.

Runs in a decoder child: a stranger's file may take all the memory and time that it gets there, and no more.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, NamedTuple

MAX_ROWS, MAX_COLUMNS = 10_000, 50
_MAX_SEEN = 100_000  # rows, blank ones too
_MAX_CELL = 32_767  # characters, as in Excel; more is a quote that is not closed
_MAX_UNPACKED = 64 * 2**20
_MAX_PARTS = 1000
_DELIMITERS = "\t,;|"
_JUNK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"}
_FILE_HEADERS = ("file", "filename", "文件", "文件名", "图片", "image", "source", "name")
_PICTURE = re.compile(r"\.(jpe?g|png|webp|hei[cf]|avif|bmp|tiff?|gif)$", re.IGNORECASE)

type Rows = Iterable[list[str]]


class TableError(Exception):
    """`code` is a row of the table of sentences."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Table(NamedTuple):
    """`file_column`: the column that names the image of each row, if one does."""

    columns: list[str]
    rows: list[list[str]]
    file_column: int | None


def read_table(path: Path) -> Table:
    """The table at `path`. Raises TableError: table_unreadable, table_too_large, table_empty."""
    with path.open("rb") as file:
        packed = file.read(4) == b"PK\x03\x04"
    return _table(_workbook(path) if packed else _text(path.read_bytes()))


def write_table(path: Path, output: Path) -> None:
    """`read_table` as JSON at `output`."""
    output.write_text(json.dumps(read_table(path)._asdict(), ensure_ascii=False), encoding="utf-8")


def _table(rows: Rows) -> Table:
    whole = list(_bounded(rows))
    if len(whole) < 2:
        raise TableError("table_empty")
    width = max(map(len, whole))
    full = [row + [""] * (width - len(row)) for row in whole]
    kept = [i for i in range(width) if any(row[i] for row in full)]
    columns = _headers([full[0][i] for i in kept], kept)
    body = [[row[i] for i in kept] for row in full[1:]]
    return Table(columns, body, _file_column(columns, body))


def _bounded(rows: Rows) -> Iterator[list[str]]:
    """The rows with anything in them, cut behind their last value."""
    count = 0
    for seen, row in enumerate(rows):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        count += bool(cells)
        if seen > _MAX_SEEN or count > MAX_ROWS + 1 or len(cells) > MAX_COLUMNS:
            raise TableError("table_too_large")
        if any(len(cell) > _MAX_CELL for cell in cells):
            raise TableError("table_unreadable")
        if cells:
            yield cells


def _headers(given: list[str], places: list[int]) -> list[str]:
    """Every column has a name of its own: a nameless one the spreadsheet's letter, the second of a name a number."""
    names: list[str] = []
    for raw, place in zip(given, places, strict=True):
        name = first = " ".join(raw.split()) or _letters(place)
        number = 1
        while name in names:
            number += 1
            name = f"{first} {number}"
        names.append(name)
    return names


def _letters(place: int) -> str:
    return chr(65 + place) if place < 26 else f"A{chr(65 + place - 26)}"


def _file_column(columns: list[str], rows: list[list[str]]) -> int | None:
    plain = [re.sub(r"[\s_-]", "", name).casefold() for name in columns]
    for header in _FILE_HEADERS:
        if header in plain:
            return plain.index(header)
    for i in range(len(columns)):
        values = [row[i] for row in rows if row[i]]
        if values and sum(bool(_PICTURE.search(v)) for v in values) * 2 > len(rows):
            return i
    return None


# text


def _text(data: bytes) -> Rows:
    csv.field_size_limit(len(data) + 1)  # cut by a wrong delimiter, a field is as long as its line
    words = _decoded(data)
    if _JUNK.search(words):
        raise TableError("table_unreadable")
    said = re.match(r"sep=(.)\r?\n", words)  # Excel's own hint
    if said:
        words = words[said.end() :]
    return _parsed(words, said[1] if said else _delimiter(words))


def _decoded(data: bytes) -> str:
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030")  # what Excel saves as CSV on a Chinese Windows
    except UnicodeDecodeError:
        raise TableError("table_unreadable") from None


def _parsed(words: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(words, newline=""), delimiter=delimiter)
    except csv.Error:
        raise TableError("table_unreadable") from None


def _delimiter(words: str) -> str:
    """The one that cuts the header into the most columns, where half of the first lines have as many."""

    def columns(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row, _ in zip(_parsed(words, delimiter), range(20), strict=False) if row] or [0]
        return (widths[0] if widths.count(widths[0]) * 2 >= len(widths) else 0), widths[0]

    return max(_DELIMITERS, key=columns)


# workbooks


def _workbook(path: Path) -> Iterator[list[str]]:
    """The sheet that was open when the file was saved, with values where formulas are."""
    import openpyxl  # heavy, and most children never see a table

    with path.open("rb") as file:
        _check_package(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [s for s in (book.active, *book.worksheets) if hasattr(s, "iter_rows")]
        if not sheets:
            raise TableError("table_empty")
        sheets[0].reset_dimensions()  # what the file says of its size may be wrong
        for row in sheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS + 1):
            yield [_cell(value) for value in row]


def _check_package(file: IO[bytes]) -> None:
    with zipfile.ZipFile(file) as package:
        parts = package.infolist()
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise TableError("table_unreadable")
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
        raise TableError("table_too_large")


def _cell(value: object) -> str:
    """A value as a person reads it in the sheet."""
    if value is None or value in _ERRORS:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date | time) else str(value)
