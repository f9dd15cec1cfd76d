"""What went wrong with a call of OpenAI's images API, as a row of `domain.failures.KINDS`. The code decides, then the
type, then the status; relays put a status into the code, or send an error with status 200."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from batchgen.domain.failures import Charged, Failure
from batchgen.providers.base import verdict
from batchgen.providers.posting import Answer
from batchgen.providers.redaction import redact, redact_page

_MAX_DELAY_S = 120.0
_NO = Charged.NO
# codes and types of OpenAI [O] and of the relays that many run [T], first match decides
_CODES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"^(moderation_blocked|content_policy_violation|content_filter)$", "blocked_input"),
        (r"^(insufficient_quota|insufficient_user_quota|billing_hard_limit_reached|quota_exceeded)$",
         "quota_exhausted"),
        (r"^(model_not_found|deployment_not_found)$", "model_unavailable"),
        (r"^(invalid_api_key|invalid_authentication|authentication_error|permission_error)$", "auth"),
        (r"^(rate_limit_exceeded|rate_limit_error|requests|tokens)$", "provider_rate_limited"),
        (r"^invalid_request_error$", "invalid_input"),
    )
)  # fmt: skip
_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def failure_of_answer(answer: Answer, keys: Iterable[str]) -> Failure:
    """An answer with an error status: `{"error": {message, type, param, code}}`, or a proxy's page."""
    error = error_of(_parsed(answer.text)) or {}
    code, charged = _by_name(str(error.get("code") or "")) or _by_status(answer, error)
    delay = _delay(answer.headers) if code == "provider_rate_limited" else None
    told = redact_page if answer.html else redact
    return Failure(code, charged, delay, told(f"{answer.status} {_words(error) or answer.text}", keys))


def failure_of_error(error: dict[str, Any], answer: Answer, keys: Iterable[str]) -> Failure:
    """An error with status 200. Where its words say nothing, nobody knows whether the work was done."""
    code, charged = _named(error) or _by_number(error) or ("upstream_unclear", Charged.UNKNOWN)
    delay = _delay(answer.headers) if code == "provider_rate_limited" else None
    return Failure(code, charged, delay, redact(f"200 {_words(error)}", keys))


def error_of(answer: Any) -> dict[str, Any] | None:
    """The error in an answer, if there is one; a relay may give it as a mere text."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, str) and error:
        return {"message": error}
    return error if isinstance(error, dict) and error else None


def _by_status(answer: Answer, error: dict[str, Any]) -> tuple[str, Charged]:
    """A status that says more than "wrong" goes before the type: relays give many errors one type."""
    by_type = _by_name(str(error.get("type") or ""))
    if by_type and answer.status in (400, 429):
        return by_type
    return verdict(answer.status, html=answer.html)


def _named(error: dict[str, Any]) -> tuple[str, Charged] | None:
    return _by_name(str(error.get("code") or "")) or _by_name(str(error.get("type") or ""))


def _by_name(name: str) -> tuple[str, Charged] | None:
    return next(((row, _NO) for pattern, row in _CODES if pattern.search(name)), None)


def _by_number(error: dict[str, Any]) -> tuple[str, Charged] | None:
    number = str(error.get("code") or error.get("status") or "")
    return verdict(int(number)) if re.fullmatch(r"[45]\d\d", number) else None


def _words(error: dict[str, Any]) -> str:
    return " ".join(str(error[name]) for name in ("code", "message") if error.get(name))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _delay(headers: Mapping[str, str]) -> float | None:
    """The seconds that the provider asks for. A date is not worth the risk of two clocks."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if re.fullmatch(r"\d+(\.\d+)?", headers.get(name, "")):
            return min(float(headers[name]) * unit, _MAX_DELAY_S)
    reset = headers.get("x-ratelimit-reset-requests", "")  # "6m0s", "120ms"
    parts = _PARTS.findall(reset)
    if not parts or _PARTS.sub("", reset):
        return None
    return min(sum(float(number) * _SECONDS[unit] for number, unit in parts), _MAX_DELAY_S)
