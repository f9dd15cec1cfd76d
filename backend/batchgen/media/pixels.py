"""The only code that opens pictures of strangers. Runs in a decoder child, never in the web's or a worker's process.

Order: the decoder that the magic bytes name -> size from the header -> decode of the first frame -> everything else.
"""

import errno
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from batchgen.media import colours

_PLUGINS = (BmpImagePlugin, GifImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)  # importing registers
_PILLOW = {name: name.upper() for name in ("jpeg", "png", "webp", "heif", "avif", "bmp", "tiff", "gif")}
_ORIENTATION = 0x0112
_DNG_VERSION, _SUBFILE_TYPE, _REDUCED = 50706, 254, 1
_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LANDSCAPE_TURNED = {5, 6, 7, 8}
_BROKEN_DISK = {errno.EIO, errno.ESTALE, errno.ENXIO}


class Refused(Exception):
    """The picture, or the disk, will not do. `code` is a row of the errors' table."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Size(NamedTuple):
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded first frame. `stored` is the whole picture's size before turning; `image` may be a reduced decode."""

    image: Image.Image
    stored: Size
    orientation: int
    profile: object
    has_alpha: bool

    @property
    def size(self) -> Size:
        """Pixels after orientation."""
        width, height = self.stored
        return Size(height, width) if self.orientation in _LANDSCAPE_TURNED else Size(width, height)


def set_up() -> None:
    """Once per child: one thread per decode, and no way around the size check."""
    warnings.simplefilter("ignore")
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # Pillow's own factory reads the index of further pictures (MPO, gain maps), which may be broken; the first one
    # is all that is wanted
    Image.register_open("JPEG", JpegImagePlugin.JpegImageFile, lambda head: head.startswith(b"\xff\xd8\xff"))


def decode(path: Path, format_: str, max_pixels: int, fit: int | None = None) -> Frame:
    """The first frame of the file, fully read. With `fit` a JPEG may come out smaller, but with its longest side
    >= `fit` pixels: all of its scan data is read even so, and a cut file is found out.

    Raises Refused: too_many_pixels before any pixel is decoded, corrupt_image, unsupported_format (camera raw files),
    storage_unavailable.
    """
    with _opened(path) as file, _verdicts():
        # Pillow raises above twice this value; where a decoder makes its canvas while it opens, this check is before
        Image.MAX_IMAGE_PIXELS = max_pixels / 2  # type: ignore[assignment]
        with Image.open(file, formats=[_PILLOW[format_]]) as im:
            return _load(im, max_pixels, fit)


def _load(im: Image.Image, max_pixels: int, fit: int | None) -> Frame:
    _limit(im.size, max_pixels)
    _no_raw_file(im)
    stored = Size(*im.size)
    drafted = fit is not None and isinstance(im, JpegImagePlugin.JpegImageFile)
    if drafted and fit:
        im.draft(None, fitted(stored, fit))
    im.load()
    _limit(im.size, max_pixels)
    orientation = _orientation(im)
    plain = im._new(im.im)  # without the decoder, whose buffers can be four times the picture
    return Frame(
        plain, stored if drafted else Size(*im.size), orientation, im.info.get("icc_profile"), colours.has_alpha(im)
    )


def _limit(size: tuple[int, int], max_pixels: int) -> None:
    if min(size) < 1:
        raise Refused("corrupt_image")
    if size[0] * size[1] > max_pixels:
        raise Refused("too_many_pixels")


def _no_raw_file(im: Image.Image) -> None:
    """Camera raw files are TIFFs whose first picture is a small preview: not what the sender means."""
    if isinstance(im, TiffImagePlugin.TiffImageFile):
        kind = im.tag_v2.get(_SUBFILE_TYPE, 0)
        if _DNG_VERSION in im.tag_v2 or (isinstance(kind, int) and kind & _REDUCED):
            raise Refused("unsupported_format")


def _orientation(im: Image.Image) -> int:
    """1 to 8. Only EXIF counts, as in browsers; TIFF and HEIF come already turned."""
    if isinstance(im, TiffImagePlugin.TiffImageFile):
        return 1
    for key in ("xmp", "XML:com.adobe.xmp"):  # Pillow would take XMP's word
        im.info.pop(key, None)
    try:
        found = im.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  (broken metadata raises anything, and is no reason to refuse a sound picture)
        return 1
    return found if isinstance(found, int) and found in _TURN else 1


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        file = path.open("rb")
    except OSError:
        raise Refused("storage_unavailable") from None
    with file:
        yield file


@contextmanager
def _verdicts() -> Iterator[None]:
    """Decoders raise nearly anything on bad input; MemoryError passes, for the child ends with it."""
    try:
        yield
    except (Refused, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise Refused("too_many_pixels") from None
    except Exception as wrong:  # noqa: BLE001
        on_disk = isinstance(wrong, OSError) and wrong.errno in _BROKEN_DISK
        raise Refused("storage_unavailable" if on_disk else "corrupt_image") from None


def finished(frame: Frame, max_side: int) -> Image.Image:
    """8-bit sRGB, longest side <= `max_side`, turned upright, with nothing of the file's metadata left."""
    with _verdicts():
        small = shrunk(colours.resizable(frame.image), fitted(Size(*frame.image.size), max_side))
        done = colours.to_srgb(small, frame.profile)
        if frame.orientation in _TURN:
            done = done.transpose(_TURN[frame.orientation])
        bare = done._new(done.im)
        bare.info = {}  # encoders write what they find here: comment, profile, transparency
        return bare


def fitted(size: Size, max_side: int) -> tuple[int, int]:
    """`size` scaled down so that its longest side is `max_side`; no side below 1, never enlarged."""
    scale = min(1.0, max_side / max(size))
    return max(1, round(size.width * scale)), max(1, round(size.height * scale))


def shrunk(im: Image.Image, size: tuple[int, int]) -> Image.Image:
    if size == im.size:
        return im
    return im.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def as_webp(im: Image.Image) -> bytes:
    out = BytesIO()
    im.save(out, "WEBP", quality=80)
    return out.getvalue()


def for_sending(im: Image.Image, max_bytes: int) -> tuple[bytes, str, Size]:
    """PNG for a picture with alpha, else JPEG; made smaller until it has at most `max_bytes`."""
    while True:
        data, mime = _encoded(im)
        if len(data) <= max_bytes:
            return data, mime, Size(*im.size)
        if im.size == (1, 1):
            raise Refused("file_too_large")
        scale = min(0.9, max(0.1, 0.95 * math.sqrt(max_bytes / len(data))))
        im = shrunk(im, fitted(Size(*im.size), max(1, int(max(im.size) * scale))))


def _encoded(im: Image.Image) -> tuple[bytes, str]:
    out = BytesIO()
    if im.mode == "RGBA":
        im.save(out, "PNG", compress_level=4)
        return out.getvalue(), "image/png"
    im.save(out, "JPEG", quality=90)
    return out.getvalue(), "image/jpeg"
