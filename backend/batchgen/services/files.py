"""Files under /static: found by an id that the caller may see, never by a path."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from batchgen.domain.models import Item, User
from batchgen.domain.sharing import Link
from batchgen.errors import AppError
from batchgen.media.storage import DiskStorage
from batchgen.services.access import shows
from batchgen.services.batches import BatchService
from batchgen.services.uploads import UploadService
from batchgen.store.batches import Batches
from batchgen.store.items import split_id

_UPLOAD = re.compile(r"uploads/(u[0-9a-z]{20})\.[a-z]{3,4}")
_RESULT = re.compile(r"results/generated_(b[0-9a-z]{20}-[0-9]{1,9})(?:_[0-9]{1,9})?\.[a-z]{3,4}")
_THUMBNAIL = re.compile(r"thumbnails/(?:(u[0-9a-z]{20})|(b[0-9a-z]{20}-[0-9]{1,9})(?:_[0-9]{1,9})?)\.webp")
_MIME = {"heic": "image/heic", "heif": "image/heif", "jpg": "image/jpeg"}


class Found(NamedTuple):
    """`own`: the caller's; what others show may be taken back."""

    path: Path
    mime: str
    own: bool = False


class FileService:
    def __init__(self, uploads: UploadService, batches: BatchService, items: Batches, storage: DiskStorage) -> None:
        self._uploads, self._batches, self._items, self._storage = uploads, batches, items, storage

    def find(self, user: User, name: str) -> Found:
        """The file behind `/static/<name>`. Raises AppError("not_found"), also for what the caller may not see."""
        key, owner = self._key(user, name)
        return self._found(key, name)._replace(own=owner == user.id)

    def find_shared(self, links: Iterable[Link], name: str) -> Found | None:
        """The result or thumbnail behind `/static/<name>`, where one of `links` shows it."""
        result, thumbnail = _RESULT.fullmatch(name), _THUMBNAIL.fullmatch(name)
        where = split_id(result[1] if result else thumbnail[2] or "" if thumbnail else "")
        if where is None:
            return None
        batch_id, n = where
        link = next((one for one in links if one.batch_id == batch_id), None)
        items = self._items.items(batch_id, [n]) if link else []
        if not (link and items and shows(link, items[0]) and (picture := items[0].result)):
            return None
        return (
            self._found(name, name) if name in (f"results/{picture.name}", f"thumbnails/{picture.thumbnail}") else None
        )

    def _found(self, key: str, name: str) -> Found:
        path = self._storage.path(key)
        if not path.is_file():
            raise AppError("not_found")
        ending = name.rpartition(".")[2]
        return Found(path, _MIME.get(ending, f"image/{ending}"))

    def _key(self, user: User, name: str) -> tuple[str, str]:
        """Where it lies, and whose it is. Raises AppError("not_found")."""
        if match := _UPLOAD.fullmatch(name):
            upload = self._uploads.seen(user, match[1])
            if name.endswith(f".{upload.format}"):
                return f"uploads/{upload.sha256}", upload.owner
        elif match := _RESULT.fullmatch(name):
            item, _ = self._batches.item(user, match[1])
            if item.result and name == f"results/{item.result.name}":
                return name, self._owner(item)
        elif match := _THUMBNAIL.fullmatch(name):
            if match[1]:
                return name, self._uploads.seen(user, match[1]).owner
            return name, self._owner(self._batches.item(user, match[2])[0])
        raise AppError("not_found")

    def _owner(self, item: Item) -> str:
        batch = self._items.get(item.batch_id)
        return batch.owner.id if batch else ""
