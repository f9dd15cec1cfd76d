"""Pictures of every kind, made on the spot and always the same: sound ones and odd ones."""

import io
import random
import struct
import zlib

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

pillow_heif.register_heif_opener()

FORMATS = ("jpeg", "png", "webp", "heif", "avif", "bmp", "tiff", "gif")
WITH_EXIF = ("jpeg", "png", "webp", "heif", "avif", "tiff")
CORNERS = ((220, 30, 30), (30, 170, 30), (30, 30, 220), (235, 235, 40))  # top left, top right, bottom left, right
SECRET = "31.2304N-SECRET"  # stands for whatever metadata must not travel

_QUICK: dict[str, dict[str, object]] = {
    "jpeg": {"quality": 95, "subsampling": 0},
    "webp": {"quality": 95, "method": 0},
    "heif": {"quality": 95, "enc_params": {"preset": "ultrafast"}, "chroma": 444},
    "avif": {"quality": 95, "speed": 10, "subsampling": "4:4:4"},
}
_BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def corners(width: int = 96, height: int = 64) -> Image.Image:
    """Four colours, one in each quarter: shows where up is."""
    im = Image.new("RGB", (width, height))
    boxes = ((0, 0), (width // 2, 0), (0, height // 2), (width // 2, height // 2))
    for (x, y), colour in zip(boxes, CORNERS, strict=True):
        im.paste(colour, (x, y, x + width - width // 2, y + height - height // 2))
    return im


def photo(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Enough detail that files of it are cut in the middle of picture data."""
    rough = Image.frombytes("RGB", (32, 24), random.Random(seed).randbytes(32 * 24 * 3))
    return rough.resize((width, height), Image.Resampling.BICUBIC)


def encode(im: Image.Image, format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    im.save(out, format_.upper(), **{**_QUICK.get(format_, {}), **options})
    return out.getvalue()


def sound(format_: str, width: int = 96, height: int = 64) -> bytes:
    return encode(corners(width, height), format_)


def oriented(format_: str, tag: int) -> bytes:
    """Stored turned, with the tag that makes it look like `corners()` again."""
    exif = Image.Exif()
    exif[0x0112] = tag
    stored = corners()
    if tag in _BACK:
        stored = stored.transpose(_BACK[tag])
    return encode(stored, format_, exif=exif.tobytes() if format_ == "heif" else exif)


def with_odd_orientation(value: object) -> bytes:
    """A JPEG whose orientation tag is no orientation: a number out of range, or a text."""
    if isinstance(value, str):
        text = value.encode() + b"\0"
        entry = struct.pack(">HHI", 0x0112, 2, len(text)) + text.ljust(4, b"\0")[:4]
    else:
        entry = struct.pack(">HHIHH", 0x0112, 3, 1, value, 0)
    tiff = b"MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"
    return encode(corners(), "jpeg", exif=b"Exif\0\0" + tiff)


def heif_with_exif_only_orientation() -> bytes:
    """The container says upright, EXIF says turned: by the format's standard the container is right."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encode(corners(), "heif", exif=exif)  # as an object, the encoder does not see it


def with_secrets(format_: str) -> bytes:
    """GPS, maker's note, comment, XMP, embedded thumbnail: each says SECRET."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x9286] = SECRET
    exif.get_ifd(0x8825)[1] = SECRET
    xmp = f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()
    extra: dict[str, dict[str, object]] = {
        "jpeg": {"comment": SECRET, "xmp": xmp, "exif": exif},
        "png": {"exif": exif, "pnginfo": texts()},
        "gif": {"comment": SECRET},
        "bmp": {},
        "tiff": {"exif": exif, "description": SECRET, "artist": SECRET},
    }
    data = encode(corners(), format_, **extra.get(format_, {"exif": exif, "xmp": xmp}))
    if format_ == "jpeg":
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + SECRET.encode()
        data = data[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + data[2:]
    return data + (SECRET.encode() if format_ == "bmp" else b"")


def texts() -> object:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET)
    info.add_itxt("XML:com.adobe.xmp", SECRET)
    return info


def swapped_profile() -> bytes:
    """An ICC profile that is not sRGB: red and blue change places, so that its use shows."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 2, before: bytes = b"") -> bytes:
    """A PNG from its parts; `rows` with their filter bytes, `before` the chunks ahead of the data."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def frames_gif(count: int) -> bytes:
    """An animation of `count` frames: the first is whole, the others are rubbish."""
    first = sound("gif")[:-1]
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 96, 64, 0) + b"\x02\x02\x4c\x01\0"
    return first + frame * (count - 1) + b"\x3b"


def mpo() -> bytes:
    out = io.BytesIO()
    corners().save(out, "MPO", save_all=True, append_images=[photo(96, 64)], quality=95, subsampling=0)
    return out.getvalue()


def animated(format_: str) -> bytes:
    frames = [photo(96, 64, seed) for seed in (2, 3)]
    return encode(corners(), format_, save_all=True, append_images=frames)


def polyglots() -> dict[str, bytes]:
    script = b"<?php system($_GET[0]); ?><script>alert(1)</script>"
    return {
        "jpeg with a zip behind": sound("jpeg") + b"PK\x03\x04" + bytes(200),
        "jpeg with a film behind": sound("jpeg") + b"\0\0\0\x18ftypmp42" + bytes(5000),
        "gif with a script": encode(corners(), "gif", comment="*/=1;alert(1)//"),
        "png with PHP": sound("png")[:-12] + png_chunk(b"tEXt", b"Comment\0" + script) + sound("png")[-12:],
        "png with an unknown chunk": sound("png")[:33] + png_chunk(b"abCd", bytes(70_000)) + sound("png")[33:],
    }


def deep_modes() -> dict[str, tuple[bytes, tuple[int, int, int]]]:
    """Name -> (file, the colour its middle has in 8-bit sRGB)."""
    grey16 = b"".join(b"\0" + struct.pack(">H", 0x8080) * 40 for _ in range(40))
    colour16 = b"".join(b"\0" + struct.pack(">HHH", 0xC8C8, 0x6464, 0x3232) * 40 for _ in range(40))
    keyed = Image.new("P", (40, 40), 1)
    keyed.putpalette([0, 0, 0, 200, 100, 50])
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (40, 40), (200, 100, 50)), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )  # fmt: skip
    assert lab is not None
    return {
        "16-bit grey png": (png(40, 40, grey16, depth=16, colour=0), (128, 128, 128)),
        "16-bit colour png": (png(40, 40, colour16, depth=16), (200, 100, 50)),
        "palette gif": (encode(keyed, "gif"), (200, 100, 50)),
        "palette png, see-through entry": (encode(keyed, "png", transparency=0), (200, 100, 50)),
        "1-bit tiff": (encode(Image.new("1", (40, 40), 1), "tiff"), (255, 255, 255)),
        "grey with alpha": (encode(Image.new("LA", (40, 40), (90, 255)), "png"), (90, 90, 90)),
        "cmyk jpeg": (encode(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "jpeg", subsampling=-1), (255, 0, 0)),
        "cmyk tiff": (encode(Image.new("CMYK", (40, 40), (255, 0, 255, 0)), "tiff"), (0, 255, 0)),
        "32-bit tiff": (encode(_ramp("I", 65535), "tiff"), (128, 128, 128)),
        "float tiff": (encode(_ramp("F", 1.0), "tiff"), (128, 128, 128)),
        "16-bit tiff": (encode(Image.new("I;16", (40, 40), 0x8080), "tiff"), (128, 128, 128)),
        "lab tiff": (encode(lab, "tiff"), (200, 100, 50)),
    }


def _ramp(mode: str, top: float) -> Image.Image:
    """Half of `top`, with black and `top` in two corners, so that the range in use is known."""
    im = Image.new(mode, (40, 40), int(top / 2) if mode == "I" else top / 2)
    draw = ImageDraw.Draw(im)
    draw.point((0, 0), 0)
    draw.point((39, 39), int(top) if mode == "I" else top)
    return im
