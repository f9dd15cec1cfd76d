"""Whatever mode an image is stored in, as 8-bit sRGB. Runs in a decoder child only."""

from functools import lru_cache
from io import BytesIO
from math import isfinite

from PIL import Image, ImageCms

_WITH_ALPHA = {"LA", "La", "PA", "RGBA", "RGBa"}
_EASY = {"L", "LA", "RGB", "RGBA", "CMYK"}  # can be resized as they are
_KEYED = ("1", "L", "P", "RGB")  # may name one colour, or palette entries, as see-through
_VIA = {"1": "L", "La": "LA", "RGBa": "RGBA", "PA": "RGBA"}
_MAX_PROFILE_BYTES = 4 * 1024 * 1024
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def has_alpha(im: Image.Image) -> bool:
    return im.mode in _WITH_ALPHA or (im.mode in _KEYED and "transparency" in im.info)


def resizable(im: Image.Image) -> Image.Image:
    """The same picture in a mode that can be resized: L, LA, RGB, RGBA or CMYK, 8 bits each."""
    if im.mode in ("I", "F") or im.mode.startswith("I;16"):
        return _to_8_bit(im)
    if im.mode in _KEYED and "transparency" in im.info:
        return im.convert("RGBA")
    if im.mode in _EASY:
        return im
    return im.convert(_VIA.get(im.mode, "RGB"))


def to_srgb(im: Image.Image, profile: object) -> Image.Image:
    """RGB or RGBA for an image in one of the modes of `resizable`. An unusable profile counts as none."""
    alpha = im.getchannel("A") if im.mode in ("LA", "RGBA") else None
    colour = im.convert({"LA": "L", "RGBA": "RGB"}[im.mode]) if alpha else im
    done = _by_profile(colour, profile) or colour.convert("RGB")
    if alpha:
        done.putalpha(alpha)
    return done


def on_white(im: Image.Image) -> Image.Image:
    """RGB without transparency; what was see-through is white, as on paper."""
    if im.mode != "RGBA":
        return im
    paper = Image.new("RGB", im.size, "white")
    paper.paste(im, mask=im.getchannel("A"))
    return paper


def _to_8_bit(im: Image.Image) -> Image.Image:
    """Pillow would clip these modes to 0..255; here the range that is in use is mapped to it."""
    wide = im.convert("I") if im.mode.startswith("I;16") else im
    low, high = _range(im, wide)
    scale = 255.0 / (high - low)
    return wide.point(lambda value: value * scale + (0.5 - low * scale)).convert("L")


def _range(im: Image.Image, wide: Image.Image) -> tuple[float, float]:
    if im.mode.startswith("I;16"):
        return 0.0, 65535.0
    found = wide.getextrema()
    low, high = (float(v) for v in found if isinstance(v, int | float))
    if not (isfinite(low) and isfinite(high)):
        return 0.0, 1.0
    usual = (1.0, 255.0) if im.mode == "F" else (255.0, 65535.0)
    for top in usual:
        if low >= 0 and high <= top:
            return 0.0, top
    return (low, high) if high > low else (low, low + 1.0)


def _by_profile(colour: Image.Image, profile: object) -> Image.Image | None:
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= _MAX_PROFILE_BYTES:
        return None
    try:
        return ImageCms.applyTransform(colour, _transform(profile, colour.mode))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    """Building one costs more than using it on a thumbnail, and the pictures of a pile share their camera's profile."""
    return ImageCms.buildTransform(ImageCms.ImageCmsProfile(BytesIO(profile)), _SRGB, mode, "RGB")
