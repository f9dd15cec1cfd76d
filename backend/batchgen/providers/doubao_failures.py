"""What went wrong with an Ark call, as a row of `domain.failures.KINDS`. Ark's own code decides, then the status."""

import json
import re
from collections.abc import Iterable
from typing import Any

from batchgen.domain.failures import Charged, Failure
from batchgen.providers.base import verdict
from batchgen.providers.posting import Answer
from batchgen.providers.redaction import redact, redact_page

_MAX_DELAY_S = 120.0
_NO = Charged.NO
# Ark's codes [T, code citing the error page], first match decides
_CODES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (r"PrivacyInformation$", "blocked_person"),
        (r"^Output\w*(SensitiveContentDetected|RiskDetection)", "blocked_output"),
        (r"SensitiveContentDetected|RiskDetection$", "blocked_input"),
        (r"^(MissingParameter|InvalidParameter|InvalidImageURL)", "invalid_input"),
        (r"^(AccountOverdue|ServiceOverdue)", "quota_exhausted"),
        (r"^(SetLimitExceeded|QuotaExceeded)", "quota_exhausted"),
        (r"^(AuthenticationError|AccessDenied)", "auth"),
        (r"^(InvalidEndpointOrModel|ModelNotOpen)|ClosedEndpoint$", "model_unavailable"),
        (r"^(ServerOverloaded|InternalServiceError|ContentSecurityDetectionError)", "upstream_busy"),
        (r"^RateLimitExceeded|RateLimitExceeded$|^(RequestBurstTooFast|InflightBatchsizeExceeded)",
         "provider_rate_limited"),
    )
)  # fmt: skip


def failure_of_answer(answer: Answer, keys: Iterable[str]) -> Failure:
    """An answer with an error status: `{"error": {code, message, param, type}}`, or a proxy's page."""
    error = _error_of(answer.text)
    message = str(error.get("message") or "") if error else answer.text
    code, charged = _by_code(str(error.get("code") or "")) or verdict(answer.status, html=answer.html)
    delay = _seconds(answer.headers.get("Retry-After", "")) if code == "provider_rate_limited" else None
    told = (redact_page if answer.html else redact)(f"{answer.status} {error.get('code', '')} {message}", keys)
    return Failure(code, charged, delay, detail=told)


def failure_of_data(objects: list[dict[str, Any]], made: int, keys: Iterable[str]) -> Failure:
    """A 200 without a picture: its errors, else nothing at all. `made`: the pictures that Ark counts, and bills."""
    errors = [e for o in objects if isinstance(e := o.get("error"), dict) and e]
    if not errors:
        return Failure("no_image", Charged.YES if made else _NO, detail="no picture in the answer")
    code, charged = _by_code(str(errors[0].get("code") or "")) or ("no_image", _NO)
    return Failure(code, charged, detail=redact(f"{errors[0].get('code', '')} {errors[0].get('message', '')}", keys))


def _by_code(code: str) -> tuple[str, Charged] | None:
    return next(((row, _NO) for pattern, row in _CODES if pattern.search(code)), None)


def _error_of(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else {}


def _seconds(retry_after: str) -> float | None:
    """Retry-After in seconds; a date is not worth the risk of two clocks."""
    return min(float(retry_after), _MAX_DELAY_S) if re.fullmatch(r"\d+(\.\d+)?", retry_after) else None
