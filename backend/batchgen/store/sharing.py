"""Who else may see a batch: the team's list, the links, and which batches show an upload to the team."""

from collections.abc import Iterator

from batchgen.domain.models import Batch
from batchgen.domain.sharing import MAX_LINKS, Link
from batchgen.store.batches import Batches
from batchgen.store.connection import Client, now_ms
from batchgen.store.items import Items
from batchgen.store.keys import key
from batchgen.store.scripts import Script
from batchgen.store.sessions import sha256

_CHUNK = 500


class Shares:
    def __init__(self, client: Client, batches: Batches, items: Items) -> None:
        self._redis, self._batches, self._items = client, batches, items
        self._share = Script(client, "share_batch")
        self._add, self._remove = Script(client, "add_link"), Script(client, "remove_link")

    def now_ms(self) -> int:
        """Redis's clock, by which links end."""
        return now_ms(self._redis)

    # the team

    def share(self, batch: Batch, team: bool) -> bool:
        """Share it with the team, or no more. Whether that changed anything; it does nothing to a deleted batch."""
        if team:  # first what it shows: whoever sees the batch must see its images
            self._note_uploads(batch)
        return int(self._share(batch.id, "1" if team else "0", keys=[key("batch", batch.id)])) == 1

    def _note_uploads(self, batch: Batch) -> None:
        for ids in [set(batch.references), *self._uploads_of(batch)]:
            pipe = self._redis.pipeline()
            for upload_id in ids:
                pipe.sadd(key("shows", upload_id), batch.id)
            pipe.execute()

    def _uploads_of(self, batch: Batch) -> Iterator[set[str]]:
        for start in range(0, batch.total, _CHUNK):
            raws = self._items.raw(batch.id, range(start, min(start + _CHUNK, batch.total)))
            yield {raw["upload"] for raw in raws if raw.get("upload")}

    def showing(self, upload_id: str) -> Iterator[Batch]:
        """Batches that show an upload and were shared with the team at some time; whether they still are, they say."""
        ids = sorted(self._redis.smembers(key("shows", upload_id)))
        for start in range(0, len(ids), _CHUNK):
            yield from self._batches.get_many(ids[start : start + _CHUNK])

    # links

    def add(
        self, batch_id: str, link_id: str, token: str, days: int, *, approved_only: bool = False,
        now_ms: int | None = None,
    ) -> Link | None:  # fmt: skip
        """A link that `token` opens for `days`; None: there is no such batch, or it has MAX_LINKS."""
        made = self._add(
            now_ms, batch_id, link_id, sha256(token), days * 86_400_000, MAX_LINKS,
            "approved" if approved_only else "", keys=[key("batch", batch_id)],
        )  # fmt: skip
        return Link(link_id, batch_id, int(made[0]), int(made[1]), approved_only) if len(made) == 2 else None

    def remove(self, batch_id: str, link_id: str) -> bool:
        """Revoke a link; False: there is none."""
        return bool(self._remove(batch_id, link_id, keys=[key("batch", batch_id)]))

    def find(self, token: str) -> tuple[Batch, Link] | None:
        """What `token` opens; None where its link has expired, was revoked, or never was."""
        found = self._redis.get(key("link", sha256(token)))
        batch_id, _, link_id = (found or "").partition(" ")
        batch = self._batches.get(batch_id) if batch_id else None
        link = next((one for one in batch.shared.links if one.id == link_id), None) if batch else None
        return (batch, link) if batch and link else None
