"""A sound or marked picture from where it was kept to where it is served, with words in it where that is wanted."""

import time

from batchgen.engine.answers import Answer, kept_key
from batchgen.engine.attempts import Job
from batchgen.media.inscription import Words, inscribed
from batchgen.media.storage import Storage


class Results:
    """`embed`: whether the operator lets words into pictures at all."""

    def __init__(self, storage: Storage, *, embed: bool) -> None:
        self._storage, self._embed = storage, embed

    def place(self, job: Job, answer: Answer, key: str) -> int:
        """Put the picture that is kept for the item under `key`; its size in bytes."""
        data, item_id = answer.picture.data, job.lease.item_id
        if self._embed and "bare" not in job.batch:
            data = inscribed(data, _words(job, answer))
        if data is answer.picture.data:
            self._storage.link(kept_key(item_id), key)
        else:
            self._storage.put(key, data)
        return len(data)


def _words(job: Job, answer: Answer) -> Words:
    """Never who asked for it."""
    model = answer.picture.model_version or answer.lane.partition("/")[2]
    return Words(job.own("prompt"), model, time.time_ns() // 1_000_000, "upload" in job.item)
