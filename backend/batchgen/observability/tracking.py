"""Error tracking by the Sentry protocol: where in our code it broke, and the ids to find the rest in the log.

What an exception says may quote a prompt, an address or a key of somebody's, so no such word leaves the house: not the
exception's text, no variable, no header, no body.
"""

import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration

_IDS = ("request_id", "user_id", "batch_id", "item_id", "upload_id")
_FRAME = ("filename", "abs_path", "function", "module", "lineno", "in_app")
_WITHHELD = "[withheld: see the log]"
_SERIOUS = ("error", "critical")
type _Event = dict[str, Any]


def set_up_tracking(dsn: str, release: str, clean: Callable[[str], str]) -> None:
    """Send errors to `dsn`; empty: to nobody. `clean` masks secrets in a text."""
    if not dsn:
        return
    sentry_sdk.init(
        dsn, release=release, default_integrations=False, integrations=[AtexitIntegration(lambda _left, _wait: None)],
        auto_enabling_integrations=False, send_default_pii=False,
        include_local_variables=False, include_source_context=False, max_request_body_size="never", max_breadcrumbs=0,
        server_name="batchgen", before_send=lambda event, _hint: _fit_to_leave(event, clean),  # type: ignore[arg-type, return-value]
    )  # fmt: skip


def report(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A step of the log: what is an error is sent too, where tracking is set up."""
    if event.get("level") in _SERIOUS and sentry_sdk.get_client().is_active():
        _send(event)
    return event


def _send(event: Mapping[str, Any]) -> None:
    with sentry_sdk.new_scope() as scope:
        for part in _IDS:
            if part in event:
                scope.set_tag(part, str(event[part]))
        logger = str(event.get("logger", ""))
        scope.set_tag("logger", logger)
        wrong = _exception_of(event)
        if wrong is not None:
            sentry_sdk.capture_exception(wrong)
        else:
            ours = logger.startswith("batchgen.")  # our events are fixed words; others' may quote anything
            sentry_sdk.capture_message(str(event.get("event")) if ours else _WITHHELD, "error")


def _exception_of(event: Mapping[str, Any]) -> BaseException | None:
    given = event.get("exc_info")
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None


def _fit_to_leave(event: _Event, clean: Callable[[str], str]) -> _Event:
    """Only what is named here goes out."""
    kept: _Event = {
        name: event[name]
        for name in ("event_id", "timestamp", "level", "platform", "release", "environment", "message")
        if name in event
    }
    kept["tags"] = {name: clean(str(value)) for name, value in (event.get("tags") or {}).items()}
    values = (event.get("exception") or {}).get("values", [])
    kept["exception"] = {"values": [_kind_and_place(one) for one in values]}
    return kept


def _kind_and_place(exception: Mapping[str, Any]) -> _Event:
    frames = (exception.get("stacktrace") or {}).get("frames", [])
    return {
        "type": exception.get("type"), "module": exception.get("module"), "value": _WITHHELD,
        "stacktrace": {"frames": [{part: one[part] for part in _FRAME if part in one} for one in frames]},
    }  # fmt: skip
