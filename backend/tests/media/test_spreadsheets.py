import pytest

from batchgen.media.spreadsheets import cell, csv_pieces


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＠x"])
def test_no_cell_is_taken_for_a_formula(text: str):
    assert cell(text) == "'" + text
    assert f"'{text}" in b"".join(csv_pieces(["a"], [{"a": text}])).decode()


def test_numbers_stay_numbers_also_below_zero():
    assert b"".join(csv_pieces(["a"], [{"a": -5}])) == b"\xef\xbb\xbfa\r\n-5\r\n"


def test_a_long_table_comes_in_pieces_while_its_rows_are_read():
    read = 0

    def rows():
        nonlocal read
        for n in range(2_000):
            read = n
            yield {"a": n}

    pieces = csv_pieces(["a"], rows())
    next(pieces), next(pieces)
    assert read < 500
    assert b"".join(pieces).count(b"\r\n") == 1_500
