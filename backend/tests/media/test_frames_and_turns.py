"""Which of a file's pictures counts, and which way up it stands."""

import pytest
from PIL import Image

from batchgen.domain.models import ImageFacts
from tests.fakes import images
from tests.media.conftest import Desk


@pytest.mark.parametrize("kind", images.polyglots())
def test_what_is_a_picture_and_something_else_too_is_taken_as_the_picture(desk: Desk, kind: str):
    assert desk.check(images.polyglots()[kind]).format == kind.split()[0]
    assert b"alert" not in desk.thumbnail.read_bytes()


def test_a_phone_s_double_picture_is_a_jpeg(desk: Desk):
    assert desk.check(images.mpo()) == ImageFacts("jpeg", 96, 64)
    assert_corners(desk)


def test_a_phone_s_double_picture_with_a_broken_index_is_a_jpeg_too(desk: Desk):
    data = bytearray(images.mpo())
    at = data.index(b"MPF\0") + 12
    data[at : at + 60] = b"\xff" * 60

    assert desk.check(bytes(data)).format == "jpeg"


@pytest.mark.parametrize("format_", ["gif", "webp", "png", "avif", "tiff"])
def test_of_many_frames_the_first_counts(desk: Desk, format_: str):
    assert desk.check(images.animated(format_)).format == format_
    assert_corners(desk)


def test_of_a_gif_with_5000_frames_the_broken_rest_is_never_read(desk: Desk):
    assert desk.check(images.frames_gif(5_000)).width == 96
    assert_corners(desk)


def assert_corners(desk: Desk) -> None:
    with desk.shown() as shown:
        assert_corners_of(shown.convert("RGB"))


def assert_corners_of(im: Image.Image) -> None:
    width, height = im.size
    at = [(8, 8), (width - 9, 8), (8, height - 9), (width - 9, height - 9)]
    for point, colour in zip(at, images.CORNERS, strict=True):
        found = im.getpixel(point)
        assert isinstance(found, tuple)
        assert max(abs(a - b) for a, b in zip(found, colour, strict=True)) < 40, (point, found)


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("format_", images.WITH_EXIF)
def test_pictures_stand_upright_whichever_way_they_were_held(desk: Desk, format_: str, tag: int):
    facts = desk.check(images.oriented(format_, tag))

    assert (facts.width, facts.height) == (96, 64)
    assert_corners(desk)


@pytest.mark.parametrize("value", [0, 9, 65_535, "six"])
def test_an_orientation_that_is_none_is_ignored(desk: Desk, value: object):
    facts = desk.check(images.with_odd_orientation(value))

    assert (facts.width, facts.height) == (96, 64)
    assert_corners(desk)


def test_in_heif_the_container_s_word_counts_and_not_exif_s(desk: Desk):
    assert desk.check(images.heif_with_exif_only_orientation()).width == 96
    assert_corners(desk)


def test_a_turn_named_in_xmp_only_is_ignored_as_browsers_do(desk: Desk):
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'

    assert desk.check(images.encode(images.corners(), "jpeg", xmp=xmp)).width == 96
    assert_corners(desk)


@pytest.mark.parametrize("format_", ["png", "webp", "heif", "tiff"])
def test_transparency_is_noticed(desk: Desk, format_: str):
    clear = images.photo(64, 64).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((64, 64)))

    facts = desk.check(images.encode(clear, format_))

    assert (facts.has_alpha, facts.see_through) == (True, True)


def test_an_alpha_channel_that_is_opaque_hides_nothing(desk: Desk):
    facts = desk.check(images.encode(images.photo(64, 64).convert("RGBA"), "png"))

    assert (facts.has_alpha, facts.see_through) == (True, False)


def test_the_see_through_colour_of_a_gif_is_noticed(desk: Desk):
    assert desk.check(images.encode(Image.new("P", (40, 40), 1), "gif", transparency=1)).has_alpha
    assert not desk.check(images.sound("gif")).has_alpha
