"""Names of a zip's files by a pattern, and the folders that they stand in."""

import pytest

from batchgen.domain.filenames import placed, unknown_in
from batchgen.domain.names import UniqueNames, clean_folder

VALUES = {"name": "IMG_1", "n": "007", "colour": "red/blue"}


@pytest.mark.parametrize(
    ("pattern", "folder", "where"),
    [
        ("{n}-{name}", "", ("", "007-IMG_1")),
        ("{n}", "shoes", ("shoes", "007")),
        ("{colour}/{name}", "shoes", ("shoes/red_blue", "IMG_1")),
        ("a/b/{n}", "", ("a/b", "007")),
        ("../../{n}", "", ("", "007")),
        ("{gone}{n}", "", ("", "007")),
    ],
)
def test_a_pattern_is_filled_and_only_its_own_slashes_make_folders(pattern: str, folder: str, where: tuple[str, str]):
    assert placed(pattern, VALUES, folder) == where


def test_what_means_nothing_is_named():
    assert unknown_in("{name}-{colour}-{size}", {"colour"}) == ["size"]
    assert unknown_in("no names", set()) == []


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (None, ""), ("", ""), ("shoes/red", "shoes/red"), ("/etc/", "etc"), ("../../x", "x"), ("a\\b", "a/b"),
        ("C:/x", "C_/x"), ("con/aux", "_con/_aux"), ("./a/./b/..", "a/b"), ("鞋/红", "鞋/红"),
        ("1/2/3/4/5/6/7/8", "1/2/3/4/5/6"), ("\u202e/x", "image/x"),
    ],
)  # fmt: skip
def test_a_folder_stays_inside_and_can_be_unpacked_everywhere(raw: str | None, clean: str):
    assert clean_folder(raw) == clean


def test_names_are_unique_within_their_folder():
    names = UniqueNames()

    given = [names.take("a.jpg", "png", folder) for folder in ("x", "y", "x", "", "X")]

    assert given == ["x/a.png", "y/a.png", "x/a (2).png", "a.png", "X/a (2).png"] or given[:4] == [
        "x/a.png", "y/a.png", "x/a (2).png", "a.png",
    ]  # fmt: skip
    assert len({name.casefold() for name in given}) == 5
