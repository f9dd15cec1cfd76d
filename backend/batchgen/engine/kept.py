"""Pictures between the call that made them and the item that they end: what was paid for is used, also by a later
attempt."""

import json

import structlog

from batchgen.engine.answers import Answer, answer_from, kept_key, note_of
from batchgen.media.storage import Storage

log = structlog.get_logger(__name__)


class Kept:
    """`after`: attempts up to that one answered what is not asked for any more."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def put(self, item_id: str, answer: Answer) -> None:
        """The bytes first: what tells of them is there only when they are."""
        self._storage.put(kept_key(item_id), answer.picture.data)
        self._storage.put(_note_key(item_id), note_of(answer))

    def has(self, item_id: str, *, after: int = 0) -> bool:
        return self._note(item_id, after) is not None

    def find(self, item_id: str, *, after: int = 0) -> Answer | None:
        note = self._note(item_id, after)
        if note is None:
            return None
        log.info("using a picture that an earlier attempt left")
        return answer_from(note, self._storage.read(kept_key(item_id)))

    def forget(self, item_id: str) -> None:
        for key in kept_files(item_id):  # one after the other
            self._storage.delete(key)

    def _note(self, item_id: str, after: int) -> bytes | None:
        if not self._storage.exists(_note_key(item_id)):
            return None
        note = self._storage.read(_note_key(item_id))
        return note if json.loads(note)["attempt"] > after else None


def kept_files(item_id: str) -> tuple[str, str]:
    """Where both may lie; what tells of the bytes goes first."""
    return _note_key(item_id), kept_key(item_id)


def _note_key(item_id: str) -> str:
    return kept_key(item_id) + ".json"
