"""Which Gemini models there still are: the list, and a look at each that it lacks. Imports no library of Google; takes
no text from its exceptions, which hold the key."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from batchgen.domain.availability import Presence
from batchgen.providers.probing import MAX_LISTED, Deadline, presences

_PAGE = 1000  # the most that the API gives at once


def probe(clients: Iterable[Any], models: Iterable[str], timeout_s: float) -> dict[str, Presence]:
    """`clients`: one per key; the first that gets a list is asked."""
    deadline = Deadline(timeout_s)
    for client in clients:
        listed = _listed(client, deadline)
        if listed:
            return presences(models, listed, _Ask(client, deadline), deadline)
        if deadline.passed():
            break
    return dict.fromkeys(models, Presence.UNKNOWN)


def _listed(client: Any, deadline: Deadline) -> set[str] | None:
    """None: no list, or only a part of one."""
    found: set[str] = set()
    try:
        pages = client.models.list(config={"page_size": _PAGE, "http_options": _options(deadline)})
        for model in islice(pages, MAX_LISTED):
            if deadline.passed():
                return None
            found.add(str(model.name or "").removeprefix("models/"))
    except Exception:  # noqa: BLE001 - whatever it is may hold the key, and says only that there is no list
        return None
    return found


class _Ask:
    """One model by its name."""

    def __init__(self, client: Any, deadline: Deadline) -> None:
        self._client, self._deadline = client, deadline

    def __call__(self, model: str) -> Presence:
        try:
            found = self._client.models.get(model=model, config={"http_options": _options(self._deadline)})
        except Exception as wrong:  # noqa: BLE001 - as above
            said = (getattr(wrong, "code", None), getattr(wrong, "status", None))
            return Presence.GONE if said == (404, "NOT_FOUND") else Presence.UNKNOWN  # a proxy's 404 has other words
        return Presence.PRESENT if str(found.name or "").endswith(model) else Presence.UNKNOWN


def _options(deadline: Deadline) -> dict[str, int]:
    return {"timeout": max(1, int(deadline.left_s() * 1000))}  # milliseconds
