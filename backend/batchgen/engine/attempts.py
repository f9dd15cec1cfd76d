"""An item in the hands of a worker, and what its batch says of it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from batchgen.domain.pictures import Options
from batchgen.store.items import split_id
from batchgen.store.queue import Lease


class Job(NamedTuple):
    lease: Lease
    batch: dict[str, str]
    item: dict[str, str]

    def own(self, name: str) -> str:
        """A field of the item, else of its batch."""
        return self.item.get(name) or self.batch[name]


def ids_of(batch_id: str, batch: Mapping[str, str]) -> dict[str, str]:
    """What log lines about a batch carry, with the request that submitted it."""
    ids = {"batch_id": batch_id, "user_id": batch.get("owner", "")}
    return ids | ({"request_id": batch["request"]} if "request" in batch else {})


def again_of(item: Mapping[str, str]) -> int:
    """Attempts up to this one answered words or a model that are not asked for any more."""
    return int(item.get("again", 0))


def where_of(job: Job) -> tuple[str, list[int]]:
    batch, n = split_id(job.lease.item_id) or ("", 0)
    return batch, [n]


def options_of(job: Job) -> Options:
    """The batch's options; with a seed, each variant of an image has its own, or all would be alike."""
    options = Options(**json.loads(job.batch["options"]))
    if options.seed is None:
        return options
    return replace(options, seed=(options.seed + where_of(job)[1][0] % int(job.batch["variants"])) % 2**31)
