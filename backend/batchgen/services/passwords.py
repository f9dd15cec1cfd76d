"""Passwords: which are taken, how they are kept. Argon2id by `argon2-cffi`; the common ones come with `zxcvbn`."""

import threading
import unicodedata
from concurrent.futures import Executor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from batchgen.domain.accounts import MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARACTERS, folded
from batchgen.errors import AppError

AT_ONCE = 2
# OWASP's parameters for Argon2id: 19 MiB, two passes, one lane; more would be taken from the pictures on a small server
_PASSES, _MEMORY_KIB, _LANES = 2, 19 * 1024, 1
_WAITING = 32  # beyond them a guess is refused rather than queued


@cache
def _common() -> frozenset[str]:
    """The 30,000 most common passwords; loaded when first asked for."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


class Passwords:
    """`pool`: AT_ONCE native threads: a hash is work for a core, and in the web tier would stop every other request.
    `offered`: whether people have passwords here, rather than an identity provider."""

    def __init__(self, pool: Executor, hasher: PasswordHasher | None = None, *, offered: bool = True) -> None:
        self._offered = offered
        self._pool, self._hasher = pool, hasher or PasswordHasher(_PASSES, _MEMORY_KIB, _LANES)
        self._room = threading.Semaphore(_WAITING)
        self._lock, self._dummy = threading.Lock(), ""

    def require_offered(self) -> None:
        """Raises AppError("login_not_offered")."""
        if not self._offered:
            raise AppError("login_not_offered")

    @staticmethod
    def check_size(password: str, field: str = "password") -> None:
        """Before any work is done with it. Raises AppError("field_invalid")."""
        if len(password.encode()) > MAX_PASSWORD_BYTES:
            raise AppError.at(field, "field_invalid", field=field, reason=f"≤ {MAX_PASSWORD_BYTES} B")

    def check(self, password: str, username: str, field: str = "password") -> None:
        """Whether it may be chosen. Raises AppError: weak_password, field_invalid, login_not_offered."""
        self.require_offered()
        self.check_size(password, field)
        short = len(password) < MIN_PASSWORD_CHARACTERS
        if short or password.lower() in _common() or folded(password) == folded(username):
            raise AppError.at(field, "weak_password")

    def hash(self, password: str) -> str:
        """As it is kept: the parameters and the salt are part of it."""
        return self._pool.submit(self._hasher.hash, _normal(password)).result()

    def verify(self, kept: str, password: str, *, patient: bool = True) -> bool:
        """Whether it is the one. Without any (`kept` is empty) the same work is done for nothing, so that the time says
        nothing. Raises AppError("rate_limited") where too many wait, unless `patient`."""
        if not patient and not self._room.acquire(blocking=False):
            raise AppError("rate_limited", seconds=2)
        try:
            return self._pool.submit(self._check, kept or self._nobody_s(), _normal(password)).result() and bool(kept)
        finally:
            if not patient:
                self._room.release()

    def is_old(self, kept: str) -> bool:
        """Whether it was hashed under weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _check(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def _nobody_s(self) -> str:
        with self._lock:
            if not self._dummy:
                self._dummy = self.hash("nobody's")
            return self._dummy


def _normal(password: str) -> str:
    """One form for what looks the same, whichever keyboard it comes from; nothing is trimmed."""
    return unicodedata.normalize("NFKC", password)
