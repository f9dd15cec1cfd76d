"""The zip that is made while it is sent, and the tables in it."""

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchgen.media.archive import Entry, manifest_csv, manifest_json, stream_zip
from batchgen.media.storage import Opened
from tests.media.conftest import MIB


def opened(path: Path) -> Opened:
    return Opened(path.open("rb"), path.stat().st_size)


def unpacked(entries: list[Entry]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(stream_zip(entries))))


def test_files_and_bytes_come_out_as_they_went_in(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"picture" * 100_000)

    archive = unpacked([Entry("猫 (2).png", opened(tmp_path / "a"), None), Entry("empty", b""), Entry("m.csv", b"x,y")])

    assert archive.testzip() is None
    assert archive.namelist() == ["猫 (2).png", "empty", "m.csv"]
    assert archive.read("猫 (2).png") == b"picture" * 100_000
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_an_archive_of_nothing_is_an_archive():
    assert unpacked([]).namelist() == []


def test_the_time_of_an_entry_is_the_picture_s_within_what_zip_can_say():
    times = [
        datetime(2025, 5, 4, 3, 2, 10, tzinfo=UTC),
        datetime(1970, 1, 2, tzinfo=UTC),
        datetime(3000, 1, 1, tzinfo=UTC),
    ]

    found = [i.date_time for i in unpacked([Entry(str(n), b"", t) for n, t in enumerate(times)]).infolist()]

    local = times[0].astimezone()
    assert found[0] == (local.year, local.month, local.day, local.hour, local.minute, local.second)
    assert (found[1][0], found[2][0]) == (1980, 2107)


def test_a_file_is_opened_when_its_turn_comes_and_not_before(tmp_path: Path):
    taken = []

    def entries() -> Iterator[Entry]:
        for n in range(3):
            path = tmp_path / str(n)
            path.write_bytes(bytes(10))
            taken.append(n)
            yield Entry(str(n), opened(path))
            path.unlink()  # it has been read by the time that the next is asked for

    chunks = stream_zip(entries())
    assert taken == []
    next(chunks)
    assert taken == [0]

    data = b"".join([*stream_zip(entries())])
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def test_three_thousand_entries_are_streamed_in_little_memory(tmp_path: Path):
    (tmp_path / "picture").write_bytes(bytes(100_000))
    size, largest = 0, 0
    tracemalloc.start()
    try:
        for chunk in stream_zip(Entry(f"{n}.png", opened(tmp_path / "picture")) for n in range(3_000)):
            size, largest = size + len(chunk), max(largest, len(chunk))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size > 300_000_000
    assert largest < MIB
    assert peak < 8 * MIB


def test_three_thousand_entries_can_be_opened():
    archive = unpacked([Entry(f"{n}.png", str(n).encode()) for n in range(3_000)])

    assert len(archive.namelist()) == 3_000
    assert archive.read("2999.png") == b"2999"


def test_more_entries_than_a_plain_zip_can_count_make_a_zip64():
    archive = unpacked([Entry(str(n), b"") for n in range(66_000)])

    assert len(archive.namelist()) == 66_000


def test_small_files_need_no_zip64_which_old_tools_cannot_read():
    assert all(info.extract_version < zipfile.ZIP64_VERSION for info in unpacked([Entry("a", b"x")]).infolist())


def test_a_reader_who_goes_away_leaves_no_file_open(tmp_path: Path):
    (tmp_path / "a").write_bytes(bytes(2 * MIB))
    chunks = stream_zip([Entry("a", opened(tmp_path / "a"))])
    next(chunks)

    chunks.close()  # type: ignore[attr-defined]  # an open file would be a ResourceWarning, and warnings are errors


def cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_excel_sees_chinese():
    data = manifest_csv([{"name": "猫.png", "prompt": '一只猫, "坐"着\n第二行'}])

    assert data.startswith(b"\xef\xbb\xbf")
    assert cells(data) == [["name", "prompt"], ["猫.png", '一只猫, "坐"着\n第二行']]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_a_formula_in_a_table_is_text(start: str):
    assert cells(manifest_csv([{"a": f'{start}HYPERLINK("x")'}]))[1][0][:2] == f"'{start}"


def test_numbers_and_gaps_in_a_table_stay_what_they_are():
    assert cells(manifest_csv([{"a": -5, "b": None, "c": "a=b", "d": 1.5}]))[1] == ["-5", "", "a=b", "1.5"]


def test_a_table_of_nothing_is_empty():
    assert manifest_csv([]) == b"\xef\xbb\xbf"


def test_the_json_says_the_same_and_stays_readable():
    data = manifest_json({"items": [{"name": "猫"}]})

    assert "猫".encode() in data
    assert json.loads(data) == {"items": [{"name": "猫"}]}
    assert json.loads(manifest_json("\ud800")) == "?"
