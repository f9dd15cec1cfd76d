"""Proves that the ledger, the items and the budgets agree: `python check_ledger.py`."""

from batchgen.bootstrap.commands import check_ledger

raise SystemExit(check_ledger())
