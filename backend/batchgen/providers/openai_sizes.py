"""The size of a picture as OpenAI's API wants it: pixels in steps of 16 [O], or one of three fixed sizes."""

from math import ceil, floor, log, sqrt

from batchgen.domain.pictures import Request
from batchgen.providers.catalogue import Entry

AREA = {"512": 512**2, "1K": 1024**2, "1.5K": 1536**2, "2K": 2048**2, "3K": 3072**2, "4K": 3840 * 2160}
FIXED = ((1024, 1024), (1536, 1024), (1024, 1536))
_STEP = 16
_WIDEST = 3.0  # 1:3 to 3:1 [O]
_LONGEST = 3840  # [O]


def size_for(request: Request, entry: Entry) -> str:
    """`WxH` for a ratio or a size that was asked for, or for the ratio of the base image; else `auto`, which leaves it
    to the model and the prompt."""
    options = request.options
    if options.aspect_ratio:
        wide, high = map(int, options.aspect_ratio.split(":"))
    elif request.images:
        wide, high = request.images[0].width, request.images[0].height
    elif options.size and entry.pixels != (0, 0):
        wide, high = 1, 1
    else:
        return "auto"
    if entry.pixels == (0, 0):
        return "{}x{}".format(*nearest(wide / high))
    sizes = entry.capabilities.sizes
    size = options.size or (sizes[0] if sizes else "1K")
    return "{}x{}".format(*fit(wide / high, AREA[size], entry.pixels))


def nearest(ratio: float) -> tuple[int, int]:
    """The fixed size whose ratio is nearest, by how much would have to be cut off."""
    return min(FIXED, key=lambda size: abs(log(size[0] / size[1] / ratio)))


def fit(ratio: float, area: int, pixels: tuple[int, int]) -> tuple[int, int]:
    """Width and height near `area` with `ratio`, both multiples of 16, within the longest side and `pixels`."""
    ratio = min(max(ratio, 1 / _WIDEST), _WIDEST)
    low, high = pixels
    wanted = min(max(area, low), high, _LONGEST**2 * min(ratio, 1 / ratio))
    height = sqrt(wanted / ratio)
    near = [(w, h) for h in _around(height) for w in _around(h * ratio) if _is_taken(w, h, low, high)]
    return min(near, key=lambda size: _distance(size, ratio, wanted), default=nearest(ratio))


def _distance(size: tuple[int, int], ratio: float, area: float) -> tuple[float, float]:
    """From what is wanted: the ratio to a tenth of a percent, then the area."""
    width, height = size
    return round(abs(log(width / height / ratio)), 3), abs(width * height - area)


def _around(side: float) -> range:
    """The multiples of 16 next to `side`, and one more on both sides."""
    return range((floor(side / _STEP) - 1) * _STEP, (ceil(side / _STEP) + 2) * _STEP, _STEP)


def _is_taken(width: int, height: int, low: int, high: int) -> bool:
    long, short = max(width, height), min(width, height)
    return short > 0 and long <= min(_LONGEST, _WIDEST * short) and low <= width * height <= high
