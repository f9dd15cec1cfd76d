"""Guessing at scale, and what is done for each guess: counted by the work, not by the clock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Barrier
from time import process_time_ns

import pytest
from argon2 import PasswordHasher

from batchgen.domain.accounts import AccountChange, AccountDraft, Role
from batchgen.domain.models import User
from batchgen.errors import AppError
from batchgen.services.devices import Devices
from batchgen.services.login import LoginService
from batchgen.services.passwords import Passwords
from batchgen.services.people import PeopleService
from batchgen.store.accounts import Accounts
from batchgen.store.connection import Client
from batchgen.store.sessions import Sessions
from batchgen.store.throttle import Throttle


def unheard(actor: User, action: str, target: str, **details: object) -> None:
    """Nobody keeps it."""


PASSWORD = "the real one"
GUESSES = 10_000


class Counting(PasswordHasher):
    """Argon2 itself, made cheap, that counts."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
        self.verified.append(str(hash))
        return super().verify(hash, password)


class House:
    def __init__(self, redis: Client, pool: ThreadPoolExecutor, hasher: PasswordHasher) -> None:
        self.accounts, self.passwords = Accounts(redis), Passwords(pool, hasher)
        sessions = Sessions(redis, idle_ms=1000_000, life_ms=1000_000)
        people = PeopleService(self.accounts, self.passwords, unheard)
        self.service = LoginService(
            "password", self.accounts, sessions, Throttle(redis), self.passwords, Devices("s" * 32), people, unheard
        )
        self.add("ann")

    def add(self, name: str) -> str:
        draft = AccountDraft(name, name, Role.MEMBER, password_hash=self.passwords.hash(PASSWORD))
        assert self.accounts.add(f"a-{name}", draft) == 1
        return f"a-{name}"

    def guess(self, name: str, password: str, address: str, device: str = "") -> str:
        try:
            self.service.enter(name, password, address, device)
        except AppError as told:
            return told.code
        return "in"


@pytest.fixture
def hasher() -> Counting:
    return Counting()


@pytest.fixture
def house(redis: Client, hasher: Counting) -> Iterator[House]:
    with ThreadPoolExecutor(2) as pool:
        yield House(redis, pool, hasher)


def test_ten_thousand_guesses_from_many_addresses_reach_ten_and_leave_the_person_in_peace(
    house: House, hasher: Counting
):
    device = house.service.enter("ann", PASSWORD, "10.1.1.1").device
    hasher.verified.clear()

    answers = [house.guess("ann", f"guess {n}", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(GUESSES)]

    assert len(hasher.verified) == answers.count("invalid_credentials") <= 10 * 2  # a window may turn in the middle
    assert answers.count("rate_limited") == GUESSES - len(hasher.verified)
    assert house.guess("ann", PASSWORD, "10.1.1.1", device) == "in"
    assert house.guess("ann", PASSWORD, "10.200.1.1", device) == "in"  # the same laptop, in a train


def test_ten_thousand_guesses_from_one_address_at_many_names_reach_a_hundred(house: House, hasher: Counting):
    device = house.service.enter("ann", PASSWORD, "10.1.1.1").device
    hasher.verified.clear()

    answers = [house.guess(f"name{n}", "Password-1", "10.9.9.9") for n in range(GUESSES)]

    assert len(hasher.verified) == answers.count("invalid_credentials") <= 100 * 2
    assert house.guess("bob", PASSWORD, "10.9.9.9") == "rate_limited"
    assert house.guess("ann", PASSWORD, "10.1.1.1") == "in"  # elsewhere nothing has happened
    assert house.guess("ann", PASSWORD, "10.9.9.9", device) == "in"  # behind the same router, but known


def test_guesses_at_once_are_not_more_than_guesses_in_turn(house: House, hasher: Counting):
    start = Barrier(20)

    def guess(n: int) -> str:
        start.wait()
        return house.guess("ann", f"guess {n}", f"10.0.0.{n}")

    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(guess, range(20)))

    assert answers.count("invalid_credentials") == len(hasher.verified) == 10
    assert answers.count("rate_limited") == 10


def test_unknown_wrong_and_disabled_cost_one_hash_of_the_same_parameters_each(house: House, hasher: Counting):
    house.accounts.change(house.add("gone"), AccountChange(disabled=True))
    house.guess("nobody", "x", "10.0.0.1")  # makes the dummy
    hasher.verified.clear()

    codes = [
        house.guess(name, PASSWORD + end, "10.0.0.1") for name, end in (("nobody", ""), ("ann", "!"), ("gone", ""))
    ]

    assert codes == ["invalid_credentials"] * 3
    assert len(hasher.verified) == 3
    assert len({kept.rpartition("$")[0].rpartition("$")[0] for kept in hasher.verified}) == 1


def test_known_and_unknown_names_take_alike_long(redis: Client):
    """By the processor's time, which others here do not use up; in turn, so that both see the same machine."""
    with ThreadPoolExecutor(2) as pool:
        house = House(redis, pool, PasswordHasher(time_cost=2, memory_cost=8 * 1024, parallelism=1))
        house.guess("nobody", "x", "10.0.0.1")
        spent: dict[str, list[int]] = {"ann": [], "nobody": []}
        for n in range(40):
            for name, taken in spent.items():
                redis.delete(*redis.keys("bg:limit*"))
                began = process_time_ns()
                assert house.guess(name, f"guess {n}", "10.0.0.1") == "invalid_credentials"
                taken.append(process_time_ns() - began)

    known, unknown = (median(taken) for taken in spent.values())
    assert 0.75 < known / unknown < 1.25


def test_a_password_is_hashed_anew_when_the_parameters_have_grown(redis: Client):
    with ThreadPoolExecutor(2) as pool:
        House(redis, pool, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        today = Passwords(pool, PasswordHasher(time_cost=1, memory_cost=128, parallelism=1))
        accounts = Accounts(redis)
        people = PeopleService(accounts, today, unheard)
        sessions = Sessions(redis, idle_ms=1000, life_ms=1000)
        service = LoginService(
            "password", accounts, sessions, Throttle(redis), today, Devices("s" * 32), people, unheard
        )

        service.enter("ann", PASSWORD, "10.0.0.1")

        kept = accounts.by_username("ann")
        assert kept
        assert "m=128," in kept[1]
        service.enter("ann", PASSWORD, "10.0.0.1")
