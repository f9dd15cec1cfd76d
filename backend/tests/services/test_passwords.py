"""The row "password rules" of threats section 3, and how many hashes run at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from batchgen.errors import AppError
from batchgen.services.passwords import AT_ONCE, Passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture
def passwords():
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield Passwords(pool, CHEAP)


def code_of(passwords: Passwords, password: str, username: str = "ann") -> str:
    try:
        passwords.check(password, username)
    except AppError as told:
        return told.code
    return "fine"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("1234567", "weak_password"),
        ("长密码也可以很短呀", "fine"),
        ("七个字符的密码", "weak_password"),
        ("        ", "fine"),  # any characters, and nothing is trimmed
        ("x" * 128, "fine"),
        ("🐴" * 200, "fine"),
        ("x" * 1024, "fine"),
        ("x" * 1025, "field_invalid"),
        ("长" * 342, "field_invalid"),
        ("password1", "weak_password"),
        ("PassWord1", "weak_password"),
    ],
)
def test_password_rules(passwords: Passwords, password: str, code: str):
    assert code_of(passwords, password) == code


def test_password_rules_the_three_thousand_most_common_that_are_long_enough_are_refused(passwords: Passwords):
    common = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= 8][:3000]

    assert len(common) == 3000
    assert {code_of(passwords, one) for one in common} == {"weak_password"}


@pytest.mark.parametrize("password", ["ann.example", "ANN.Example", "ａｎｎ.example"])
def test_password_rules_the_username_is_refused_however_written(passwords: Passwords, password: str):
    assert code_of(passwords, password, "Ann.Example") == "weak_password"


def test_a_password_is_kept_salted_and_the_same_from_every_keyboard(passwords: Passwords):
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"

    kept = passwords.hash(composed)

    assert kept != passwords.hash(composed)
    assert passwords.verify(kept, composed)
    assert passwords.verify(kept, decomposed)
    assert not passwords.verify(kept, composed + " ")
    assert not passwords.verify("", composed)
    assert not passwords.verify("", "nobody's")
    assert not passwords.verify("broken", composed)


def test_two_hashes_at_most_run_at_once_and_a_long_queue_is_refused():
    gate, running, most = threading.Semaphore(0), 0, 0
    lock, begun = threading.Lock(), threading.Semaphore(0)

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            begun.release()
            gate.acquire()
            with lock:
                running -= 1
            return super().verify(hash, password)

    slow = Slow(time_cost=1, memory_cost=64, parallelism=1)
    with ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor(60) as callers:
        passwords = Passwords(pool, slow)
        kept = passwords.hash("the real one")
        waiting = [callers.submit(passwords.verify, kept, "the real one", patient=False) for _ in range(40)]
        begun.acquire()
        begun.acquire()
        refused = [w for w in waiting if isinstance(w.exception() if w.done() else None, AppError)]
        while len(refused) < 8:  # those beyond the queue need not wait for anybody
            time.sleep(0.01)
            refused = [w for w in waiting if w.done() and isinstance(w.exception(), AppError)]
        patient = callers.submit(passwords.verify, kept, "the real one")  # a known device waits its turn
        gate.release(33)

        assert patient.result() is True
        assert [w.result() for w in waiting if w not in refused] == [True] * 32
    assert len(refused) == 8
    assert most == AT_ONCE
