"""Pictures between the call that made them and the item that they end: what was paid for is used, also by a later
attempt."""

import json
from typing import NamedTuple

from batchgen.domain.failures import ProviderFailure
from batchgen.domain.pictures import Billed, Picture
from batchgen.domain.prices import Made, made
from batchgen.media.storage import DiskStorage
from batchgen.providers.registry import Registry


class Came(NamedTuple):
    """A picture, with the call that it came from: the number of the attempt, its model, how many images it sent."""

    picture: Picture
    attempt: int
    provider: str
    model: str
    images: int

    def made(self, registry: Registry, size: str | None) -> Made | None:
        """What the call cost; None: its model is not known any more."""
        try:
            model = registry.adapter(self.provider).capabilities(self.model)
        except ProviderFailure:
            return None
        return made(model, size, self.images, self.picture.billed, self.attempt)


class Kept:
    def __init__(self, storage: DiskStorage) -> None:
        self._storage = storage

    def put(self, item_id: str, came: Came) -> None:
        """The bytes first: what tells of them is there only when they are."""
        p = came.picture
        about = {
            "mime": p.mime, "description": p.description, "seed": p.seed, "billed": p.billed._asdict(),
            "attempt": came.attempt, "provider": came.provider, "model": came.model, "images": came.images,
        }  # fmt: skip
        self._storage.put(kept_key(item_id), p.data)
        self._storage.put(kept_key(item_id) + ".json", json.dumps(about).encode())

    def find(self, item_id: str) -> Came | None:
        about = kept_key(item_id) + ".json"
        if not self._storage.exists(about):
            return None
        told = json.loads(self._storage.read(about))
        picture = Picture(
            data=self._storage.read(kept_key(item_id)), mime=told["mime"], description=told["description"],
            seed=told["seed"], billed=Billed(**told["billed"]),
        )  # fmt: skip
        return Came(picture, told["attempt"], told["provider"], told["model"], told["images"])

    def forget(self, item_id: str) -> None:
        self._storage.delete(kept_key(item_id) + ".json")
        self._storage.delete(kept_key(item_id))


def kept_key(item_id: str) -> str:
    return f"kept/{item_id}"
