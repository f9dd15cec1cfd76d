"""Base images: admitted after they have really been decoded, found again, removed where unused."""

from contextlib import suppress
from typing import IO

from batchgen.domain.ids import new_id
from batchgen.domain.models import ImageFacts, Limits, Upload, User
from batchgen.domain.names import clean_label
from batchgen.engine.removal import UploadRemoval
from batchgen.errors import AppError, Detail
from batchgen.media.intake import Intake
from batchgen.media.storage import Received, Storage
from batchgen.services.access import own_upload, visible_upload
from batchgen.services.audit import AuditService
from batchgen.store.sharing import Shares
from batchgen.store.uploads import Uploads


class UploadService:
    def __init__(
        self, uploads: Uploads, shares: Shares, storage: Storage, intake: Intake, limits: Limits,
        audit: AuditService,
    ) -> None:  # fmt: skip
        self._uploads, self._shares, self._storage, self._intake = uploads, shares, storage, intake
        self._audit, self._removal = audit, UploadRemoval(uploads, storage)
        self._limit_bytes, self._quota_text = limits.max_upload_mb * 1024 * 1024, limits.quota_text

    def admit(self, user: User, stream: IO[bytes], filename: str | None) -> tuple[Upload, bool]:
        """Take in one image; the upload and whether it is new (equal bytes of one owner are one upload).

        Raises AppError: empty_file, file_too_large, unsupported_format, corrupt_image, too_many_pixels,
        quota_exceeded, storage_full, state_unavailable. Whatever is raised, nothing stays behind.
        """
        label = clean_label(filename)
        self._storage.require_room()
        received = self._storage.receive(stream, limit_bytes=self._limit_bytes, name=label)
        try:
            known = self._uploads.find(user.id, received.sha256)
            if known is not None:
                return known, False
            if self._uploads.is_full(user.id, received.size):
                raise self._no_room()
            return self._take_in(user, received, label)
        finally:
            received.path.unlink(missing_ok=True)

    def _take_in(self, user: User, received: Received, label: str) -> tuple[Upload, bool]:
        upload_id = new_id("u")
        thumbnail_key = f"thumbnails/{upload_id}.webp"
        with self._storage.scratch(".webp") as thumbnail:
            facts = self._intake.check(received.path, name=label, thumbnail=thumbnail)
            self._storage.adopt(thumbnail, thumbnail_key)
        stored = None
        try:
            with self._uploads.blob(received.sha256):
                self._storage.adopt(received.path, f"uploads/{received.sha256}")
                found = self._uploads.remember(_upload(upload_id, user, label, received, facts))
                if found is None and not self._uploads.is_held(received.sha256):  # another upload took the last room
                    self._storage.delete(f"uploads/{received.sha256}")
            if found is None:
                raise self._no_room()
            stored = found[0]
            return found
        finally:
            if stored is None or stored.id != upload_id:  # refused, or the same bytes came twice at once
                self._storage.delete(thumbnail_key)

    def _no_room(self) -> AppError:
        return AppError("quota_exceeded", limit=self._quota_text)

    def admit_all(self, user: User, files: list[tuple[IO[bytes], str | None]]) -> list[tuple[Upload, bool]]:
        """All of them with whether each is new, or none: every bad file is named in the details, and what came new
        is gone again."""
        admitted: list[tuple[Upload, bool]] = []
        refused: list[tuple[int, AppError]] = []
        for i, (stream, filename) in enumerate(files):
            try:
                admitted.append(self.admit(user, stream, filename))
            except AppError as wrong:
                if wrong.status >= 500:
                    self._undo(user, admitted)
                    raise
                refused.append((i, wrong))
        if refused:
            self._undo(user, admitted)
            raise together([(f"files[{i}]", wrong) for i, wrong in refused])
        return admitted

    def _undo(self, user: User, admitted: list[tuple[Upload, bool]]) -> None:
        for upload, new in admitted:
            if new:
                with suppress(AppError):
                    self.delete(user, upload.id)

    def get(self, user: User, upload_id: str) -> Upload:
        """Raises AppError("not_found")."""
        return own_upload(user, self._uploads.get(upload_id))

    def seen(self, user: User, upload_id: str) -> Upload:
        """One whose image `user` may look at: it is theirs, or in a batch that is shared with them. Raises
        AppError("not_found")."""
        return visible_upload(user, self._uploads.get(upload_id), self._shares.showing(upload_id))

    def delete(self, user: User, upload_id: str) -> None:
        """Raises AppError: not_found, upload_in_use."""
        upload = self.get(user, upload_id)
        if not self._removal.remove(upload):
            raise AppError("upload_in_use")
        if upload.owner != user.id:  # else a refused submit, which takes back its files, would be told as well
            self._audit.write(user, "upload.delete", upload.id, owner=upload.owner)


def together(wrong: list[tuple[str, AppError]]) -> AppError:
    """Several refusals as one, each named by its field; the first gives the code."""
    details = [Detail(field, error.code, dict(error.params)) for field, error in wrong]
    first = wrong[0][1]
    return AppError(first.code, details, **first.params)


def _upload(upload_id: str, user: User, label: str, received: Received, facts: ImageFacts) -> Upload:
    return Upload(
        id=upload_id, owner=user.id, filename=label, sha256=received.sha256, format=facts.format, width=facts.width,
        height=facts.height, bytes=received.size, created_ms=0, see_through=facts.see_through,
    )  # fmt: skip
