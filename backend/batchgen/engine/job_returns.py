"""What comes back of a job: pictures and failures for the items that it holds, and items for the normal lane."""

from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Picture
from batchgen.domain.states import ItemState
from batchgen.engine.answers import Answer
from batchgen.engine.attempts import Job
from batchgen.engine.job_steps import JobSteps, Work
from batchgen.store.items import NoBudgetLeftError


class JobReturns(JobSteps):
    def _take_one(self, job: Job, result: Picture | Failure) -> None:
        def make() -> Answer | None:
            if isinstance(result, Failure):
                raise ProviderFailure(result)
            answer = self._answer(job, result, int(job.item["attempts"]))
            self._patiently(lambda: self._kept.put(job.lease.item_id, answer))
            return answer

        self._conclude(job, make)

    def _fail_all(self, work: Work, failure: Failure) -> None:
        for job in self._items(work):
            self._take_one(job, failure)

    def _give_back(self, work: Work, charged: Charged) -> int:
        """Cancelled with its batch; made at full price with consent; else late. How many go on at full price."""
        moved = 0
        for job in self._items(work):
            outcome = "economy_late" if job.item.get("sent") else ""
            if work.stopped or job.item.get("stop"):
                self._settle(job, ItemState.CANCELLED, None, outcome and "interrupted", charged)
            elif work.batch["full_ok"] == "1":
                moved += self._go_on_at_full_price(work, job, outcome, charged)
            else:
                self._settle(job, ItemState.FAILED, {"error": "economy_late"}, outcome, charged)
        return moved

    def _go_on_at_full_price(self, work: Work, job: Job, outcome: str, charged: Charged) -> bool:
        """That price is held already; but where this call may have been paid too, the budget may not reach for both."""
        fields: dict[str, str | int] = {"lane": "normal", "price": int(work.batch["full_price"]), "tries": 0}
        try:
            return self._settle(job, ItemState.WAITING, fields, outcome, charged)
        except NoBudgetLeftError:
            self._settle(job, ItemState.FAILED, {"error": "economy_late"}, outcome, charged)
            return False

    def _let_go(self, work: Work) -> None:
        """Items that a person cancelled alone. One request of a job cannot be called off, so each counts as possibly
        paid until the job tells (`JobGleaning`)."""
        for job in self._items(work):
            if job.item.get("stop") and not work.stopped:
                self._settle(job, ItemState.CANCELLED, None, "interrupted", Charged.UNKNOWN)

    def _give_up_ms(self, work: Work) -> int:
        """Until when a provider that does not answer is asked."""
        cancel_ms = int(self._pace.cancel * 1000)
        return work.held.until_ms or self._turning_ms(work.batch, work.held.lane) + cancel_ms

    def _again_s(self, work: Work) -> float:
        """Seconds until a question that was not answered is asked again."""
        return min(5.0, self._pace.poll) if work.late or work.stopped else self._delay_s(work)
