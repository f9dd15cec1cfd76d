"""Pictures that the fake providers give: small, valid, and another one for every prompt and image."""

import hashlib
import io
from functools import lru_cache

from PIL import Image

_SIDE = 256


def picture_for(
    prompt: str, images: list[str], ratio: float = 1.0, kind: str = "PNG", size: tuple[int, int] | None = None
) -> bytes:
    """The picture of this prompt and these image hashes; without a size its shorter side is 256 pixels."""
    digest = hashlib.sha256("\0".join([prompt, *images]).encode()).digest()
    return _encoded(digest, size or (round(_SIDE * max(ratio, 1)), round(_SIDE * max(1 / ratio, 1))), kind)


def plain(size: tuple[int, int] = (64, 48), colour: str = "teal", kind: str = "JPEG") -> bytes:
    """An input image."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def ratio_of(data: bytes) -> float:
    """Width by height of an image that was sent; 1 where it is none."""
    wide, high = pixels_of(data)
    return min(max(wide / high, 1 / 16), 16.0)


def pixels_of(data: bytes) -> tuple[int, int]:
    """Width and height of an image; a small square where it is none."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except OSError:
        return 16, 16


def size_from(text: object) -> tuple[int, int] | None:
    """ "1024x768" as numbers; None: the size is left to the model."""
    wide, _, high = str(text or "").partition("x")
    return (int(wide), int(high)) if wide.isdigit() and high.isdigit() else None


def ratio_from(text: str | None, else_: float) -> float:
    """ "16:9" or "1024x768" as a number."""
    for mark in (":", "x"):
        wide, _, high = (text or "").partition(mark)
        if wide.isdigit() and high.isdigit():
            return int(wide) / int(high)
    return else_


@lru_cache(maxsize=64)
def _encoded(digest: bytes, size: tuple[int, int], kind: str) -> bytes:
    """A few blocks of colour, blown up: neither blank nor like another."""
    blocks = Image.frombytes("RGB", (3, 3), digest[:27]).resize(size, Image.Resampling.NEAREST)
    out = io.BytesIO()
    blocks.save(out, kind, **({"compress_level": 1} if kind == "PNG" else {}))
    return out.getvalue()
