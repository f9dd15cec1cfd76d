"""What has been kept for long enough. Age is by Redis's own clock."""

from collections.abc import Iterator

from batchgen.domain.models import Batch, Upload
from batchgen.store.batches import EVERYONE, Batches
from batchgen.store.connection import Client, now_ms
from batchgen.store.keys import key
from batchgen.store.scripts import Script
from batchgen.store.uploads import Uploads

_PAGE = 100


class Ages:
    def __init__(self, client: Client, batches: Batches, uploads: Uploads) -> None:
        self._redis, self._batches, self._uploads = client, batches, uploads
        self._expire = Script(client, "expire_results")

    def claim(self, every_s: float) -> bool:
        """Whether it is this process's turn; once in so many seconds it is somebody's."""
        return bool(self._redis.set(key("retained"), 1, px=max(1, int(every_s * 1000)), nx=True))

    def now_ms(self) -> int:
        return now_ms(self._redis)

    def ended(self, before_ms: int) -> Iterator[Batch]:
        """Batches that ended by `before_ms`, as they were when they were looked at."""
        after: tuple[int, str] | None = (before_ms, "~")  # behind every id of that millisecond
        while after and (found := self._batches.newest(EVERYONE, after, _PAGE)):
            after = found[-1]
            for batch in self._batches.get_many(batch_id for _, batch_id in found):
                if batch.finished_ms is not None and batch.finished_ms <= before_ms:
                    yield batch

    def expire(self, batch_id: str, before_ms: int, now_ms: int | None = None) -> bool:
        """Give up the pictures of a batch that ended by then; its files are then to be removed. False: it has not
        ended, or there is nothing that was not given up before."""
        return bool(self._expire(now_ms, batch_id, before_ms, keys=[key("batch", batch_id)]))

    def expiring(self) -> list[str]:
        """Batches whose pictures were given up, and whose files may still be there."""
        return sorted(str(one) for one in self._redis.smembers(key("expiring")))

    def cleared(self, batch_id: str) -> None:
        """The files are gone."""
        self._redis.srem(key("expiring"), batch_id)

    def idle(self, before_ms: int) -> Iterator[Upload]:
        """Uploads that no batch uses, nor anybody since `before_ms`."""
        for owner in self._redis.hkeys(key("used")):
            for _, upload_id in self._redis.hscan_iter(key("uploads", str(owner)), count=_PAGE):
                raw = self._redis.hmget(key("upload", str(upload_id)), "uses", "touched", "created")
                if int(raw[0] or 0) < 1 and int(raw[1] or raw[2] or before_ms) < before_ms:
                    upload = self._uploads.get(str(upload_id))
                    if upload:
                        yield upload
