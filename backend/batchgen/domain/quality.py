"""Whether a sound picture is what was asked for. Its looks were measured in a decoder child; this only judges."""

from enum import StrEnum
from typing import NamedTuple

from batchgen.domain.models import ImageFacts

_MIN_SIDE = 256  # pixels; a smaller answer is a thumbnail, or an error in the shape of a picture
_RATIO_OFF = 1.03  # the models' own sizes are up to 2.9 % off the ratio that they are named for
_HASH_BYTES, _HASH_OFF = 8, 2  # bits of the perceptual hash in which a picture may differ and be the same
_MEAN_OFF, _CELL_OFF = 5, 20  # levels of 255 that the colours may be off: on the average, and in any one cell


class Flag(StrEnum):
    """What is wrong with a picture, gravest first; `bad_output_<flag>` is the failure's code."""

    BLANK = "blank"
    UNCHANGED = "unchanged"
    RATIO = "ratio"
    SMALL = "small"


class Asked(NamedTuple):
    """What an answer is held against. `base`: the fingerprint of the base image as it was sent; empty: there is none.
    `ratio`: width by height as promised; None: nothing was promised. `side`: of the shorter side, at least."""

    ratio: float | None = None
    base: bytes = b""
    side: int = _MIN_SIDE


def flags_of(facts: ImageFacts, asked: Asked) -> tuple[Flag, ...]:
    """All that is wrong with the picture, gravest first; none: it is as asked."""
    ratio = facts.width / facts.height
    found = {
        Flag.BLANK: facts.blank,
        Flag.UNCHANGED: is_same(facts.fingerprint, asked.base),
        Flag.RATIO: asked.ratio is not None and max(ratio / asked.ratio, asked.ratio / ratio) > _RATIO_OFF,
        Flag.SMALL: min(facts.width, facts.height) < asked.side,
    }
    return tuple(flag for flag, holds in found.items() if holds)


def is_same(one: bytes, other: bytes) -> bool:
    """Whether two fingerprints (`media.looks`) are of one picture: alike in shape, by the perceptual hash, and in every
    place of nearly the same colour, for another colour or a small addition is what many ask for."""
    if not one or len(one) != len(other):
        return False
    bits = int.from_bytes(one[:_HASH_BYTES]) ^ int.from_bytes(other[:_HASH_BYTES])
    if bits.bit_count() > _HASH_OFF:
        return False
    off = [abs(a - b) for a, b in zip(one[_HASH_BYTES:], other[_HASH_BYTES:], strict=True)]
    return max(off) <= _CELL_OFF and sum(off) <= _MEAN_OFF * len(off)


def side_for(base: tuple[int, int] | None) -> int:
    """The least shorter side of an answer: nobody expects more than the base image (width, height) itself has."""
    return min(_MIN_SIDE, *base) if base else _MIN_SIDE
