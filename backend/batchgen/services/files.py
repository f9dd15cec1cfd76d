"""Files under /static: found by an id that the caller may see, never by a path."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from batchgen.domain.models import User
from batchgen.domain.sharing import Link
from batchgen.errors import AppError
from batchgen.media.inscription import plain
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
    path: Path
    mime: str
    data: bytes | None = None  # what is to be sent instead of the file


class FileService:
    def __init__(self, uploads: UploadService, batches: BatchService, items: Batches, storage: DiskStorage) -> None:
        self._uploads, self._batches, self._items, self._storage = uploads, batches, items, storage

    def find(self, user: User, name: str) -> Found:
        """The file behind `/static/<name>`. Raises AppError("not_found"), also for what the caller may not see."""
        return self._found(self._key(user, name), name)

    def find_shared(self, links: Iterable[Link], name: str) -> Found | None:
        """The result or thumbnail behind `/static/<name>`, where one of `links` shows it: without the words in it."""
        result, thumbnail = _RESULT.fullmatch(name), _THUMBNAIL.fullmatch(name)
        where = split_id(result[1] if result else thumbnail[2] or "" if thumbnail else "")
        if where is None:
            return None
        batch_id, n = where
        link = next((one for one in links if one.batch_id == batch_id), None)
        items = self._items.items(batch_id, [n]) if link else []
        if not (link and items and shows(link, items[0]) and (picture := items[0].result)):
            return None
        if name not in (f"results/{picture.name}", f"thumbnails/{picture.thumbnail}"):
            return None
        found = self._found(name, name)
        return found._replace(data=plain(found.path.read_bytes())) if result else found

    def _found(self, key: str, name: str) -> Found:
        path = self._storage.path(key)
        if not path.is_file():
            raise AppError("not_found")
        ending = name.rpartition(".")[2]
        return Found(path, _MIME.get(ending, f"image/{ending}"))

    def _key(self, user: User, name: str) -> str:
        if match := _UPLOAD.fullmatch(name):
            upload = self._uploads.seen(user, match[1])
            if name.endswith(f".{upload.format}"):
                return f"uploads/{upload.sha256}"
        elif match := _RESULT.fullmatch(name):
            item, _ = self._batches.item(user, match[1])
            if any(name == f"results/{picture.name}" for picture in (item.result, *item.earlier) if picture):
                return name
        elif match := _THUMBNAIL.fullmatch(name):
            if match[1]:
                self._uploads.seen(user, match[1])
            else:
                self._batches.item(user, match[2])
            return name
        raise AppError("not_found")
