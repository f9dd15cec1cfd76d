"""What the engine does by itself after a failed attempt: a pure function of the failure and what went before."""

from collections.abc import Callable
from typing import NamedTuple

from batchgen.domain.failures import Category, Failure, Rule
from batchgen.domain.states import ItemState

CAP_S, HINT_CAP_S = 60.0, 120.0
BACKOFF_S = (5.0, 15.0, 45.0)
_ONCE_S = 2.0


class Decision(NamedTuple):
    to: ItemState  # WAITING or FAILED
    delay_s: float = 0.0
    rerun: bool = False  # it uses the one rerun of a possibly paid call


def decide(
    failure: Failure, *, tries: int, reruns: int, max_attempts: int, spread: Callable[[float, float], float],
    key_free_in_s: float | None = None,
) -> Decision:  # fmt: skip
    """`tries`: calls sent since the item was last queued, this one included; `reruns`: reruns of possibly paid
    calls since then; `spread(low, high)`: a random number, for full jitter; `key_free_in_s`: when another key of the
    provider may go (None: none will by itself), which matters where it was the key that failed."""
    if failure.rule is Rule.RERUN:
        return Decision(ItemState.WAITING, spread(0, _ONCE_S), rerun=True) if reruns < 1 else _FAILED
    if tries >= max_attempts:
        return _FAILED
    if failure.category in _OF_THE_KEY and key_free_in_s is not None:
        return Decision(ItemState.WAITING, key_free_in_s)
    delay = _delay(failure, tries, spread)
    return _FAILED if delay is None else Decision(ItemState.WAITING, delay)


_FAILED = Decision(ItemState.FAILED)
_OF_THE_KEY = frozenset({Category.AUTH, Category.QUOTA_EXHAUSTED})


def _delay(failure: Failure, tries: int, spread: Callable[[float, float], float]) -> float | None:
    """Seconds to wait; None: no further try."""
    if failure.rule is Rule.HINTED:
        if failure.retry_after_s is not None:  # a little after the hint, so that not all come back at once
            hint = min(failure.retry_after_s, HINT_CAP_S)
            return hint + spread(0, max(0.5, hint * 0.1))
        return spread(0, min(CAP_S, 2.0 * 2.0**tries))
    if failure.rule is Rule.BACKOFF and tries <= len(BACKOFF_S):
        return spread(0, BACKOFF_S[tries - 1])
    if failure.rule is Rule.ONCE and tries <= 1:
        return _ONCE_S
    return None
