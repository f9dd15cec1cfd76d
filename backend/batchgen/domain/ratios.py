"""The promise of a picture's ratio: the one place that adapters and estimates ask what will come out."""

from math import log
from typing import NamedTuple

from batchgen.domain.canvas import AREA, fit, nearest_fixed
from batchgen.domain.pictures import Capabilities, Options

TOLERANCE = 0.02  # of a ratio: closer than this is as wanted

type Size = tuple[int, int]


class Promise(NamedTuple):
    """What a model is asked for. `ratio`: width by height, None where the model chooses; `exact`: it is what was
    wanted, not only the nearest; `word`: its name, "4:3", where it has one; `size`: in pixels, where asked for so."""

    ratio: float | None = None
    exact: bool = True
    word: str | None = None
    size: Size | None = None


def promised_ratio(model: Capabilities, options: Options, image: Size | None) -> Promise:
    """Of a picture made from a base image of that size (None: from text): the ratio that was chosen, else the
    image's, else the nearest to it that the model offers."""
    wanted = number(options.aspect_ratio) if options.aspect_ratio else image[0] / image[1] if image else None
    mode = model.canvas.mode
    if wanted is None or not mode:
        return Promise()
    if mode == "words":
        word = options.aspect_ratio or nearest_word(wanted, model.aspect_ratios)
        return Promise(number(word), is_close(number(word), wanted), word)
    size = nearest_fixed(wanted) if mode == "fixed" else fit(model.canvas, wanted, area_of(model, options))
    ratio = size[0] / size[1]
    return Promise(ratio, is_close(ratio, wanted), options.aspect_ratio or _name(ratio), size)


def area_of(model: Capabilities, options: Options) -> int:
    """Pixels of the size that was chosen, else of the model's own."""
    size = options.size or (model.sizes[0] if model.sizes else "1K")
    return AREA.get(size, AREA["1K"])


def nearest_word(ratio: float, words: tuple[str, ...]) -> str:
    """The named ratio that is nearest, by how much would have to be cut off."""
    return min(words, key=lambda word: abs(log(number(word) / ratio)))


def number(word: str) -> float:
    """ "4:3" as width by height."""
    wide, _, high = word.partition(":")
    return int(wide) / int(high)


def is_close(ratio: float, wanted: float) -> bool:
    return abs(ratio / wanted - 1) <= TOLERANCE


_NAMES = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")


def _name(ratio: float) -> str | None:
    """As people say it: a usual ratio, or 3:1 for a banner."""
    for word in _NAMES:
        if is_close(ratio, number(word)):
            return word
    longer = max(ratio, 1 / ratio)
    if abs(longer - round(longer)) > TOLERANCE * longer:
        return None
    return f"{round(longer)}:1" if ratio > 1 else f"1:{round(longer)}"
