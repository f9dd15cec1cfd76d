"""Names: never a path, nothing invisible, unpackable everywhere."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.names import UniqueNames, archive_name, clean_label


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\猫.jpg", "猫.jpg"),
        ("/", "image"),
        ("..", "image"),
        ("...", "image"),
        ("", "image"),
        (None, "image"),
        ("   ", "image"),
        ("\0\x01", "image"),
        (".png", "image.png"),
        ("a\0b\r\nc.jpg", "abc.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\u200eb\u2066c\ufeff.png", "abc.png"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ("CON", "CON"),
        ("e\u0301.png", "é.png"),
        ("👨\u200d👩\u200d👧.png", "👨\u200d👩\u200d👧.png"),
        ("\ud800x.png", "x.png"),
        ("a" * 300 + ".jpeg", "a" * 195 + ".jpeg"),
        ("b" * 300, "b" * 200),
        ("a." + "x" * 300, "a." + "x" * 198),
    ],
)
def test_a_label_is_the_last_part_made_visible(raw: str | None, label: str):
    assert clean_label(raw) == label


@given(st.text(st.characters(), max_size=400))
def test_every_label_can_be_shown_and_stored(raw: str):
    label = clean_label(raw)

    assert 1 <= len(label) <= 200
    assert not set(label) & set("/\\\0\r\n\u202e")
    label.encode()
    assert unicodedata.normalize("NFC", label) == label


@pytest.mark.parametrize(
    ("label", "ext", "name"),
    [
        ("photo.heic", "png", "photo.png"),
        ("photo.JPG", "jpeg", "photo.jpg"),
        ("photo", ".webp", "photo.webp"),
        ("Dr. Smith v1.2", "png", "Dr. Smith v1.2.png"),
        ("微信.pic", "jpeg", "微信.jpg"),
        ("CON", "png", "_CON.png"),
        ("nul.tar.jpg", "png", "_nul.tar.png"),
        ("com1.jpg", "png", "_com1.png"),
        ("COM¹", "png", "_COM¹.png"),
        ("console.png", "png", "console.png"),
        ("manifest.csv", "png", "_manifest.csv.png"),
        ("Manifest", "png", "_Manifest.png"),
        ("manifesto", "png", "manifesto.png"),
        ('a<b>c:d"e|f?g*.png', "png", "a_b_c_d_e_f_g_.png"),
        ("trailing. . .png", "png", "trailing.png"),
        (".hidden.png", "png", "hidden.png"),
        ("../../x.png", "png", "x.png"),
        ("", "png", "image.png"),
        ("....", "png", "image.png"),
    ],
)
def test_an_entry_s_name_is_safe_on_every_system(label: str, ext: str, name: str):
    assert archive_name(label, ext) == name


def test_equal_names_are_numbered_whatever_their_case():
    names = UniqueNames()

    assert [names.take(label, "png") for label in ("photo.heic", "Photo.jpg", "photo", "photo (2).png", "other")] == [
        "photo.png", "Photo (2).png", "photo (3).png", "photo (2) (2).png", "other.png",
    ]  # fmt: skip


def test_the_same_name_with_another_extension_is_another_name():
    names = UniqueNames()

    assert [names.take("a", "png"), names.take("a", "jpeg")] == ["a.png", "a.jpg"]


def test_long_names_stay_different_within_the_limit():
    names = UniqueNames()
    found = [names.take("猫" * 200, "png") for _ in range(1_200)]

    assert len({name.casefold() for name in found}) == 1_200
    assert all(len(name.encode()) <= 200 for name in found)
    assert found[1_199].endswith(" (1200).png")


@given(st.lists(st.text(st.characters(), max_size=250), max_size=12))
def test_every_archive_can_be_unpacked_everywhere(labels: list[str]):
    names = UniqueNames()
    found = [names.take(label, "png") for label in labels]

    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert len(name.encode()) <= 200
        assert name.endswith(".png")
        assert not set(name) & set('/\\:*?"<>|\0\r\n')
        assert not name.startswith((".", " "))
        assert not name.removesuffix(".png").endswith((".", " "))
        assert not name.casefold().startswith("manifest.")
