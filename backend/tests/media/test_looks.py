"""What the decoder child sees of an answer, by real files of all formats."""

import io

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from batchgen.domain.quality import is_same
from tests.fakes import images
from tests.media.conftest import Desk
from tests.photos import Photo, twenty

PHOTOS = {photo.name: photo for photo in twenty()[:8]}
LOSSY = [f for f in images.FORMATS if f != "gif"]  # its 256 colours are an edit of their own


def opened(photo: Photo) -> Image.Image:
    with Image.open(io.BytesIO(photo.data)) as im:
        return im.convert("RGB")


def is_blank(desk: Desk, im: Image.Image, format_: str = "png") -> bool:
    return desk.inspect(images.encode(im, format_)).blank


def unchanged(desk: Desk, sent: bytes, answer: bytes) -> bool:
    return is_same(desk.inspect(answer).fingerprint, desk.prepare(sent).fingerprint)


@pytest.mark.parametrize("format_", images.FORMATS)
@pytest.mark.parametrize("colour", ["white", "black", "#7f3a55"])
def test_one_colour_is_blank_in_every_format(desk: Desk, format_: str, colour: str):
    assert is_blank(desk, Image.new("RGB", (512, 400), colour), format_)


@pytest.mark.parametrize("format_", ["png", "webp", "avif", "tiff"])
def test_nothing_but_transparency_is_blank_whatever_hides_in_it(desk: Desk, format_: str):
    hidden = images.photo(320, 320).convert("RGBA")
    hidden.putalpha(0)

    assert is_blank(desk, hidden, format_)


@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_cut_out_in_the_colour_of_paper_or_night_is_not_blank(desk: Desk, colour: str):
    cut_out = Image.new("RGBA", (400, 400))
    ImageDraw.Draw(cut_out).ellipse((100, 100, 300, 300), fill=colour)

    assert not is_blank(desk, cut_out)


@pytest.mark.parametrize("format_", images.FORMATS)
def test_faint_noise_on_one_colour_is_blank(desk: Desk, format_: str):
    noise = Image.effect_noise((512, 512), 4).convert("RGB")

    assert is_blank(desk, noise, format_)


@pytest.mark.parametrize("format_", images.FORMATS)
@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_is_not_blank(desk: Desk, name: str, format_: str):
    assert not is_blank(desk, opened(PHOTOS[name]), format_)


def test_little_on_white_is_not_blank(desk: Desk):
    page = Image.new("RGB", (1024, 1024), "white")
    ImageDraw.Draw(page).text((500, 500), "BatchGen", fill="black")

    assert not is_blank(desk, page)


@pytest.mark.parametrize("name", PHOTOS)
def test_the_input_compressed_anew_is_unchanged(desk: Desk, name: str):
    photo = PHOTOS[name]

    assert unchanged(desk, photo.data, images.encode(opened(photo), "jpeg", quality=60, subsampling=2))


@pytest.mark.parametrize("format_", LOSSY)
def test_the_input_in_another_format_is_unchanged(desk: Desk, format_: str):
    photo = PHOTOS["portrait.jpg"]

    assert unchanged(desk, photo.data, images.encode(opened(photo), format_))


@pytest.mark.parametrize("scale", [0.4, 0.71, 1.6, 3.0])
@pytest.mark.parametrize("name", PHOTOS)
def test_the_input_in_another_size_is_unchanged(desk: Desk, name: str, scale: float):
    im = opened(PHOTOS[name])
    other = im.resize((round(im.width * scale), round(im.height * scale)), Image.Resampling.BICUBIC)

    assert unchanged(desk, PHOTOS[name].data, images.encode(other, "jpeg"))


EDITS = {
    "a logo in the corner": lambda im: _with_logo(im),
    "other colours": lambda im: Image.merge("RGB", [im.getchannel(c) for c in "BRG"]),
    "lighter": lambda im: ImageEnhance.Brightness(im).enhance(1.25),
    "without colour": lambda im: im.convert("L").convert("RGB"),
    "mirrored": lambda im: im.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", PHOTOS)
def test_an_edit_that_people_ask_for_is_a_change(desk: Desk, name: str, edit: str):
    edited = EDITS[edit](opened(PHOTOS[name]))

    assert not unchanged(desk, PHOTOS[name].data, images.encode(edited, "jpeg", quality=90))


def test_another_picture_is_a_change(desk: Desk):
    prints = [desk.inspect(photo.data).fingerprint for photo in PHOTOS.values()]

    assert sum(is_same(a, b) for a in prints for b in prints) == len(prints)


def test_an_upload_is_not_judged(desk: Desk):
    facts = desk.check(images.encode(Image.new("RGB", (64, 64), "white"), "png"))

    assert (facts.blank, facts.fingerprint) == (False, b"")


def _with_logo(im: Image.Image) -> Image.Image:
    ImageDraw.Draw(im).rectangle((10, 10, 10 + im.width // 12, 10 + im.height // 12), fill=(255, 0, 120))
    return im
