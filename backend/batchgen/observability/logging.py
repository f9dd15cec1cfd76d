"""Structured logs, for people or machines, in which no key can stand."""

import logging
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

import structlog

from batchgen.observability.tracking import report

_SHAPES = re.compile(
    r"AIza[\w-]{10,}|sk-[\w-]{8,}|bgp_[\w-]+|Bearer\s+\S+|X-(?:Tos|Amz)-Signature=[^&\s]+|access_token=[^&\s]+|hooks\.slack\.com/\S+"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MASK = "[masked]"
_NOISY = (
    "urllib3", "httpx", "httpx2", "httpcore", "google_genai", "PIL", "celery.app.trace", "celery.worker", "sentry_sdk",
    "boto3", "botocore", "s3transfer",
)  # fmt: skip


def set_up(level: str, form: str, secrets: Iterable[str]) -> Callable[[str], str]:
    """Log to standard error at `level`; `form`: "json" or "console". `secrets` are masked wherever they stand; returned
    is what masks them in a text."""
    mask = _Mask(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        report,
        structlog.processors.format_exc_info,
        mask,
    ]
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        shared.append(_escape)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it logs addresses, and those hold tokens
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return mask.clean


def bound_request() -> str:
    """The id of the request that is being answered; empty where none is."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def _escape(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """JSON escapes by itself; on a terminal a caller's line break or colour would pass for ours."""
    event["event"] = _CONTROL.sub(lambda found: repr(found[0])[1:-1], str(event.get("event", "")))
    return event


class _Mask:
    """Replaces secrets in every text of an event, tracebacks included, and keeps it on its own line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= 6}, key=len, reverse=True)

    def __call__(self, _logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {
            # a record of the standard library is not printed, and the formatter needs it
            name: value if name.startswith("_") else self._deep(value)
            for name, value in event.items()
        }

    def _deep(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {name: self._deep(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._deep(one) for one in value]
        return value

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return _SHAPES.sub(_MASK, text)
