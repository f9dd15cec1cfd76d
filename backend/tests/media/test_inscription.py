"""Words written into pictures: read by others' eyes, without a changed pixel, and taken out again."""

import io
import zlib

import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from batchgen.media.inscription import Words, inscribed, plain
from tests.fakes import images

WORDS = Words('红色 <shoe> & "sand" \x00', "painter-3", 1_800_000_000_000, True)


def pictures() -> dict[str, bytes]:
    photo, glass = images.photo(40, 30), images.photo(41, 31).convert("RGBA")
    glass.putalpha(120)
    return {
        "png": images.encode(photo, "png"), "jpeg": images.encode(photo, "jpeg"), "webp": images.encode(photo, "webp"),
        "lossless": images.encode(photo, "webp", lossless=True), "glass": images.encode(glass, "webp", lossless=True),
        "lossy glass": images.encode(glass, "webp"), "glass png": images.encode(glass, "png"),
    }  # fmt: skip


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("name", sorted(pictures()))
def test_the_words_are_there_for_others_and_no_pixel_has_changed(name: str):
    data = pictures()[name]
    written = inscribed(data, WORDS)

    before, after = opened(data), opened(written)
    told = after.getxmp()["xmpmeta"]["RDF"]["Description"]
    assert (after.mode, after.size, after.tobytes()) == (before.mode, before.size, before.tobytes())
    assert told["AIPromptInformation"] == '红色 <shoe> & "sand" '
    assert told["description"]["Alt"]["li"]["text"] == '红色 <shoe> & "sand" '
    assert (told["AISystemUsed"], told["CreateDate"]) == ("painter-3", "2027-01-15T08:00:00Z")
    assert told["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert len(ImageOps.exif_transpose(after).getexif()) == 0


@pytest.mark.parametrize("name", sorted(pictures()))
def test_taken_out_again_the_picture_says_nothing(name: str):
    data = pictures()[name]
    bare = plain(inscribed(data, WORDS))

    assert b"shoe" not in bare
    assert "xmp" not in opened(bare).info
    assert opened(bare).tobytes() == opened(data).tobytes()
    assert name not in ("png", "jpeg", "glass png") or bare == data
    assert plain(data) == data


def test_without_an_image_it_is_a_picture_of_a_model_alone():
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in inscribed(
        pictures()["png"], WORDS._replace(from_image=False)
    )


@pytest.mark.parametrize("prompt", ["&" * 8000, "😀" * 8000, "x" * 8000])
def test_the_longest_words_fit_into_a_jpeg(prompt: str):
    written = inscribed(pictures()["jpeg"], WORDS._replace(prompt=prompt))

    told = opened(written).getxmp()["xmpmeta"]["RDF"]["Description"]["AIPromptInformation"]
    assert prompt.startswith(told)
    assert len(told) > 5000


def sealed() -> dict[str, bytes]:
    png, jpeg, webp = (pictures()[name] for name in ("png", "jpeg", "webp"))
    chunk = b"caBX" + b"jumb"
    chunk = (4).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    own = io.BytesIO()
    images.photo(8, 8).save(own, "PNG", pnginfo=info)
    riff = webp[8:] + b"C2PA" + (2).to_bytes(4, "little") + b"ju"
    app1 = b"http://ns.adobe.com/xap/1.0/\0<x/>"
    return {
        "png": png[:33] + chunk + png[33:],
        "jpeg": jpeg[:2] + b"\xff\xeb\0\x06jumb" + jpeg[2:],
        "webp": b"RIFF" + len(riff).to_bytes(4, "little") + riff,
        "png with xmp": own.getvalue(),
        "jpeg with xmp": jpeg[:2] + b"\xff\xe1" + (len(app1) + 2).to_bytes(2) + app1 + jpeg[2:],
    }


@pytest.mark.parametrize("name", sorted(sealed()))
def test_a_picture_with_a_provider_s_own_credentials_or_words_stays_as_it_came(name: str):
    assert inscribed(sealed()[name], WORDS) == sealed()[name]


@pytest.mark.parametrize("name", sorted(pictures()))
def test_whatever_is_broken_off_gives_no_words_away(name: str):
    data = pictures()[name]
    for length in range(min(len(data), 80)):
        assert b"shoe" not in plain(inscribed(data[:length], WORDS))
    written = inscribed(data, WORDS)
    for length in range(0, len(written), 97):
        assert b"&lt;shoe" not in plain(written[:length])


def test_what_is_no_such_picture_stays_as_it_came():
    for data in (b"", b"GIF89a....", images.encode(images.photo(8, 8), "avif"), b"RIFF\0\0\0\0WEBPVP8Q\0\0\0\0"):
        assert inscribed(data, WORDS) == data
