"""Names of a zip's files before there is one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from batchgen.domain.filenames import Path, placed, unknown_in
from batchgen.domain.models import SubmittedItem
from batchgen.domain.names import UniqueNames, without_ending


class Naming(NamedTuple):
    """What a batch will be; of the rest nothing is known before it is made. `total`: pictures in all."""

    pattern: str
    total: int
    variants: int
    batch: str
    model: str
    format: str


def preview(items: Sequence[SubmittedItem], asked: Naming) -> tuple[list[str], list[str]]:
    """(the name of each item's first variant, names in the pattern that mean nothing)."""
    unique, names = UniqueNames(), []
    for i, item in enumerate(items):
        label = item.name or f"image-{i + 1}"
        values = dict(item.variables) | {
            "name": without_ending(label), "n": str(i * asked.variants + 1).zfill(len(str(asked.total))),
            "variant": "1", "batch": asked.batch, "model": asked.model, "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        }  # fmt: skip
        place = placed(asked.pattern, values, item.folder) if asked.pattern else Path(item.folder, label)
        names.append(unique.take(place.label, asked.format, place.folder))
    return names, unknown_in(asked.pattern, {name for item in items for name in item.variables})
