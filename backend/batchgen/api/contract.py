"""What a view takes and gives, said once beside it: the parser, the serialiser and the OpenAPI document read it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response
from pydantic import BaseModel

from batchgen.api.parsing import body_as, query_as
from batchgen.schemas.base import Incoming

type Shape = type[BaseModel] | str | None


class _NoQuery(Incoming):
    """An operation that takes none refuses what it is sent, by name."""


@dataclass(frozen=True)
class Operation:
    """One endpoint. `gives`: status -> model, or a media type for what is not JSON; `form`: multipart fields."""

    summary: str
    gives: dict[int, Shape]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form: dict[str, Any] = field(default_factory=dict)
    many: bool = False
    headers: tuple[str, ...] = ()


def operation(
    summary: str, gives: dict[int, Shape], *, body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None, form: dict[str, Any] | None = None, many: bool = False,
    headers: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Parse `body` and `query` before the view (as arguments of those names) and serialise what it returns."""
    said = Operation(summary, gives, body, query, form or {}, many, headers)

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(**path: Any) -> Any:
            if body is not None and not said.form:
                path["body"] = body_as(body)
            asked = query_as(query or _NoQuery)
            if query is not None:
                path["query"] = asked
            return _serialised(view(**path))

        run.operation = said  # type: ignore[attr-defined]
        return run

    return wrap


def _serialised(given: Any) -> Any:
    """A model, a list of models, or a pair of one of them and a status, as Flask takes it."""
    if isinstance(given, tuple):
        return _serialised(given[0]), given[1]
    if isinstance(given, BaseModel):
        return _json(given.model_dump_json())
    if isinstance(given, list):
        return _json(f"[{','.join(one.model_dump_json() for one in given)}]")
    return given if given is not None else Response(status=204)


def _json(text: str) -> Response:
    """Written by pydantic itself: a page of two hundred items by way of dicts takes three times as long."""
    return Response(text, content_type="application/json")
