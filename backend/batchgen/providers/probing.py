"""How a probe turns a provider's list of models into a word on each. Knows no provider; costs nothing."""

import time
from collections.abc import Callable, Iterable

from batchgen.domain.availability import Presence

MAX_LISTED = 5_000  # models of one list; a relay that hands out the same page for ever is no list


class Deadline:
    """The end of a probe that makes several requests."""

    def __init__(self, timeout_s: float) -> None:
        self._end = time.monotonic() + timeout_s

    def left_s(self) -> float:
        return self._end - time.monotonic()

    def passed(self) -> bool:
        return self.left_s() <= 0


def presences(
    models: Iterable[str], listed: set[str] | None, ask: Callable[[str], Presence], deadline: Deadline
) -> dict[str, Presence]:
    """`listed`: the ids of the provider's list; None or nothing: there is no list to go by. Lists leave models out, so
    one that is missing is asked for by itself before it counts as gone."""
    if not listed:
        return dict.fromkeys(models, Presence.UNKNOWN)
    found = {}
    for model in models:
        if model in listed:
            found[model] = Presence.PRESENT
        else:
            found[model] = Presence.UNKNOWN if deadline.passed() else ask(model)
    return found
