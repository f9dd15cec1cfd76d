"""Pictures between the call that made them and the item that they end: what was paid for is used, also by a later
attempt."""

import structlog

from batchgen.engine.answers import Answer, answer_from, kept_key, note_of
from batchgen.media.storage import DiskStorage

log = structlog.get_logger(__name__)


class Kept:
    def __init__(self, storage: DiskStorage) -> None:
        self._storage = storage

    def put(self, item_id: str, answer: Answer) -> None:
        """The bytes first: what tells of them is there only when they are."""
        self._storage.put(kept_key(item_id), answer.picture.data)
        self._storage.put(kept_key(item_id) + ".json", note_of(answer))

    def find(self, item_id: str, *, after: int = 0) -> Answer | None:
        """`after`: attempts up to that one answered what is not asked for any more."""
        about = kept_key(item_id) + ".json"
        if not self._storage.exists(about):
            return None
        answer = answer_from(self._storage.read(about), self._storage.read(kept_key(item_id)))
        if answer.attempt <= after:
            return None
        log.info("using a picture that an earlier attempt left")
        return answer

    def forget(self, item_id: str) -> None:
        self._storage.delete(kept_key(item_id) + ".json")
        self._storage.delete(kept_key(item_id))
