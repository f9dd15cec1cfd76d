"""Budgets, the ledger, and the currency to show them in."""

from typing import Any

from flask import Blueprint, Response

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.api.identity import admins
from batchgen.domain.money import Display
from batchgen.schemas.money import (
    BudgetIn,
    BudgetOut,
    CheckOut,
    DifferenceOut,
    EntryOut,
    LedgerPageOut,
    LedgerPageQuery,
    LedgerQuery,
    MoneyOut,
    SpendRowOut,
    SummaryQuery,
)
from batchgen.services.budgets import BudgetService
from batchgen.services.ledger import Asked, LedgerService


def _asked(query: LedgerQuery) -> Asked:
    return Asked(query.first, query.last, query.user, query.model)


def blueprint(budgets: BudgetService, ledger: LedgerService, display: Display) -> Blueprint:
    bp = Blueprint("money", __name__, url_prefix="/api")

    @bp.get("/money")
    @operation("This month's budgets and spending, and the currency to show", {200: MoneyOut})
    def get_money() -> Any:
        mine, team = budgets.mine(current_user())
        terms = budgets.terms
        return MoneyOut(
            currency=display.currency, usd_cny_rate=str(display.rate), time_zone=str(terms.zone), month=terms.month(),
            user=BudgetOut.of(mine), team=BudgetOut.of(team), batch_limit_micros=terms.caps.batch,
        )  # fmt: skip

    @bp.get("/budgets")
    @admins
    @operation("The team's budget and every user's (admins)", {200: BudgetOut}, many=True)
    def list_budgets() -> Any:
        return [BudgetOut.of(b) for b in budgets.every(current_user())]

    @bp.put("/budgets/<payer>")
    @admins
    @operation('Set the budget of a user or of "team" (admins)', {200: BudgetOut}, body=BudgetIn, many=True)
    def put_budget(payer: str, body: BudgetIn) -> Any:
        return [BudgetOut.of(b) for b in budgets.set(current_user(), payer, body.monthly_micros)]

    _ledger(bp, ledger)
    return bp


def _ledger(bp: Blueprint, ledger: LedgerService) -> None:
    @bp.get("/ledger")
    @operation(
        "Every charge, newest first: all for admins, else one's own", {200: LedgerPageOut}, query=LedgerPageQuery
    )
    def list_ledger(query: LedgerPageQuery) -> Any:
        page, names = ledger.page(current_user(), _asked(query), query.cursor, query.limit)
        return LedgerPageOut(items=[EntryOut.of(e, names) for e in page.items], next_cursor=page.next_cursor)

    @bp.get("/ledger/summary")
    @operation("What was spent by user, model or day", {200: SpendRowOut}, query=SummaryQuery, many=True)
    def sum_ledger(query: SummaryQuery) -> Any:
        return [SpendRowOut.of(row) for row in ledger.summary(current_user(), _asked(query), query.by)]

    @bp.get("/ledger.csv")
    @operation("Every charge as a table, oldest first", {200: "text/csv"}, query=LedgerQuery)
    def download_ledger(query: LedgerQuery) -> Any:
        table = ledger.table(current_user(), _asked(query))
        headers = {"Content-Disposition": 'attachment; filename="ledger.csv"', "X-Accel-Buffering": "no"}
        return Response(table, mimetype="text/csv", headers=headers)

    @bp.get("/ledger/check")
    @admins
    @operation("Proves that ledger, items and budgets agree (admins)", {200: CheckOut})
    def check_ledger() -> Any:
        found = ledger.differences(current_user())
        return CheckOut(clean=not found, differences=[DifferenceOut.made(d) for d in found])
