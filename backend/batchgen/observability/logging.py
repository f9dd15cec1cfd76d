"""Structured logs, for people or machines, in which no key can stand."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

_SHAPES = re.compile(
    r"AIza[\w-]{10,}|sk-[\w-]{8,}|bgp_[\w-]+|Bearer\s+\S+|X-Tos-Signature=[^&\s]+|access_token=[^&\s]+|hooks\.slack\.com/\S+"
)
_MASK = "[masked]"


def set_up(level: str, form: str, secrets: Iterable[str]) -> None:
    """Log to standard error at `level`; `form`: "json" or "console". `secrets` are masked wherever they stand."""
    mask = _Mask(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
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
    for noisy in ("urllib3", "httpx", "httpx2", "httpcore", "google_genai", "PIL", "celery.app.trace", "celery.worker"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Mask:
    """Replaces secrets in every text of an event, tracebacks included, and keeps it on its own line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({s for s in secrets if len(s) >= 6}, key=len, reverse=True)

    def __call__(self, _logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: self._clean(value) if isinstance(value, str) else value for name, value in event.items()}

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return _SHAPES.sub(_MASK, text)
