"""What a submission would cost and take, before anything is queued."""

from collections.abc import Mapping

from batchgen.domain.budgets import Over
from batchgen.domain.estimates import Estimate, Warned, costs, fair_share, seconds, warnings
from batchgen.domain.models import Submission, User
from batchgen.errors import Micros
from batchgen.services.budgets import BudgetService
from batchgen.services.checks import Checks
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
        notes = (*_over_budget(self._budgets.over(user, high)), *warnings(asked, model, uploads))
        if asked.lane == "economy":  # by its deadline; nobody knows how much sooner
            return Estimate(len(asked.items), pictures, low, high, seconds_left(asked), notes)
        where = lane(provider, model.id)
        load = self._loads.of(where)
        until = seconds(
            pictures, load.running + fair_share(pictures, load.queued), slots=self._queue.room(where),
            each_ms=load.each_ms, per_minute=self._rates.get(provider, 0),
        )  # fmt: skip
        return Estimate(len(asked.items), pictures, low, high, until, notes)


def _over_budget(over: Over | None) -> list[Warned]:
    """A submit would be refused as things stand."""
    if over is None:
        return []
    left = max(0, over.cap - over.used - over.held)
    return [Warned(f"over_budget_{over.whose}", {"asked": Micros(over.asked), "left": Micros(left)})]
