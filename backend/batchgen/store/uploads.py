"""Uploads: who has which image under which name. Equal bytes of one owner are one upload; the blob behind it is
shared between owners and counted."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from redis.exceptions import LockError

from batchgen.domain.models import Upload
from batchgen.errors import AppError
from batchgen.store.connection import Client, now_ms
from batchgen.store.keys import key
from batchgen.store.scripts import Script


class Quota(NamedTuple):
    """The most that one owner may keep; 0: no limit."""

    uploads: int = 0
    bytes: int = 0


class Uploads:
    def __init__(self, client: Client, quota: Quota = Quota()) -> None:  # noqa: B008 - a value
        self._redis, self._quota = client, quota
        self._remember, self._forget = Script(client, "remember_upload"), Script(client, "forget_upload")
        self._find = Script(client, "find_upload")

    def remember(self, upload: Upload) -> tuple[Upload, bool] | None:
        """Store it, unless its owner has the same bytes: then that upload. And whether it is new. None: the owner's
        quota is used up."""
        fields: dict[str, str | int] = {
            "owner": upload.owner, "filename": upload.filename, "sha256": upload.sha256, "format": upload.format,
            "width": upload.width, "height": upload.height, "bytes": upload.bytes,
        }  # fmt: skip
        if upload.see_through:
            fields["see_through"] = 1
        keys = [key("uploads", upload.owner)]
        found = str(self._remember(upload.id, upload.sha256, fields, upload.owner, *self._quota, keys=keys))
        if not found:
            return None
        stored = self.get(found)
        assert stored is not None  # noqa: S101 - the script has just written it
        return stored, found == upload.id

    def is_full(self, owner: str, more_bytes: int) -> bool:
        """Whether the owner has no room for one more upload; `remember` decides, this only saves the work."""
        pipe = self._redis.pipeline()
        pipe.hlen(key("uploads", owner))
        pipe.hget(key("used"), owner)
        count, used = pipe.execute()
        over = bool(self._quota.bytes) and int(used or 0) + more_bytes > self._quota.bytes
        return over or (bool(self._quota.uploads) and count >= self._quota.uploads)

    def is_held(self, sha256: str) -> bool:
        """Whether any owner's upload stands on these bytes."""
        return bool(self._redis.exists(key("blob", sha256)))

    def find(self, owner: str, sha256: str) -> Upload | None:
        """The owner's upload of these bytes, if any; it counts as used now."""
        found = str(self._find(sha256, keys=[key("uploads", owner)]))
        return self.get(found) if found else None

    def get(self, upload_id: str) -> Upload | None:
        return self.get_many([upload_id]).get(upload_id)

    def get_many(self, ids: Iterable[str]) -> dict[str, Upload]:
        """Those of `ids` that exist."""
        wanted = list(ids)
        pipe = self._redis.pipeline()
        for upload_id in wanted:
            pipe.hgetall(key("upload", upload_id))
        return {i: _to_upload(i, raw) for i, raw in zip(wanted, pipe.execute(), strict=True) if raw}

    @contextmanager
    def blob(self, sha256: str) -> Iterator[None]:
        """Alone with the bytes `sha256`: a file must not go while another owner's record of it comes.
        Raises AppError("state_unavailable") where the turn does not come in time."""
        lock = self._redis.lock(key("bloblock", sha256), timeout=30, blocking_timeout=10)
        if not lock.acquire():
            raise AppError("state_unavailable")
        try:
            yield
        finally:
            with suppress(LockError):  # it ran out
                lock.release()

    def forget(self, upload: Upload, before_ms: int | None = None) -> int:
        """Remove an unused upload; with `before_ms` only where nobody has used it since. 2: it was the last on its
        bytes; 1: others share them; 0: it is in use."""
        return int(self._forget(upload.id, upload.sha256, before_ms, keys=[key("uploads", upload.owner)]))

    def release(self, ids: Iterable[str], batch_id: str) -> None:
        """One use less of each: the batch is gone, and shows none of them any more."""
        pipe, now = self._redis.pipeline(), now_ms(self._redis)
        for upload_id in ids:
            pipe.hset(key("upload", upload_id), "touched", now)
            pipe.hincrby(key("upload", upload_id), "uses", -1)
            pipe.srem(key("shows", upload_id), batch_id)
        pipe.execute()


def _to_upload(upload_id: str, raw: Mapping[str, str]) -> Upload:
    return Upload(
        id=upload_id, owner=raw["owner"], filename=raw["filename"], sha256=raw["sha256"], format=raw["format"],
        width=int(raw["width"]), height=int(raw["height"]), bytes=int(raw["bytes"]), created_ms=int(raw["created"]),
        see_through="see_through" in raw,
    )  # fmt: skip
