"""Tables as people keep them, and what is none."""

from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgen.media.tables import MAX_COLUMNS, MAX_ROWS, Table, TableError, read_table
from tests.fakes import sheets

CELL = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)


def read(folder: Path, data: bytes) -> Table:
    path = folder / "table"
    path.write_bytes(data)
    return read_table(path)


def refused(folder: Path, data: bytes) -> str:
    with pytest.raises(TableError) as wrong:
        read(folder, data)
    return wrong.value.code


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_text_is_read_however_it_was_saved(tmp_path: Path, delimiter: str, encoding: str, line: str):
    rows = [["文件", "颜色"], ["鞋 1.jpg", "红"], ["鞋 2.jpg", "蓝，深"]]
    words = line.join(delimiter.join(row) for row in rows) + line

    assert read(tmp_path, words.encode(encoding)) == Table(["文件", "颜色"], rows[1:], 0)


def test_quotes_hold_delimiters_lines_and_quotes(tmp_path: Path):
    data = b'file,words\na.jpg,"a, b\nc ""d"""\n'

    assert read(tmp_path, data).rows == [["a.jpg", 'a, b\nc "d"']]


def test_commas_in_pasted_cells_do_not_cut_them(tmp_path: Path):
    assert read(tmp_path, b"colour\twords\nred\ta, b, c\nblue\td, e, f\n").rows[0] == ["red", "a, b, c"]


def test_excel_s_hint_of_its_delimiter_is_no_row(tmp_path: Path):
    assert read(tmp_path, b"sep=;\na;b\n1,0;2\n").rows == [["1,0", "2"]]


def test_one_column_is_a_table(tmp_path: Path):
    assert read(tmp_path, "颜色\n红\n蓝\n".encode()) == Table(["颜色"], [["红"], ["蓝"]], None)


def test_what_is_empty_is_left_out_and_short_rows_are_filled_up(tmp_path: Path):
    table = read(tmp_path, b"\n a ,,b,,\n1,,2,,\n,,,,\n3\n,,\n")

    assert table == Table(["a", "b"], [["1", "2"], ["3", ""]], None)


def test_every_column_has_a_name_of_its_own(tmp_path: Path):
    assert read(tmp_path, b"a,a,,a\n1,2,3,4\n").columns == ["a", "a 2", "C", "a 3"]
    assert read(tmp_path, b"a,a 2,a\n1,2,3\n").columns == ["a", "a 2", "a 3"]


def test_long_cells_do_not_hide_the_delimiter(tmp_path: Path):
    table = read(tmp_path, b"a,b,c,d,e,f\n" + b",".join([b"x" * 30_000] * 6) + b"\n")

    assert (table.columns, len(table.rows[0][0])) == (list("abcdef"), 30_000)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("file,a", 0),
        ("a,File Name", 1),
        ("a,文件名", 1),
        ("name,file", 1),
        ("a,IMAGE", 1),
        ("a,source", 1),
        ("a,b", None),
    ],
)
def test_the_column_that_names_the_file_is_found_by_its_header(tmp_path: Path, header: str, place: int | None):
    assert read(tmp_path, f"{header}\n1,2\n".encode()).file_column == place


def test_the_column_that_names_the_file_is_found_by_its_values(tmp_path: Path):
    assert read(tmp_path, b"a,b\n1,x.JPG\n2,y.png\n3,z\n").file_column == 1


def test_cells_of_a_workbook_read_as_people_see_them(tmp_path: Path):
    row = [3, 3.0, 2.5, True, None, date(2026, 11, 25), datetime(2026, 11, 25, 8, 30), time(8, 30), "#N/A", " x "]  # noqa: DTZ001
    header = [f"c{n}" for n in range(len(row))]
    values = dict(zip(header, read(tmp_path, sheets.xlsx([header, row, [1] * len(row)])).rows[0], strict=True))

    assert list(values.values()) == [
        "3", "3", "2.5", "TRUE", "", "2026-11-25", "2026-11-25 08:30", "08:30:00", "", "x",
    ]  # fmt: skip


def test_a_formula_gives_the_value_that_was_saved_with_it_or_none(tmp_path: Path):
    rows = [["a", "b"], ["x", "=1+1"]]

    assert read(tmp_path, sheets.computed(rows, "1+1", "2")).rows == [["x", "2"]]
    assert read(tmp_path, sheets.xlsx(rows)) == Table(["a", "b"], [["x", ""]], None)


def test_a_sheet_that_lies_about_its_size_is_read_whole(tmp_path: Path):
    book = sheets.xlsx([["a"], ["1"], ["2"]])
    lying = sheets.replaced(book, "<sheetData", '<dimension ref="A1:A1"/><sheetData')

    assert read(tmp_path, lying).rows == [["1"], ["2"]]


@pytest.mark.parametrize("make", [sheets.xlsx, lambda rows: "\n".join(",".join(map(str, r)) for r in rows).encode()])
def test_the_limits_are_the_largest_that_is_read(tmp_path: Path, make):
    most = [["a"], *[[n] for n in range(MAX_ROWS)]]

    assert len(read(tmp_path, make(most)).rows) == MAX_ROWS
    assert refused(tmp_path, make([*most, [1]])) == "table_too_large"
    assert len(read(tmp_path, make([["a"] * MAX_COLUMNS, ["b"] * MAX_COLUMNS])).columns) == MAX_COLUMNS
    assert refused(tmp_path, make([["a"] * (MAX_COLUMNS + 1), ["b"]])) == "table_too_large"


@pytest.mark.parametrize("data", [b"a,b\n", b"\n\n", b" ", b"\xef\xbb\xbf", sheets.xlsx([]), sheets.xlsx([["a", "b"]])])
def test_a_table_without_rows_says_so(tmp_path: Path, data: bytes):
    assert refused(tmp_path, data) == "table_empty"


@settings(max_examples=60)
@given(st.lists(st.tuples(CELL, CELL), min_size=2, max_size=6), st.sampled_from("\t,;"))
def test_what_a_spreadsheet_writes_comes_back(tmp_path_factory: pytest.TempPathFactory, rows, delimiter: str):
    words = "\n".join(delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)
    table = read(tmp_path_factory.mktemp("t"), words.encode())

    assert [tuple(row) for row in table.rows] == rows[1:]
