"""Accounts, sessions and tokens in Redis: one change at a time, whole or not at all."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from batchgen.domain.accounts import AccountChange, AccountDraft, Role, Scope
from batchgen.store.accounts import Accounts
from batchgen.store.connection import Client
from batchgen.store.sessions import Sessions, Tokens
from batchgen.store.tickets import Tickets

HOUR = 3_600_000
NOW = 1_700_000_000_000


@pytest.fixture
def accounts(redis: Client) -> Accounts:
    return Accounts(redis)


@pytest.fixture
def sessions(redis: Client) -> Sessions:
    return Sessions(redis, idle_ms=12 * HOUR, life_ms=14 * 24 * HOUR)


def add(accounts: Accounts, name: str, role: Role = Role.MEMBER, **more: str) -> int:
    return accounts.add(f"a-{name}", AccountDraft(name, name, role, **more))


def test_of_twenty_who_want_a_name_at_once_one_gets_it(accounts: Accounts):
    with ThreadPoolExecutor(20) as many:
        done = list(many.map(lambda n: accounts.add(f"a{n}", AccountDraft("ann", "Ann")), range(20)))

    assert sorted(done) == [0] * 19 + [1]
    assert len(accounts.page(None, 50, "").items) == 1


def test_of_twenty_who_use_an_invitation_at_once_one_gets_in(accounts: Accounts, redis: Client):
    Tickets(redis, accounts).invite("sha", "i1", role=Role.MEMBER, life_ms=HOUR)

    with ThreadPoolExecutor(20) as many:
        done = list(many.map(lambda n: accounts.add(f"a{n}", AccountDraft(f"n{n}", ""), invitation="sha"), range(20)))

    assert sorted(done) == [-1] * 19 + [1]


def test_of_twenty_processes_that_start_at_once_one_makes_the_first_admin(accounts: Accounts):
    draft = AccountDraft("root", "root", Role.ADMIN)
    with ThreadPoolExecutor(20) as many:
        done = list(many.map(lambda n: accounts.add(f"a{n}", draft, first_admin=True), range(20)))

    assert sorted(done) == [-2] * 19 + [1]


def test_of_two_admins_who_remove_each_other_at_once_one_stays(accounts: Accounts):
    for n in range(20):
        add(accounts, f"x{n}", Role.ADMIN)
        add(accounts, f"y{n}", Role.ADMIN)
        before = [accounts.get(f"a-x{n}"), accounts.get(f"a-y{n}")]
        for one in accounts.page(None, 200, "").items:  # only the two are left
            if one not in before:
                accounts.remove(one)
        with ThreadPoolExecutor(2) as two:
            done = sorted(two.map(lambda one: accounts.remove(one) if one else 0, before))
        assert done == [-1, 1]
        assert accounts.has_admin()


@pytest.mark.parametrize("change", [AccountChange(role=Role.MEMBER), AccountChange(disabled=True)])
def test_the_last_admin_stays_one_and_nothing_else_of_a_refused_change_is_kept(
    accounts: Accounts, change: AccountChange
):
    add(accounts, "root", Role.ADMIN)
    refused = AccountChange(name="changed", role=change.role, disabled=change.disabled)

    assert accounts.change("a-root", refused) == -1

    root = accounts.get("a-root")
    assert root
    assert (root.name, root.role, root.disabled) == ("root", Role.ADMIN, False)
    add(accounts, "second", Role.ADMIN)
    assert accounts.change("a-root", refused) == 1
    assert accounts.change("a-second", change) == -1
    assert accounts.change("a-nobody", change) == 0


def test_nothing_is_left_of_a_removed_account(accounts: Accounts, sessions: Sessions, redis: Client):
    add(accounts, "root", Role.ADMIN)
    before = sorted(redis.keys("*"))
    add(accounts, "ann", subject="issuer|1")
    Tokens(redis).add("tsha", "a-ann", "t1", "t", [Scope.READ], None)
    ann = accounts.get("a-ann")
    assert ann
    Tickets(redis, accounts).reset("rsha", ann, HOUR)

    assert accounts.remove(ann) == 1

    assert sorted(redis.keys("*")) == before
    assert accounts.by_username("ann") is None
    assert accounts.by_subject("issuer|1") is None
    assert add(accounts, "ann", subject="issuer|1") == 1


def test_a_session_ends_when_it_is_not_used_and_in_any_case_in_the_end(accounts: Accounts, sessions: Sessions):
    add(accounts, "ann")
    sessions.start("s", "a-ann", 0, NOW)

    assert sessions.use("s", now_ms=NOW + 12 * HOUR - 1)
    assert sessions.use("s", now_ms=NOW + 24 * HOUR - 2)
    sessions.start("t", "a-ann", 0, NOW)
    assert sessions.use("t", now_ms=NOW + 12 * HOUR) is None
    assert sessions.use("t", now_ms=NOW) is None  # it is gone
    sessions.start("u", "a-ann", 0, NOW)
    for hours in range(10, 14 * 24, 10):
        assert sessions.use("u", now_ms=NOW + hours * HOUR)
    assert sessions.use("u", now_ms=NOW + 14 * 24 * HOUR) is None


def test_being_looked_at_is_no_use(accounts: Accounts, sessions: Sessions):
    add(accounts, "ann")
    sessions.start("s", "a-ann", 0, NOW)

    assert sessions.use("s", touch=False, now_ms=NOW + 11 * HOUR)
    assert sessions.use("s", now_ms=NOW + 12 * HOUR) is None


def test_a_session_of_an_epoch_that_has_ended_is_void_also_when_it_starts_only_now(
    accounts: Accounts, sessions: Sessions
):
    add(accounts, "ann")
    read_before = accounts.get("a-ann")
    assert read_before
    assert accounts.set_password("a-ann", "other") == 1  # while the old password was being checked

    sessions.start("s", "a-ann", read_before.epoch)

    assert sessions.use("s") is None
    sessions.start("s", "a-ann", 1)
    assert sessions.use("s")


def test_a_token_counts_until_its_end_and_never_for_the_disabled(accounts: Accounts, redis: Client):
    add(accounts, "ann")
    tokens = Tokens(redis)
    assert tokens.add("sha", "a-ann", "t1", "t", [Scope.READ, Scope.SUBMIT], HOUR, NOW)
    assert not tokens.add("sha2", "a-nobody", "t2", "t", [Scope.READ], None)

    found = tokens.use("sha", now_ms=NOW + HOUR - 1)
    assert found
    assert (found[0].id, found[1]) == ("a-ann", (Scope.READ, Scope.SUBMIT))
    assert tokens.use("sha", now_ms=NOW + HOUR) is None
    accounts.change("a-ann", AccountChange(disabled=True))
    assert tokens.use("sha", now_ms=NOW) is None


def test_a_new_password_takes_all_tokens_and_a_reset_under_way(accounts: Accounts, redis: Client):
    add(accounts, "ann")
    tokens, tickets = Tokens(redis), Tickets(redis, accounts)
    tokens.add("sha", "a-ann", "t1", "t", [Scope.READ], None)
    ann = accounts.get("a-ann")
    assert ann
    tickets.reset("rsha", ann, HOUR)

    assert accounts.set_password("a-ann", "new") == 1

    assert tokens.use("sha") is None
    assert tokens.of("a-ann") == []
    assert tickets.reset_of("rsha") is None
    assert accounts.set_password("a-ann", "stolen", reset="rsha") == 0
    assert accounts.set_password("a-nobody", "x") == 0
    assert accounts.by_username("ANN") == (accounts.get("a-ann"), "new")
