"""The size of a picture as Ark wants it. Ark holds a ratio only where it is told in pixels [T]."""

from math import ceil, floor, sqrt

from batchgen.domain.pictures import Request
from batchgen.providers.catalogue import Entry

_AREA = {"1K": 1024**2, "1.5K": 1536**2, "2K": 2048**2, "3K": 3072**2, "4K": 4096**2}
_STEP = 8
_WIDEST = 16.0  # 1:16 to 16:1 [T]


def size_for(request: Request, entry: Entry) -> str | None:
    """`WxH` for a ratio that was asked for, or for that of the base image; else the size's own word, which lets the
    model choose the ratio by the prompt. None: the field is left out."""
    if "adaptive" in entry.sends:  # SeedEdit knows this word only
        return "adaptive"
    options, sizes = request.options, entry.capabilities.sizes
    size = options.size or (sizes[0] if sizes else None)
    if options.aspect_ratio:
        wide, high = map(int, options.aspect_ratio.split(":"))
    elif request.images:
        wide, high = request.images[0].width, request.images[0].height
    else:
        return size
    return "{}x{}".format(*fit(wide / high, _AREA.get(size or "1K", _AREA["1K"]), entry.pixels))


def fit(ratio: float, area: int, pixels: tuple[int, int]) -> tuple[int, int]:
    """Width and height near `area` with `ratio`, both multiples of 8, their product within `pixels`."""
    ratio = min(max(ratio, 1 / _WIDEST), _WIDEST)
    low, high = pixels
    wanted = min(max(area, low), high)
    width, height = sqrt(wanted * ratio), sqrt(wanted / ratio)
    for turn in (round, floor, ceil):
        w, h = (turn(side / _STEP) * _STEP for side in (width, height))
        if low <= w * h <= high and max(w, h) <= _WIDEST * min(w, h):
            return w, h
    return _between(ratio, low, high)


def _between(ratio: float, low: int, high: int) -> tuple[int, int]:
    """Where rounding leaves the range whichever way: the middle of the range has room on both sides."""
    area = (low + high) / 2
    width = floor(sqrt(area * ratio) / _STEP) * _STEP
    height = floor(sqrt(area / ratio) / _STEP) * _STEP
    return width, height
