"""Who may do what: the one place that decides. What is not yours, nor shared with you, does not exist.

A batch is read by its owner, by the team where the owner shares it, and by admins; it is changed by its owner and by
admins. Whoever holds a link sees the results of its batch, and nothing else of it. Uploads are their owner's alone, but
the team sees the images of the batches that it may read. A template is seen and used by its owner and, where it is
shared, by the team; it is changed by its owner and by admins.
"""

from collections.abc import Iterable

from batchgen.domain.models import Batch, Item, Upload, User
from batchgen.domain.sharing import Link
from batchgen.domain.states import ItemState, Review
from batchgen.domain.templates import Template
from batchgen.errors import AppError
from batchgen.store.pilots import StoredDuel


def may_read(user: User, batch: Batch) -> bool:
    return batch.shared.team or is_theirs(user, batch.owner.id)


def is_theirs(user: User, owner: str) -> bool:
    """Whether `user` may do with it what its owner may."""
    return user.id == owner or user.role == "admin"


def readable_batch(user: User, batch: Batch | None) -> Batch:
    """The batch, where `user` may see it. Raises AppError("not_found")."""
    if batch is None or not may_read(user, batch):
        raise AppError("not_found")
    return batch


def own_batch(user: User, batch: Batch | None) -> Batch:
    """The batch, where `user` may change it. Raises AppError: not_found, or read_only where it may only be seen."""
    batch = readable_batch(user, batch)
    if not is_theirs(user, batch.owner.id):
        raise AppError("read_only")
    return batch


def own_hidden(user: User, batch: Batch | None) -> Batch:
    """A deleted batch, where `user` may bring it back; to others it is gone. Raises AppError("not_found")."""
    if batch is None or not is_theirs(user, batch.owner.id):
        raise AppError("not_found")
    return batch


def own_upload(user: User, upload: Upload | None) -> Upload:
    """The upload, where it is `user`'s. Raises AppError("not_found")."""
    if upload is None or not is_theirs(user, upload.owner):
        raise AppError("not_found")
    return upload


def require_duel(user: User, duel: StoredDuel | None) -> StoredDuel:
    """The duel, where it is `user`'s. Raises AppError("not_found")."""
    if duel is None or not is_theirs(user, duel.owner):
        raise AppError("not_found")
    return duel


def own_template(user: User, template: Template | None) -> Template:
    """The template, where `user` may change it. Raises AppError: not_found, or template_read_only where it may only be
    used."""
    if template is None or not (template.shared or is_theirs(user, template.owner.id)):
        raise AppError("not_found")
    if not is_theirs(user, template.owner.id):
        raise AppError("template_read_only")
    return template


def visible_upload(user: User, upload: Upload | None, showing: Iterable[Batch]) -> Upload:
    """The upload, where `user` may see its image: it is theirs, or one of the batches `showing` it may be read.
    Raises AppError("not_found")."""
    if upload is None or not (is_theirs(user, upload.owner) or any(may_read(user, batch) for batch in showing)):
        raise AppError("not_found")
    return upload


def usable_uploads(user: User, uploads: dict[str, Upload]) -> dict[str, Upload]:
    """Those that `user` may put into a batch: their own, an admin's rights apart."""
    return {upload_id: upload for upload_id, upload in uploads.items() if upload.owner == user.id}


def shows(link: Link, item: Item) -> bool:
    """Whether the holder of `link` may see the item's result."""
    shown = item.state is ItemState.SUCCEEDED and item.result is not None
    return item.batch_id == link.batch_id and shown and (not link.approved_only or item.review is Review.APPROVED)


def spender(user: User, asked: str | None) -> str | None:
    """Whose charges `user` sees, of `asked` or whatever there is; None: everybody's. Raises AppError("not_found")."""
    if user.role == "admin":
        return asked
    if asked not in (None, user.id):
        raise AppError("not_found")
    return user.id


def require_admin(user: User) -> None:
    """Raises AppError("forbidden")."""
    if user.role != "admin":
        raise AppError("forbidden")
