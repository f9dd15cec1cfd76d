"""The seed's one-shot call: a batch of one through the same pipeline, waited for."""

import time

from batchgen.domain.models import Item, Limits, Submission, User
from batchgen.domain.pictures import Options
from batchgen.domain.states import FINAL, ItemState
from batchgen.errors import AppError
from batchgen.services.batches import BatchService
from batchgen.services.submissions import NamedFile, SubmissionService

_LOOK_S = 0.2


class GenerateService:
    def __init__(self, submissions: SubmissionService, batches: BatchService, limits: Limits) -> None:
        self._submissions, self._batches, self._limits = submissions, batches, limits

    def generate(
        self, user: User, file: NamedFile, *, prompt: str, provider: str | None, model: str | None,
        options: Options, key: str | None,
    ) -> Item:  # fmt: skip
        """The succeeded item. Raises AppError: what is wrong with the request, why it failed, or not_done_in_time
        (with the item's id; it goes on)."""
        asked = Submission(prompt, (), provider=provider, model=model, options=options, notify="none")
        batch = self._submissions.submit(user, asked, [file], key).batch
        return self._wait(user, f"{batch.id}-0")

    def _wait(self, user: User, item_id: str) -> Item:
        until = time.monotonic() + self._limits.generate_wait_s
        while True:
            item = self._look(user, item_id)
            if item is not None and item.state in FINAL:
                break
            if time.monotonic() > until:
                raise AppError("not_done_in_time", item_id=item_id)
            time.sleep(_LOOK_S)
        if item.state is ItemState.SUCCEEDED:
            return item
        if item.error_code:
            raise AppError(item.error_code, detail=item.error_detail)
        raise AppError("wrong_state", state=item.state.value)

    def _look(self, user: User, item_id: str) -> Item | None:
        """None while the state cannot be read: the item goes on, so the wait does."""
        try:
            return self._batches.item(user, item_id)[0]
        except AppError as away:
            if away.code != "state_unavailable":
                raise
            return None
