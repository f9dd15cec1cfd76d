"""Tables for spreadsheets: UTF-8 with BOM, and no cell that one would take for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

_BOM = b"\xef\xbb\xbf"  # or Excel takes Chinese for its own code page
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # Excel reads the wide ones too


def cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def csv_pieces(head: Iterable[str], rows: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    """The table in pieces of some hundred rows: memory does not grow with it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(head))
    if writer.fieldnames:
        writer.writeheader()
    yield _BOM
    for n, row in enumerate(rows, 1):
        writer.writerow({name: cell(value) for name, value in row.items()})
        if n % 500 == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode("utf-8", "replace")
