"""What went wrong with a Gemini call, as a row of `domain.failures.KINDS`. Imports no library of Google.

Google's library holds the key in its exceptions (the request's headers hang on the response [R]), so what leaves
here is a code and masked text.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from batchgen.domain.failures import Charged, Failure
from batchgen.providers.base import AnswerTooLarge, looks_like_html, verdict
from batchgen.providers.redaction import redact, redact_page

_MAX_DELAY_S = 120.0
_PACIFIC = ZoneInfo("America/Los_Angeles")
_BAD_KEY = "the key holds a character that no header can carry"
_SPEND_CAP = re.compile(r"spend(ing)?[ -](cap|limit)|billing cap|prepa(id|yment) credit", re.IGNORECASE)
# nothing was sent: there was no connection to send it on. httpx and httpx2 name their exceptions alike, and the
# library may use either [G]
_NOT_SENT = frozenset({"ConnectError", "ConnectTimeout", "ProxyError", "PoolTimeout", "UnsupportedProtocol"})

_FINISH: dict[str, tuple[str, Charged]] = {
    **dict.fromkeys(
        ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "ESCALATION", "MODEL_ARMOR"),
        ("blocked_input", Charged.UNKNOWN),
    ),
    **dict.fromkeys(("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"), ("blocked_output", Charged.NO)),
    **dict.fromkeys(("RECITATION", "IMAGE_RECITATION"), ("blocked_recitation", Charged.UNKNOWN)),
    **dict.fromkeys(("MAX_TOKENS", "CONTINUATION"), ("no_image_cut", Charged.YES)),
    "PUP_LIMITED_DISABLED": ("auth", Charged.NO),
}


# what a batch API says of one request: codes of gRPC, which the API's HTTP statuses stand for
_GRPC = {
    1: (499, "CANCELLED"), 3: (400, "INVALID_ARGUMENT"), 4: (504, "DEADLINE_EXCEEDED"), 5: (404, "NOT_FOUND"),
    7: (403, "PERMISSION_DENIED"), 8: (429, "RESOURCE_EXHAUSTED"), 9: (400, "FAILED_PRECONDITION"),
    10: (503, "ABORTED"), 13: (500, "INTERNAL"), 14: (503, "UNAVAILABLE"), 16: (401, "UNAUTHENTICATED"),
}  # fmt: skip
CANCELLED = 1


class Answered(NamedTuple):
    """The head of an answer that came."""

    status: int
    html: bool


def failure_of_finish(reason: str, text: str) -> Failure:
    """An answer without a picture, by its finish reason. NO_IMAGE, IMAGE_OTHER, STOP and unknown ones: `no_image`."""
    code, charged = _FINISH.get(reason, ("no_image", Charged.UNKNOWN))
    return Failure(code, charged, detail=f"{reason}: {text}"[:500] if text else reason)


def failure_of(wrong: Exception, answered: Answered | None, keys: Iterable[str]) -> Failure:
    """Any exception of a call. `answered`: the head of the answer, if one came."""
    names = {cls.__name__ for cls in type(wrong).__mro__}
    if "APIError" in names:
        return _of_api_error(wrong, answered, tuple(keys))
    if isinstance(wrong, AnswerTooLarge):
        return Failure("bad_output", Charged.YES, detail="the answer is too large")
    if answered is not None and answered.status != 200:  # an error whose body could not be read
        code, charged = verdict(answered.status, html=answered.html)
        return Failure(code, charged, detail=str(answered.status))
    if "TransportError" in names:
        return _of_transport(names, answered)
    if isinstance(wrong, UnicodeError) and answered is None:
        return Failure("auth", Charged.NO, detail=_BAD_KEY)
    if answered is None:  # the library refused before anything was sent
        return Failure("invalid_input", Charged.NO, detail=type(wrong).__name__)
    if answered.html:
        return Failure("upstream_unclear", Charged.UNKNOWN, detail="a page in HTML")
    # status 200 with what is not JSON, not base64, or not shaped as an answer
    return Failure("bad_output", Charged.YES, detail="the answer could not be read")


class ApiAnswer(Exception):
    """An answer with an error status, as Google's library would raise it; its name is not looked at."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status)
        try:
            self.details: Any = json.loads(text)
        except ValueError:
            self.details = {}
        self.code = status
        self.message = str(_error_object(self.details).get("message") or text)


def failure_of_answer(status: int, text: str, html: bool, keys: Iterable[str]) -> Failure:
    """An answer with an error status, read by ourselves."""
    return _of_api_error(ApiAnswer(status, text), Answered(status, html), tuple(keys))


def failure_of_status(error: dict[str, Any], keys: Iterable[str]) -> Failure:
    """The `{code, message, details}` of one request of a job, or of a job: no picture came, so none is billed."""
    code = error.get("code")
    status, name = _GRPC.get(code if isinstance(code, int) else 0, (500, "UNKNOWN"))
    message = str(error.get("message") or "")
    kind, _, delay = _row(status, {"status": name, **error}, message, html=False)
    return Failure(kind, Charged.NO, delay, detail=redact(f"{name}: {message}", keys))


def _of_transport(names: set[str], answered: Answered | None) -> Failure:
    if "LocalProtocolError" in names and answered is None:
        return Failure("auth", Charged.NO, detail=_BAD_KEY)
    if names & _NOT_SENT:
        return Failure("upstream_busy", Charged.NO, detail="no connection")
    what = "no answer" if answered is None else "the answer was cut"
    return Failure("timeout", Charged.UNKNOWN, detail=what)


def _of_api_error(wrong: Any, answered: Answered | None, keys: tuple[str, ...]) -> Failure:
    """An answer with an error status. `details` is its JSON, or for a page `{message, status}` [G `errors`]."""
    error = _error_object(wrong.details)
    message = str(wrong.message or "")
    html = looks_like_html("text/html" if answered and answered.html else "", message)
    code, charged, delay = _row(int(wrong.code or 0), error, message, html)
    told = redact_page(message, keys) if html else redact(message, keys)
    return Failure(code, charged, delay, detail=f"{wrong.code} {told}"[:500].strip())


def _row(status: int, error: dict[str, Any], message: str, html: bool) -> tuple[str, Charged, float | None]:
    details = [d for d in error.get("details") or [] if isinstance(d, dict)]
    if status == 400:
        reasons = {str(d.get("reason")) for d in details}
        if "API_KEY_INVALID" in reasons or error.get("status") == "FAILED_PRECONDITION":  # a wrong key is a 400
            return "auth", Charged.NO, None
    if status == 429:
        if _is_quota(details) or _SPEND_CAP.search(message):
            day = _is_quota(details)  # its RetryInfo misleads
            return "quota_exhausted", Charged.NO, seconds_to_reset(datetime.now(_PACIFIC)) if day else None
        return "provider_rate_limited", Charged.NO, _retry_delay(details)
    if status == 504 and error.get("status") == "DEADLINE_EXCEEDED":
        return "timeout", Charged.UNKNOWN, None
    return *verdict(status, html=html), None


def seconds_to_reset(now: datetime) -> float:
    """Until the daily quotas are counted anew: at midnight Pacific [G quota docs]."""
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    return max(1.0, midnight.timestamp() - now.timestamp())


def _error_object(details: Any) -> dict[str, Any]:
    if isinstance(details, list) and details:
        details = details[0]
    error = details.get("error", details) if isinstance(details, dict) else {}
    return error if isinstance(error, dict) else {}


def _is_quota(details: list[dict[str, Any]]) -> bool:
    violations = [v for d in details for v in d.get("violations") or [] if isinstance(v, dict)]
    return any("PerDay" in str(v.get("quotaId")) for v in violations)


def _retry_delay(details: list[dict[str, Any]]) -> float | None:
    """Seconds of RetryInfo, "18.2s"."""
    for detail in details:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
        if found:
            return min(float(found[1]), _MAX_DELAY_S)
    return None
