"""What a submission would cost and take, before anything is queued."""

from collections.abc import Mapping

from batchgen.domain.budgets import Over
from batchgen.domain.estimates import Estimate, Sample, Warned, costs, fair_share, sample_costs, seconds, warnings
from batchgen.domain.models import Submission, User
from batchgen.domain.pictures import Capabilities
from batchgen.errors import Micros
from batchgen.services.budgets import BudgetService
from batchgen.services.checks import Checks, sample
from batchgen.services.economy import seconds_left
from batchgen.store.keys import lane
from batchgen.store.load import Loads
from batchgen.store.queue import Queue


class EstimateService:
    """`rates`: provider -> starts per minute, 0 for no limit."""

    def __init__(
        self, checks: Checks, budgets: BudgetService, queue: Queue, loads: Loads, rates: Mapping[str, int]
    ) -> None:
        self._checks, self._budgets = checks, budgets
        self._queue, self._loads, self._rates = queue, loads, dict(rates)

    def estimate(self, user: User, asked: Submission) -> Estimate:
        """Of a submission that may still lack words and images. Raises AppError as a submit does."""
        provider, model, uploads = self._checks.seen(user, asked, unfinished=True)
        pictures = len(asked.items) * asked.variants
        low, high = costs(asked, model)
        first = self._sample(asked, provider, model)
        at_once = first.cost_high_micros if first else high  # the rest is held when it is approved
        short = self._budgets.over(user, at_once) or self._budgets.over(user, high)
        told = (*_over_budget(short), *self._queue_short(user, pictures), *warnings(asked, model, uploads))
        in_economy = asked.lane == "economy"  # by its deadline; nobody knows how much sooner
        until = seconds_left(asked) if in_economy else self._seconds(provider, model, pictures)
        return Estimate(len(asked.items), pictures, low, high, until, told, first)

    def _queue_short(self, user: User, asked: int) -> list[Warned]:
        """A submit would be refused as things stand, whatever it costs."""
        limit = self._budgets.terms.max_open
        open_ = 0 if limit is None else self._loads.open_of(user.id)
        if limit is None or open_ + asked <= limit:
            return []
        return [Warned("queue_short", {"open": open_, "limit": limit, "asked": asked})]

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


def _over_budget(over: Over | None) -> list[Warned]:
    """A submit would be refused as things stand."""
    if over is None:
        return []
    left = max(0, over.cap - over.used - over.held)
    return [Warned(f"over_budget_{over.whose}", {"asked": Micros(over.asked), "left": Micros(left)})]
