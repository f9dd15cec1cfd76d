"""Files and words in one request: all of it becomes a batch, or none of it stays."""

from contextlib import suppress
from dataclasses import replace
from typing import IO

from batchgen.domain.models import BatchView, Submission, SubmittedItem, User
from batchgen.domain.names import clean_label
from batchgen.errors import AppError
from batchgen.services.batches import BatchService
from batchgen.services.uploads import UploadService

type NamedFile = tuple[IO[bytes], str | None]


class SubmissionService:
    def __init__(self, uploads: UploadService, batches: BatchService) -> None:
        self._uploads, self._batches = uploads, batches

    def submit(self, user: User, asked: Submission, files: list[NamedFile], key: str | None) -> BatchView:
        """`asked` with one item per file. What can be told wrong without the files is told before any is read; every
        bad file is named. Raises AppError as admitting and submitting do."""
        self._batches.check_words(asked.prompt, asked.provider, asked.model)
        admitted = self._uploads.admit_all(user, files)
        items = [
            SubmittedItem(upload.id, None, clean_label(name))
            for (upload, _), (_, name) in zip(admitted, files, strict=True)
        ]
        try:
            return self._batches.submit(user, replace(asked, items=tuple(items)), key)
        except AppError:
            for upload, new in admitted:
                if new:
                    with suppress(AppError):  # in use by now: another request has the same bytes
                        self._uploads.delete(user, upload.id)
            raise
