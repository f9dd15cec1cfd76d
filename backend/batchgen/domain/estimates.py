"""What a submission would cost, take and look like: told from the request, its model and the sizes of its images."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from batchgen.domain.models import Submission, Upload
from batchgen.domain.pictures import Capabilities
from batchgen.domain.ratios import area_of, promised_ratio

NAMED = 20  # items that a warning names
_SMALL_SIDE = 256
_ENLARGED = 4.0  # as many times the pixels: twice as wide and twice as high


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to know before the start; nothing that would be refused. `items`: the first of them, by index."""

    code: str
    params: dict[str, object]
    items: tuple[int, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """`cost_low`: each item by the images that go with it; `cost_high`: each as the dearest of them, which is what is
    held at submit, or, in the economy lane with consent, what it comes to if all of it moves to the full price. Reruns
    are not counted: what was not delivered is not charged here. `seconds`: None, not known."""

    items: int
    pictures: int
    cost_low_micros: int
    cost_high_micros: int
    seconds: int | None = None
    warnings: tuple[Warned, ...] = ()


def costs(asked: Submission, model: Capabilities) -> tuple[int, int]:
    """Micro-USD: at least, at most. In the economy lane the most is that all of it moves to the normal lane at its
    price, where that was agreed to."""
    size, shared, cheap = asked.options.size, len(asked.references), asked.lane == "economy"
    images = [shared + bool(item.upload_id) for item in asked.items]
    each = [(model.economy_price if cheap else model.price)(size, count) for count in images]
    worst = (model.economy_price if cheap and not asked.full_price_ok else model.price)(size, max(images, default=0))
    return sum(each) * asked.variants, worst * len(each) * asked.variants


def seconds(pictures: int, ahead: int, *, slots: int, each_ms: int, per_minute: int) -> int | None:
    """Until the last of `pictures` is done, `ahead` of them being served before or between. None: nobody works, or
    how long one takes was never measured."""
    if not (pictures and slots and each_ms):
        return None
    rounds = ceil((pictures + ahead) / slots)
    starting = (pictures + ahead - 1) // per_minute * 60 if per_minute else 0  # a window's worth at once, then wait
    return max(1, round(max(rounds * each_ms / 1000, starting + each_ms / 1000)))


def fair_share(pictures: int, queued: Iterable[int]) -> int:
    """Of batches with so many left, how many pictures come before a new batch of `pictures` ends: all take turns."""
    return sum(min(pictures, left) for left in queued)


def warnings(asked: Submission, model: Capabilities, uploads: dict[str, Upload]) -> list[Warned]:
    """In the order of how much they change the result."""
    images = [(n, uploads[item.upload_id]) for n, item in enumerate(asked.items) if item.upload_id]
    found = _ratios(asked, model, images)
    area = area_of(model, asked.options)
    small = [n for n, image in images if _is_small(image, area)]
    if small:
        found.append(_warned("image_too_small", small))
    flat = [n for n, image in images if image.see_through and not model.takes_alpha]
    if flat or any(uploads[i].see_through and not model.takes_alpha for i in asked.references):
        found.append(_warned("alpha_flattened", flat))
    if model.deprecated:
        found.append(_warned("model_deprecated", [], date=model.deprecated))
    return found


def _ratios(asked: Submission, model: Capabilities, images: Sequence[tuple[int, Upload]]) -> list[Warned]:
    """One warning for each ratio that comes out instead, the most frequent first."""
    by_word: dict[str, list[int]] = {}
    for n, image in images:
        promise = promised_ratio(model, asked.options, (image.width, image.height))
        if promise.ratio is not None and not promise.exact:
            by_word.setdefault(promise.word or f"{promise.ratio:.2f}:1", []).append(n)
    ordered = sorted(by_word.items(), key=lambda pair: -len(pair[1]))
    return [_warned("ratio_not_offered", items, ratio=word) for word, items in ordered]


def _is_small(image: Upload, area: int) -> bool:
    return min(image.width, image.height) < _SMALL_SIDE or image.width * image.height * _ENLARGED < area


def _warned(code: str, items: Sequence[int], **params: object) -> Warned:
    return Warned(code, params | {"count": len(items)}, tuple(items[:NAMED]), len(items))
