"""Files under /static: found by an id that the caller may see, never by a path."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from batchgen.domain.models import Item, User
from batchgen.domain.names import archive_name
from batchgen.domain.sharing import Link
from batchgen.errors import AppError
from batchgen.media.inscription import plain
from batchgen.media.storage import Served, Storage
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

    served: Served
    mime: str
    saved_as: str = ""
    redirect: str = ""  # where Nginx finds it (X-Accel-Redirect); empty: the service sends it itself
    own: bool = False
    data: bytes | None = None  # what is to be sent instead of the file


class FileService:
    """`accel`: Nginx stands in front and sends the files that this service allows."""

    def __init__(
        self, uploads: UploadService, batches: BatchService, items: Batches, storage: Storage, *, accel: bool
    ) -> None:
        self._uploads, self._batches, self._items = uploads, batches, items
        self._storage, self._accel = storage, accel

    def find(self, user: User, name: str, saved_as: str = "") -> Found:
        """The file behind `/static/<name>`, to be looked at or saved. Raises AppError: not_found, also for what the
        caller may not see; result_expired."""
        key, owner = self._key(user, name)
        return self._found(key, name, saved_as)._replace(own=owner == user.id)

    def find_shared(self, links: Iterable[Link], name: str, saved_as: str = "") -> Found | None:
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
        found = self._found(name, name, saved_as)
        return found._replace(data=plain(self._storage.read(name))) if result else found

    def _found(self, key: str, name: str, saved_as: str) -> Found:
        ending = name.rpartition(".")[2]
        mime = _MIME.get(ending, f"image/{ending}")
        saved_as = archive_name(saved_as, ending) if saved_as else ""
        served = self._storage.serve(key, mime=mime, name=saved_as)
        return Found(served, mime, saved_as, f"/_files/{key}" if self._accel and served.path else "")

    def _key(self, user: User, name: str) -> tuple[str, str]:
        """Where it lies, and whose it is. Raises AppError("not_found")."""
        if match := _UPLOAD.fullmatch(name):
            upload = self._uploads.seen(user, match[1])
            if name.endswith(f".{upload.format}"):
                return f"uploads/{upload.sha256}", upload.owner
        elif match := _RESULT.fullmatch(name):
            item, owner = self._item(user, match[1])
            if any(name == f"results/{picture.name}" for picture in (item.result, *item.earlier) if picture):
                return name, owner
        elif match := _THUMBNAIL.fullmatch(name):
            if match[1]:
                return name, self._uploads.seen(user, match[1]).owner
            return name, self._item(user, match[2])[1]
        raise AppError("not_found")

    def _item(self, user: User, item_id: str) -> tuple[Item, str]:
        """With its owner. Raises AppError: not_found; result_expired."""
        batch, item = self._batches.seen_item(user, item_id)
        if item.expired_ms is not None:
            raise AppError("result_expired")
        return item, batch.owner.id
