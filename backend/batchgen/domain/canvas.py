"""Which sizes of a picture a model can be asked for, and the one that is nearest to what is wanted."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, log, sqrt

AREA = {"512": 512**2, "1K": 1024**2, "1.5K": 1536**2, "2K": 2048**2, "3K": 3072**2, "4K": 4096**2}
FIXED = ((1024, 1024), (1536, 1024), (1024, 1536))


@dataclass(frozen=True, slots=True)
class Canvas:
    """How a model is told the shape of its picture. `mode`: "words" for a ratio by its name, "pixels" for width and
    height within the bounds below, "fixed" for one of FIXED; empty: it is not told."""

    mode: str = ""
    fewest: int = 0  # pixels of one picture
    most: int = 0
    step: int = 8  # both sides are multiples of it
    widest: float = 16.0  # the longer side by the shorter
    longest: int = 65_536  # pixels of one side


def nearest_fixed(ratio: float) -> tuple[int, int]:
    """The fixed size whose ratio is nearest, by how much would have to be cut off."""
    return min(FIXED, key=lambda size: abs(log(size[0] / size[1] / ratio)))


@lru_cache(maxsize=4096)  # a pile's images share a few sizes, and an estimate looks at each
def fit(canvas: Canvas, ratio: float, area: int) -> tuple[int, int]:
    """Width and height near `area` with `ratio`, or with the nearest that the canvas has."""
    ratio = min(max(ratio, 1 / canvas.widest), canvas.widest)
    area = min(max(area, canvas.fewest), canvas.most, int(canvas.longest**2 * min(ratio, 1 / ratio)))
    step, width, height = canvas.step, sqrt(area * ratio), sqrt(area / ratio)
    near = [(w, h) for h in _around(height, step) for w in _around(h * ratio, step)]
    near += [(w, h) for w in _around(width, step) for h in _around(w / ratio, step)]
    taken = [size for size in near if _is_taken(canvas, *size)]
    return min(taken or near, key=lambda size: _distance(size, ratio, area))


def _distance(size: tuple[int, int], ratio: float, area: float) -> tuple[float, float]:
    """From what is wanted: the ratio to a tenth of a percent, then the area."""
    width, height = size
    return round(abs(log(width / height / ratio)), 3), abs(width * height - area)


def _around(side: float, step: int) -> range:
    """The multiples of `step` next to `side`, and one more on both sides; none below `step`."""
    first = max(1, floor(side / step) - 1)
    return range(first * step, max(first + 1, ceil(side / step) + 2) * step, step)


def _is_taken(canvas: Canvas, width: int, height: int) -> bool:
    long, short = max(width, height), min(width, height)
    within = canvas.fewest <= width * height <= canvas.most
    return within and long <= min(canvas.longest, canvas.widest * short)
