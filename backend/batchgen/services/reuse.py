"""What a batch was made from, to make another one of it."""

from collections.abc import Iterator, Mapping

from batchgen.domain.history import Reusable, Source
from batchgen.domain.models import Batch, Upload, User
from batchgen.domain.names import base_name, without_ending
from batchgen.domain.prompts import FILENAME, resolve
from batchgen.services.access import usable_uploads
from batchgen.services.batches import BatchService
from batchgen.store.items import Items, variables_in
from batchgen.store.uploads import Uploads

_CHUNK = 500


class ReuseService:
    def __init__(self, batches: BatchService, items: Items, uploads: Uploads) -> None:
        self._batches, self._items, self._uploads = batches, items, uploads

    def of(self, user: User, batch_id: str) -> Reusable:
        """Raises AppError("not_found")."""
        batch = self._batches.get(user, batch_id).batch
        raws = [pair for chunk in self._chunks(batch) for pair in chunk]
        ids = {raw["upload"] for _, raw in raws if raw.get("upload")} | set(batch.references)
        own = usable_uploads(user, self._uploads.get_many(ids))
        items = [_source(batch, raw, own) for _, raw in raws if raw.get("upload", "") in (*own, "")]
        references = [own[one] for one in batch.references if one in own]
        return Reusable(items, references, len(ids) - len(own))

    def _chunks(self, batch: Batch) -> Iterator[list[tuple[int, Mapping[str, str]]]]:
        """The first variant of each item, as stored."""
        for start in range(0, batch.total, _CHUNK * batch.variants):
            firsts = range(start, min(start + _CHUNK * batch.variants, batch.total), batch.variants)
            yield [(n, raw) for n, raw in zip(firsts, self._items.raw(batch.id, firsts), strict=True) if raw]


def _source(batch: Batch, raw: Mapping[str, str], own: Mapping[str, Upload]) -> Source:
    name, variables = base_name(raw["name"], 0, batch.variants), variables_in(raw)
    shared = resolve(batch.prompt, {FILENAME: without_ending(name)} | variables).prompt
    words = raw.get("prompt", shared)
    prompt = None if words == shared else (words or "").replace("{", "{{").replace("}", "}}")
    return Source(own.get(raw.get("upload", "")), name, prompt, variables, raw.get("folder", ""))
