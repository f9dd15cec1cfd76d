"""What is asked for on the server, by a command."""

import sys

from batchgen.bootstrap import audit_of, core_or_exit, ledger_of
from batchgen.bootstrap.accounts import account_services
from batchgen.bootstrap.values import base_url
from batchgen.domain.models import User
from batchgen.services.people import PeopleService
from batchgen.store.connection import connect


def people() -> PeopleService:
    """Accounts, for a command on the server. Exits where a setting is wrong."""
    parts = core_or_exit()
    redis, url = connect(parts.redis_url), base_url(parts.settings)
    return account_services(parts.settings, redis, parts.channels, url, audit_of(redis, parts.settings).write).people


def check_ledger() -> int:
    """For `make check-ledger`: says what differs; the exit code."""
    found = ledger_of(core_or_exit()).differences(User("check", "check", "admin"))
    for d in found:
        sys.stdout.write(f"{d.of}: {d.sum}: expected {d.expected}, found {d.found} micro-USD\n")
    sys.stdout.write(f"{len(found)} differences\n" if found else "Ledger, items and budgets agree.\n")
    return min(len(found), 1)
