"""Names of an archive's files by a pattern such as `{batch}/{name}-{n}`. A `/` in the pattern begins a folder."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from batchgen.domain.models import Batch, Item
from batchgen.domain.names import base_name, clean_folder, without_ending
from batchgen.domain.prompts import Variable, parse, variables_of

KNOWN = ("name", "n", "variant", "batch", "model", "date")
MAX_PATTERN = 200  # characters
_CUTS = re.compile(r"[/\\]+")


class Path(NamedTuple):
    """Where a file stands: a clean folder, "" for none, and a label that is not clean yet."""

    folder: str
    label: str


def unknown_in(pattern: str, variables: set[str]) -> list[str]:
    """The names in `pattern` that stand for nothing: neither known nor one of the prompt's `variables`."""
    return [name for name in variables_of(pattern) if name not in KNOWN and name not in variables]


def path_of(pattern: str, batch: Batch, item: Item) -> Path:
    """Where the item's picture goes; without a pattern it has the name of its source."""
    if not pattern:
        return Path(item.folder, item.name)
    base = base_name(item.name, item.index % batch.variants, batch.variants)
    made = datetime.fromtimestamp((item.finished_ms or batch.created_ms) / 1000, UTC)
    values = dict(item.variables) | {
        "name": without_ending(base),
        "n": str(item.index + 1).zfill(len(str(batch.total))),
        "variant": str(item.index % batch.variants + 1),
        "batch": batch.name,
        "model": item.model,
        "date": made.strftime("%Y-%m-%d"),
    }
    return placed(pattern, values, item.folder)


def placed(pattern: str, values: Mapping[str, str], folder: str) -> Path:
    """`pattern` filled in, below `folder`. A value never makes a folder."""
    parts = (_CUTS.sub("_", values.get(part, "")) if isinstance(part, Variable) else part for part in parse(pattern))
    *folders, label = "".join(parts).replace("\\", "/").split("/")
    return Path(clean_folder("/".join([folder, *folders])), label)
