"""What a submission would cost and take, before anything is queued."""

from collections.abc import Mapping

from batchgen.domain.estimates import Estimate, costs, fair_share, seconds, warnings
from batchgen.domain.models import Submission, User
from batchgen.services.checks import Checks
from batchgen.services.economy import seconds_left
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
        notes = tuple(warnings(asked, model, uploads))
        if asked.lane == "economy":  # by its deadline; nobody knows how much sooner
            return Estimate(len(asked.items), pictures, low, high, seconds_left(asked), notes)
        where = lane(provider, model.id)
        load = self._loads.of(where)
        until = seconds(
            pictures, load.running + fair_share(pictures, load.queued), slots=self._queue.room(where),
            each_ms=load.each_ms, per_minute=self._rates.get(provider, 0),
        )  # fmt: skip
        return Estimate(len(asked.items), pictures, low, high, until, notes)
