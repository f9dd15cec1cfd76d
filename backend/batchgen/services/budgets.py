"""What may be spent and what is gone of it."""

import re

from batchgen.domain.budgets import Budget, Over, Terms
from batchgen.domain.models import User
from batchgen.errors import AppError
from batchgen.services.access import require_admin
from batchgen.services.audit import AuditService
from batchgen.store.accounts import Accounts
from batchgen.store.budgets import Budgets

_PAYER = re.compile(r"[\w.-]{1,100}", re.ASCII)


class BudgetService:
    def __init__(self, budgets: Budgets, accounts: Accounts, terms: Terms, audit: AuditService) -> None:
        self._budgets, self._accounts, self.terms, self._audit = budgets, accounts, terms, audit

    def mine(self, user: User) -> tuple[Budget, Budget]:
        """The user's and the team's, of this month."""
        return self._budgets.of(user), self._budgets.of_team()

    def caps(self, users: list[str]) -> dict[str, int | None]:
        """What each of these users may spend in a month, micro-USD; None: no cap."""
        return self._budgets.caps(users)

    def every(self, user: User) -> list[Budget]:
        """Of everybody who may spend. Raises AppError("forbidden") for who is no admin."""
        require_admin(user)
        return self._budgets.every(self._accounts.names())

    def set(self, user: User, payer: str, micros: int | None) -> list[Budget]:
        """`payer`: a user's id or "team"; `micros`: 0 lets nothing be spent, None is as the settings have it. What is
        held already stays. Raises AppError("forbidden") for who is no admin."""
        require_admin(user)
        if not _PAYER.fullmatch(payer):
            raise AppError("not_found")
        self._budgets.set(payer, micros)
        self._audit.write(user, "budget.set", payer, monthly_micros=micros)
        return self.every(user)

    def over(self, user: User, asked: int) -> Over | None:
        """The cap that a submit of `asked` micro-USD would pass now: to warn before it is made."""
        return self._budgets.over(user, asked)
