"""A paid call by plain requests: sent once, read under a cap and a deadline. Knows no provider.

The adapters that post share it; none of them holds a session or reads a body itself.
"""

import ssl
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from batchgen.domain.failures import Charged, Failure
from batchgen.providers.base import (
    CONNECT_TIMEOUT_S,
    MAX_ANSWER_BYTES,
    MAX_ERROR_BYTES,
    AnswerTooLarge,
    looks_like_html,
    verdict,
)
from batchgen.providers.guard import read_bounded

_POOL = 64
_NO = Charged.NO


class Answer(NamedTuple):
    """What came back, whatever its status. `headers` are found in any case."""

    status: int
    headers: Mapping[str, str]
    text: str
    html: bool


class Cut(Exception):
    """An answer that began and did not end as it should. `status`: what its head said."""

    def __init__(self, status: int, wrong: Exception) -> None:
        super().__init__(status)
        self.status, self.wrong = status, wrong


class Poster:
    """The connections of one provider. Safe for threads."""

    def __init__(self) -> None:
        self._session: requests.Session | None = None
        self._lock = threading.Lock()

    def post(self, url: str, key: str, *, timeout_s: float, **body: Any) -> Answer:
        """One call. `body`: as `requests` takes it. Raises what `failure_of` understands."""
        return self._exchange("POST", url, key, timeout_s, body)

    def get(self, url: str, key: str, *, timeout_s: float) -> Answer:
        """What may be asked for freely. Raises as `post`."""
        return self._exchange("GET", url, key, timeout_s, {})

    def _exchange(self, method: str, url: str, key: str, timeout_s: float, body: dict[str, Any]) -> Answer:
        with self._sent(method, url, key, timeout_s, body) as response:
            status = response.status_code
            try:
                deadline = time.monotonic() + timeout_s - response.elapsed.total_seconds()
                text = _read(response.raw, status, deadline)
            except Exception as wrong:  # noqa: BLE001 - handed on with what is known of the answer
                raise Cut(status, wrong) from None
            return Answer(
                status, response.headers, text, looks_like_html(response.headers.get("Content-Type", ""), text)
            )

    def close(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            session.close()

    @contextmanager
    def _sent(
        self, method: str, url: str, key: str, timeout_s: float, body: dict[str, Any]
    ) -> Generator[requests.Response]:
        headers = {"Accept-Encoding": "identity", **body.pop("headers", {})}
        with self._kept_session().request(
            method,
            url,
            headers=headers,
            auth=_Bearer(key),
            timeout=(min(CONNECT_TIMEOUT_S, timeout_s), timeout_s),
            stream=True,  # the body is read under our own cap and deadline
            allow_redirects=False,
            **body,
        ) as response:
            yield response

    def _kept_session(self) -> requests.Session:
        """One for all threads: nothing in it changes after it is made, and its pool is safe for threads. Made at the
        first call, so after any fork."""
        with self._lock:
            if self._session is None:
                session = requests.Session()
                session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
                once = HTTPAdapter(pool_maxsize=_POOL, max_retries=0)  # a retry pays twice
                session.mount("https://", once)
                session.mount("http://", once)
                self._session = session
            return self._session


class _Bearer(AuthBase):
    """The key as a header, or none for a server that asks for none. As `auth`, because requests would otherwise let a
    .netrc of the host replace it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def failure_of(wrong: Exception, answer: Answer | None) -> Failure:
    """Any exception of a call: in making the request, in `Poster.post`, or in reading its `answer`. Takes no text from
    it: it may hold the request."""
    if answer is not None:
        return _failure_of_cut(answer.status, wrong)
    if isinstance(wrong, Cut):
        return _failure_of_cut(wrong.status, wrong.wrong)
    if isinstance(wrong, ValueError):  # InvalidHeader, InvalidURL, UnicodeError
        return Failure("auth", _NO, detail="the key or the base URL holds a character that cannot be sent")
    if isinstance(wrong, requests.RequestException | urllib3.exceptions.HTTPError | OSError):
        if _is_unsent(wrong):
            return Failure("upstream_busy", _NO, detail="no connection")
        return Failure("timeout", Charged.UNKNOWN, detail="no answer")
    return Failure("invalid_input", _NO, detail=type(wrong).__name__)  # refused here before anything was sent


def _failure_of_cut(status: int, wrong: Exception) -> Failure:
    if status != 200:
        code, charged = verdict(status)
        return Failure(code, charged, detail=str(status))
    if isinstance(wrong, AnswerTooLarge):
        return Failure("bad_output", Charged.YES, detail="the answer is too large")
    if isinstance(wrong, requests.RequestException | urllib3.exceptions.HTTPError | OSError):
        return Failure("timeout", Charged.UNKNOWN, detail="the answer was cut")
    return Failure("bad_output", Charged.YES, detail="the answer could not be read")


def _is_unsent(wrong: Exception) -> bool:
    """Whether there was no connection to send anything on: name, refusal, connect timeout, TLS, proxy."""
    if isinstance(wrong, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(wrong.args[0], "reason", None) if wrong.args else None
    if isinstance(reason, urllib3.exceptions.SSLError):  # an end without goodbye may also come after sending
        return not any(isinstance(a, ssl.SSLEOFError | ssl.SSLZeroReturnError) for a in reason.args)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def _read(raw: urllib3.BaseHTTPResponse, status: int, deadline: float) -> str:
    """The body. Of an error at most its first part: its status has said enough."""
    try:
        limit = MAX_ANSWER_BYTES if status == 200 else MAX_ERROR_BYTES
        return read_bounded(raw, limit=limit, deadline=deadline).decode("utf-8", "replace")
    except AnswerTooLarge:
        if status == 200:
            raise
        return ""
