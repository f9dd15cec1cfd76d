"""Which models a server with OpenAI's API still has: `GET /models`, and `GET /models/<id>` of each that it lacks [O].

Relays have no such list, or one of chat models only, or send an error with status 200; none of that says that a model
is gone.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from batchgen.domain.availability import Presence
from batchgen.providers.openai_failures import error_of
from batchgen.providers.posting import Answer
from batchgen.providers.probing import MAX_LISTED, Deadline, presences

_NOT_THERE = ("model_not_found", "deployment_not_found")
type Get = Callable[[str, float], Answer | None]


def probe(gets: Iterable[Get], models: Iterable[str], timeout_s: float) -> dict[str, Presence]:
    """`gets`: one per key, each takes a path and seconds; the first that gets a list is asked."""
    deadline, models = Deadline(timeout_s), list(models)
    for get in gets:
        listed = _ids(get("models", max(1.0, deadline.left_s())))
        if listed:
            ours = not listed.isdisjoint(models)
            return presences(models, listed, _Ask(get, deadline, ours), deadline)
        if deadline.passed():
            break
    return dict.fromkeys(models, Presence.UNKNOWN)


def _ids(answer: Answer | None) -> set[str] | None:
    """The ids of a list; None: it is none."""
    body = _body(answer)
    rows = body.get("data") if body is not None and answer is not None and answer.status == 200 else None
    if not isinstance(rows, list):
        return None
    return {str(row["id"]) for row in rows[:MAX_LISTED] if isinstance(row, dict) and row.get("id")}


class _Ask:
    """One model by its id. `ours`: whether the list names others that we offer, so it is of this kind of models."""

    def __init__(self, get: Get, deadline: Deadline, ours: bool) -> None:
        self._get, self._deadline, self._ours = get, deadline, ours

    def __call__(self, model: str) -> Presence:
        answer = self._get(f"models/{quote(model, safe='')}", max(1.0, self._deadline.left_s()))
        body = _body(answer)
        if answer is None or body is None:
            return Presence.UNKNOWN
        error = error_of(body)
        if error is None:
            return Presence.PRESENT if answer.status == 200 and body.get("id") == model else Presence.UNKNOWN
        named = error.get("code") in _NOT_THERE and answer.status in (200, 400, 404)
        return Presence.GONE if named or (self._ours and answer.status == 404) else Presence.UNKNOWN


def _body(answer: Answer | None) -> dict[str, Any] | None:
    try:
        body = json.loads(answer.text) if answer is not None else None
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
