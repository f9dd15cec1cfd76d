"""What an attempt knows of its model before it calls, and tells of it after."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from batchgen.domain.availability import Evidence, Presence
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.errors import AppError
from batchgen.store.models import Models

log = structlog.get_logger(__name__)
_NOT_SENT = Failure("model_unavailable", Charged.NO, detail="known to be offline; not sent")


class ModelWatch:
    def __init__(self, models: Models) -> None:
        self._models = models

    def require(self, provider: str, model: str) -> None:
        """A model that is known to be gone is not called once more for each item. Raises ProviderFailure."""
        state = None
        with suppress(AppError):  # then the call itself tells
            state = self._models.get(provider, model)
        if state is not None and state.is_gone(int(time.time() * 1000)):
            raise ProviderFailure(_NOT_SENT)

    @contextmanager
    def watching(self, provider: str, model: str) -> Iterator[None]:
        """Around a call: a model that it finds gone is gone for all."""
        try:
            yield
        except ProviderFailure as failed:
            if failed.failure.code == "model_unavailable":
                self._note(provider, model)
            raise

    def _note(self, provider: str, model: str) -> None:
        with suppress(AppError):  # the next refused call tells it again
            if self._models.note(provider, {model: Presence.GONE}, Evidence.CALL):
                log.warning("model is now gone", provider=provider, model=model)
