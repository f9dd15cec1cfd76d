"""Files that are broken, hostile, or no pictures at all."""

import random
import struct
from collections.abc import Callable, Iterator

from PIL import Image

from tests.fakes import images


def bomb(format_: str, width: int, height: int) -> bytes:
    """A small file whose header says `width` x `height`."""
    if format_ == "webp":
        return _webp_bomb(width, height)
    return {"png": _png_bomb, "jpeg": _jpeg_bomb, "gif": _gif_bomb, "bmp": _bmp_bomb, "tiff": _tiff_bomb}.get(
        format_, lambda w, h: _ispe_bomb(format_, w, h)
    )(width, height)


def _png_bomb(width: int, height: int) -> bytes:
    return images.png(width, height, bytes(1000))


def _jpeg_bomb(width: int, height: int) -> bytes:
    data = bytearray(images.sound("jpeg"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _webp_bomb(width: int, height: int) -> bytes:
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    vp8x = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    body = b"WEBP" + vp8x + images.sound("webp")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif_bomb(width: int, height: int) -> bytes:
    data = bytearray(images.sound("gif"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def _bmp_bomb(width: int, height: int) -> bytes:
    data = bytearray(images.sound("bmp"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def _tiff_bomb(width: int, height: int) -> bytes:
    data = images.sound("tiff")
    for tag, old, new in ((256, 96, width), (257, 64, height)):
        for kind, code in ((3, "<HHIHH"), (4, "<HHII")):
            entry = struct.pack(code, tag, kind, 1, old, *([0] if kind == 3 else []))
            data = data.replace(entry, struct.pack("<HHII", tag, 4, 1, new))
    return data


def _ispe_bomb(format_: str, width: int, height: int) -> bytes:
    data = bytearray(images.sound(format_))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


def scan_bomb(scans: int, side: int = 4096) -> bytes:
    """A progressive JPEG whose last scan comes `scans` times: few bytes, long work in the decoder's C code."""
    data = images.encode(Image.new("L", (side, side), 128), "jpeg", progressive=True, subsampling=-1)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def strangers() -> dict[str, bytes]:
    """What is no picture, or none of the eight formats, whatever its name says."""
    return {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "svgz": b"\x1f\x8b\x08" + bytes(40),
        "pdf": b"%PDF-1.7\n" + bytes(40),
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n" + bytes(40),
        "psd": b"8BPS\0\x01" + bytes(40),
        "ico": b"\0\0\x01\0\x01\0" + bytes(40),
        "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
        "jpeg 2000 stream": b"\xff\x4f\xff\x51" + bytes(40),
        "jpeg xl": b"\xff\x0a" + bytes(40),
        "zip": b"PK\x03\x04" + bytes(40),
        "html": b"<!doctype html><script>alert(1)</script>",
        "text that starts as BMP does": b"BMW is a maker of cars, and of nothing else here.",
        "film": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40),
        "canon raw": b"II*\0\x10\0\0\0CR\x02\0" + bytes(40),
        "nearly nothing": b"\xff",
    }


def mutants(count: int, seed: int = 20) -> Iterator[bytes]:
    """Sound files of every format with bytes changed, runs doubled, parts cut out; the same every time."""
    chance = random.Random(seed)
    sources = (
        [images.sound(f) for f in images.FORMATS]
        + [images.with_secrets(f) for f in images.WITH_EXIF]
        + [images.animated("gif"), images.mpo()]
    )
    for n in range(count):
        data = bytearray(sources[n % len(sources)])
        for _ in range(chance.randint(1, 8)):
            chance.choice(_CHANGES)(data, chance)
        yield bytes(data)


def _flip(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(len(data))] = chance.randrange(256)


def _extreme(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\x01"])


def _cut(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.randint(1, 16)]
    data += b"\0" * 4


def _double(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at:at] = data[at : at + chance.randint(1, 64)]


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _flip, _extreme, _cut, _double)
