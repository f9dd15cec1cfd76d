"""Workbooks as people and enemies make them."""

import io
import zipfile
from collections.abc import Iterable

import openpyxl

_TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""


def xlsx(rows: Iterable[Iterable[object]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def computed(rows: Iterable[Iterable[object]], formula: str, value: str) -> bytes:
    """A workbook in which `formula` carries the value that a spreadsheet computed, as Excel saves it."""
    return replaced(xlsx(rows), f"<f>{formula}</f><v />", f"<f>{formula}</f><v>{value}</v>")


def replaced(book: bytes, old: str, new: str, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """`book` with other words in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode())
            target.writestr(name, data)
    return out.getvalue()


def bomb(mebibytes: int) -> bytes:
    """A small workbook whose sheet unpacks to that many MiB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(mebibytes):
                sheet.write(b" " * 2**20)
    return out.getvalue()


def lying_bomb(mebibytes: int) -> bytes:
    """The same, but the directory says that the part is small."""
    data = bytearray(bomb(mebibytes))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def laughs() -> bytes:
    """A workbook whose sheet has entities that multiply."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE w [<!ENTITY l0 "lol">{entities}]>'
    return replaced(xlsx([["a"], ["b"]]), "<worksheet", f"{doctype}<worksheet")
