"""How fast providers may be called: the operator's limits, and what the end of a call says of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from batchgen.domain.failures import Category, Failure

NO_KEY = ("-",)  # the keys of a provider that asks for none
WINDOW_S = 60.0
_MARGIN, _LEAST_MARGIN_S = 0.01, 0.1
_UNHINTED_S = 2.0  # the rest after a 429 that tells no delay
_HOPELESS_S = 300.0  # a key that a person has to see to is tried again after this: refusals cost nothing


class Room(NamedTuple):
    """The limits of each key of a provider in each of its models. `keys`: ids, never the keys themselves."""

    at_once: int
    starts: int = 0  # in any window; 0: no limit of ours
    keys: tuple[str, ...] = NO_KEY
    window_s: float = WINDOW_S

    @property
    def per_minute(self) -> int:
        """Starts of one model by all keys together; 0: no limit of ours."""
        return int(self.starts * len(self.keys) * WINDOW_S / self.window_s)

    def wire(self) -> dict[str, object]:
        """As the scripts read it; ms. The window is a little longer: a call arrives later than it leaves."""
        window = self.window_s + max(_LEAST_MARGIN_S, self.window_s * _MARGIN)
        return {"at_once": self.at_once, "starts": self.starts, "window": int(window * 1000), "keys": list(self.keys)}


class Breaker(NamedTuple):
    """After `failures` in a row a model is left alone, for `shortest_s` at first, then twice as long each time."""

    failures: int = 10
    shortest_s: float = 30.0
    longest_s: float = 300.0

    def wire(self) -> dict[str, object]:
        return {
            "failures": self.failures, "shortest": int(self.shortest_s * 1000), "longest": int(self.longest_s * 1000),
        }  # fmt: skip


class Sign(StrEnum):
    """What the end of a call says of its key and its model."""

    OK = "ok"
    OTHER = "other"  # the provider is there; nothing else is said
    SLOW = "slow"
    DOWN = "down"
    AUTH = "auth"
    OVERDUE = "overdue"  # no reset is known
    QUOTA = "quota"


class Hold(NamedTuple):
    """Why a lane stands still, and until when (ms)."""

    category: Category
    until_ms: int


@dataclass(frozen=True, slots=True)
class KeyState:
    """`tail`: at most the key's last 4 characters. `rest`: why and until when it is not used; None: it is."""

    tail: str
    rest: Hold | None


@dataclass(frozen=True, slots=True)
class ProviderState:
    id: str
    keys: tuple[KeyState, ...]
    holds: tuple[tuple[str, Hold], ...]  # (model, why nothing starts with it)


HOLD_CATEGORIES = {
    Sign.SLOW: Category.RATE_LIMITED, Sign.DOWN: Category.UPSTREAM_ERROR, Sign.AUTH: Category.AUTH,
    Sign.OVERDUE: Category.QUOTA_EXHAUSTED, Sign.QUOTA: Category.QUOTA_EXHAUSTED,
}  # fmt: skip
HOPELESS = frozenset({Sign.AUTH, Sign.OVERDUE})


def sign_of(failure: Failure | None) -> tuple[Sign, float]:
    """The sign of a call that ended (None: with a picture), and the seconds that its key rests."""
    if failure is None:
        return Sign.OK, 0.0
    delay = failure.retry_after_s
    match failure.category:
        case Category.RATE_LIMITED:
            return Sign.SLOW, _UNHINTED_S if delay is None else delay
        case Category.AUTH:
            return Sign.AUTH, _HOPELESS_S
        case Category.QUOTA_EXHAUSTED:
            return (Sign.OVERDUE, _HOPELESS_S) if delay is None else (Sign.QUOTA, delay)
        case Category.UPSTREAM_ERROR | Category.TIMEOUT:
            return Sign.DOWN, 0.0
    return Sign.OTHER, 0.0
