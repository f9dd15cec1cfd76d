"""What a submission would cost and take, before anything is queued."""

from collections.abc import Mapping

from batchgen.domain.estimates import Estimate, Sample, costs, fair_share, sample_costs, seconds, warnings
from batchgen.domain.models import Submission, User
from batchgen.domain.pictures import Capabilities
from batchgen.services.checks import Checks, sample
from batchgen.store.keys import lane
from batchgen.store.load import Loads
from batchgen.store.queue import Queue


class EstimateService:
    """`rates`: provider -> starts per minute, 0 for no limit."""

    def __init__(self, checks: Checks, queue: Queue, loads: Loads, rates: Mapping[str, int]) -> None:
        self._checks, self._queue, self._loads, self._rates = checks, queue, loads, dict(rates)

    def estimate(self, user: User, asked: Submission) -> Estimate:
        """Of a submission that may still lack words and images. Raises AppError as a submit does."""
        provider, model, uploads = self._checks.seen(user, asked, unfinished=True)
        pictures = len(asked.items) * asked.variants
        low, high = costs(asked, model)
        return Estimate(
            len(asked.items), pictures, low, high, self._seconds(provider, model, pictures),
            tuple(warnings(asked, model, uploads)), self._sample(asked, provider, model),
        )  # fmt: skip

    def _seconds(self, provider: str, model: Capabilities, pictures: int) -> int | None:
        where = lane(provider, model.id)
        load = self._loads.of(where)
        return seconds(
            pictures, load.running + fair_share(pictures, load.queued), slots=self._queue.room(where),
            each_ms=load.each_ms, per_minute=self._rates.get(provider, 0),
        )  # fmt: skip

    def _sample(self, asked: Submission, provider: str, model: Capabilities) -> Sample | None:
        if asked.pilot is None:
            return None
        first = sample(asked) if asked.items else ()
        low, high = sample_costs(asked, model, first)
        return Sample(len(first), low, high, self._seconds(provider, model, len(first)))
