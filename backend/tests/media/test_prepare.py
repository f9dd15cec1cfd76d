"""What a provider gets to see of a picture, and what is taken of its answer."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from batchgen.domain.pictures import InputImage
from batchgen.errors import AppError
from batchgen.media.intake import Intake
from tests.fakes import bombs, images
from tests.media.conftest import MIB, Desk


def opened(sent: InputImage) -> Image.Image:
    im = Image.open(io.BytesIO(sent.data))
    im.load()
    return im


def middle(im: Image.Image) -> tuple[int, ...]:
    found = im.getpixel((im.width // 2, im.height // 2))
    assert isinstance(found, tuple)
    return found


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 3) -> bool:
    return len(found) == len(wanted) and all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("format_", images.FORMATS)
def test_every_format_goes_out_as_a_plain_jpeg(desk: Desk, format_: str):
    sent = desk.prepare(images.sound(format_))

    with opened(sent) as im:
        assert (sent.mime, im.format, im.mode, im.size) == ("image/jpeg", "JPEG", "RGB", (96, 64))
    assert (sent.width, sent.height) == (96, 64)


@pytest.mark.parametrize("format_", images.FORMATS)
def test_nothing_personal_goes_out(desk: Desk, format_: str):
    data = images.with_secrets(format_)
    assert images.SECRET.encode() in data or images.SECRET.encode("utf-16le") in data

    desk.check(data)
    for sent in (desk.prepare(data).data, desk.thumbnail.read_bytes()):
        for trace in (b"SECRET", b"Exif", b"exif", b"EXIF", b"xmp", b"XMP", b"Photoshop", b"8BIM", b"Comment", b"tEXt"):
            assert trace not in sent


def test_nothing_personal_goes_out_in_a_png_either(desk: Desk):
    clear = Image.new("RGBA", (40, 40), (200, 100, 50, 128))
    clear.info["comment"] = images.SECRET
    exif = Image.Exif()
    exif[0x010E] = images.SECRET
    data = images.encode(clear, "png", exif=exif, pnginfo=images.texts(), icc_profile=images.swapped_profile())

    sent = desk.prepare(data)

    assert sent.mime == "image/png"
    kinds = [kind for kind in (b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"iCCP", b"pHYs", b"tIME", b"SECRET")]
    assert not [kind for kind in kinds if kind in sent.data]


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("format_", images.WITH_EXIF)
def test_pictures_go_out_upright_and_say_nothing_of_turning(desk: Desk, format_: str, tag: int):
    sent = desk.prepare(images.oriented(format_, tag))

    with opened(sent) as im:
        assert im.size == (96, 64)
        assert im.getexif() == {}
        for point, colour in zip([(8, 8), (87, 8), (8, 55), (87, 55)], images.CORNERS, strict=True):
            found = im.getpixel(point)
            assert isinstance(found, tuple)
            assert near(found, colour, by=40)


@pytest.mark.parametrize("kind", images.deep_modes())
def test_every_mode_keeps_its_colours_in_eight_bits(desk: Desk, kind: str):
    data, colour = images.deep_modes()[kind]

    with opened(desk.prepare(data)) as im:
        assert near(middle(im), colour), middle(im)


def test_a_profile_is_applied_not_lost(desk: Desk):
    red = Image.new("RGB", (40, 40), (200, 30, 30))

    with opened(desk.prepare(images.encode(red, "jpeg", icc_profile=images.swapped_profile()))) as im:
        assert near(middle(im), (30, 30, 200), by=6)
        assert "icc_profile" not in im.info


@pytest.mark.parametrize("profile", [b"rubbish", bytes(300), b"\0\xff" * 4000, b"acsp" * 200_000])
def test_an_unusable_profile_is_ignored(desk: Desk, profile: bytes):
    red = images.encode(Image.new("RGB", (40, 40), (200, 30, 30)), "png", icc_profile=profile)

    with opened(desk.prepare(red)) as im:
        assert near(middle(im), (200, 30, 30), by=6)


def test_alpha_is_kept_where_it_is_wanted(desk: Desk):
    clear = images.encode(Image.new("RGBA", (40, 40), (200, 100, 50, 128)), "webp", lossless=True)

    sent = desk.prepare(clear, keep_alpha=True)

    assert sent.mime == "image/png"
    with opened(sent) as im:
        assert near(middle(im), (200, 100, 50, 128))


def test_alpha_lies_on_white_where_it_is_not(desk: Desk):
    sent = desk.prepare(images.encode(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "png"), keep_alpha=False)

    assert sent.mime == "image/jpeg"
    with opened(sent) as im:
        assert near(middle(im), (255, 255, 255))


def test_a_see_through_colour_does_not_bleed_when_the_picture_is_made_smaller(desk: Desk):
    im = Image.new("RGBA", (400, 400), (255, 0, 255, 0))
    im.paste((10, 200, 10, 255), (0, 0, 200, 400))

    with opened(desk.prepare(images.encode(im, "png"), max_side=40, keep_alpha=True)) as small:
        edge = [small.getpixel((x, 20)) for x in range(16, 24)]
    assert all(isinstance(p, tuple) and (p[3] < 8 or near(p[:3], (10, 200, 10), by=12)) for p in edge), edge


def test_an_alpha_channel_that_hides_nothing_makes_no_png_of_a_photograph(desk: Desk):
    assert desk.prepare(images.encode(images.photo(64, 64).convert("RGBA"), "png")).mime == "image/jpeg"


@pytest.mark.parametrize(
    ("size", "side", "wanted"),
    [((1000, 500), 300, (300, 150)), ((500, 1000), 300, (150, 300)), ((200, 100), 300, (200, 100)),
     ((3000, 2), 300, (300, 1)), ((4000, 3000), 2048, (2048, 1536)), ((4000, 3000), 500, (500, 375))],
)  # fmt: skip
def test_the_longest_side_is_kept_to_and_nothing_is_enlarged(
    desk: Desk, size: tuple[int, int], side: int, wanted: tuple[int, int]
):
    sent = desk.prepare(images.encode(Image.new("RGB", size, "teal"), "jpeg"), max_side=side)

    assert (sent.width, sent.height) == wanted
    with opened(sent) as im:
        assert im.size == wanted


@pytest.mark.parametrize("limit", [60_000, 20_000, 2_000])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_that_is_too_heavy_is_made_smaller(desk: Desk, mode: str, limit: int):
    noisy = Image.effect_noise((640, 480), 100).convert(mode)
    if mode == "RGBA":
        noisy.putalpha(Image.effect_noise((640, 480), 100))

    sent = desk.prepare(images.encode(noisy, "png"), max_bytes=limit)

    assert 0 < len(sent.data) <= limit
    with opened(sent) as im:
        assert im.size == (sent.width, sent.height)


def test_a_limit_that_no_picture_meets_is_an_answer_and_no_endless_loop(desk: Desk):
    with pytest.raises(AppError) as caught:
        desk.prepare(images.sound("png"), max_bytes=10)
    assert caught.value.code == "file_too_large"


@pytest.mark.parametrize("format_", images.FORMATS)
def test_the_same_picture_goes_out_as_the_same_bytes_whichever_child_prepares_it(
    desk: Desk, desk_with: Callable[..., Desk], format_: str
):
    data = images.encode(images.photo(), format_)

    first, again = desk.prepare(data, max_side=300), desk.prepare(data, max_side=300)

    assert first == again == desk_with().prepare(data, max_side=300)


@pytest.mark.parametrize("keep_alpha", [True, False])
def test_a_see_through_picture_goes_out_as_the_same_bytes_too(desk: Desk, keep_alpha: bool):
    clear = Image.effect_noise((640, 480), 100).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((640, 480)))
    data = images.encode(clear, "png")

    sent = [desk.prepare(data, max_bytes=60_000, keep_alpha=keep_alpha) for _ in range(2)]

    assert sent[0] == sent[1]
    assert sent[0].mime == ("image/png" if keep_alpha else "image/jpeg")


def test_no_temporary_file_is_left(pool, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    desk = Desk(Intake(pool, max_bytes=MIB, max_megapixels=50, scratch=scratch), tmp_path)
    desk.prepare(images.sound("png"))
    with pytest.raises(AppError):
        desk.prepare(images.sound("png")[:100])

    assert list(scratch.iterdir()) == []


def test_a_sound_answer_is_measured(desk: Desk):
    facts = desk.inspect(images.encode(images.photo(64, 48), "png"))

    assert (facts.format, facts.width, facts.height) == ("png", 64, 48)
    with desk.shown() as shown:
        assert shown.size == (64, 48)


UNSOUND: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a page": lambda: b"<html>Bad gateway</html>",
    "svg": lambda: bombs.strangers()["svg"],
    "half of it": lambda: images.sound("png")[:150],
    "too small": lambda: images.encode(Image.new("RGB", (15, 400), "red"), "png"),
    "a bomb": lambda: bombs.bomb("webp", 16_000, 16_000),
}


@pytest.mark.parametrize("kind", UNSOUND)
def test_an_unsound_answer_is_bad_output(desk: Desk, kind: str):
    with pytest.raises(AppError) as caught:
        desk.inspect(UNSOUND[kind]())
    assert caught.value.code == "bad_output"


def test_an_answer_may_be_larger_than_an_upload(desk: Desk):
    heavy = images.sound("png") + bytes(21 * MIB)

    assert desk.inspect(heavy).format == "png"
    with pytest.raises(AppError):
        desk.check(heavy)


def test_a_full_house_is_not_the_answer_s_fault(desk: Desk):
    desk.thumbnail = desk.folder / "no" / "thumbnail.webp"
    with pytest.raises(AppError) as caught:
        desk.inspect(images.sound("png"))
    assert caught.value.code == "storage_unavailable"
