"""Gemini's batch API, read and written by ourselves: the library loses the reason of a job that failed, and cannot read
an item's error that has details [R]. Connections, bounds and keys are those of `gemini.py`."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from google.genai import types

from batchgen.domain.economy import JobState, Look
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Request
from batchgen.providers.base import looks_like_html, refusal
from batchgen.providers.gemini import Gemini, config_of, contents_of, picture_of
from batchgen.providers.gemini_failures import CANCELLED, failure_of_answer, failure_of_status
from batchgen.providers.jobs import Result, Staged

_INLINE_BYTES = 18_000_000  # of one request; the API takes 20 MB [D]
_INLINE_ANSWER_BYTES = 48_000_000  # more comes as a file, which is read line by line
_MAX_ANSWER_BYTES = 256_000_000
_MAX_LINE_BYTES = 64_000_000
_MAX_FILE_BYTES = 40_000_000_000
_CHUNK = 8 * 1024 * 1024  # of an upload, as the library cuts it [G]
_CALL_S, _TRANSFER_S = 60.0, 1800.0
_PAGE, _PAGES = 100, 500
_REMOTE = re.compile(r"(batches|files)/[A-Za-z0-9_.-]{1,200}")
_OURS = ("PREPARING", "SENT", "CANCELLING", "ABANDONED")
_STATES = {state.name: state for state in JobState if state.name not in _OURS}


class GeminiJobs:
    """Adapter of batchGenerateContent."""

    def __init__(self, gemini: Gemini) -> None:
        self._gemini = gemini

    def line(self, item_id: str, request: Request) -> bytes:
        entry = self._gemini.entry(request.model)
        refused = refusal(request, entry)
        if refused:
            raise ProviderFailure(refused)
        content = contents_of(request).model_dump(mode="json", by_alias=True, exclude_none=True)
        config = config_of(request, entry.capabilities, 1).model_dump(
            mode="json", by_alias=True, exclude_none=True,
            exclude={"http_options", "automatic_function_calling", "automatic_continuation"},
        )  # fmt: skip
        body = {"key": item_id, "request": {"contents": [content], "generationConfig": config}}
        return json.dumps(body, ensure_ascii=False).encode() + b"\n"

    def stage(self, name: str, requests: Path, *, answer_bytes: int, key: str) -> Staged:
        """Small jobs travel in the request and the answer, others as files."""
        if requests.stat().st_size < _INLINE_BYTES and answer_bytes < _INLINE_ANSWER_BYTES:
            return {"requests": {"requests": [_inline(line) for line in _lines(requests)]}}
        return {"fileName": self._upload(name, requests, key)}

    def create(self, name: str, model: str, staged: Staged, *, key: str, timeout_s: float) -> str:
        body = {"batch": {"displayName": name, "inputConfig": staged}}
        path = f"v1beta/models/{model}:batchGenerateContent"
        return _remote(self._call("POST", path, key, timeout_s=timeout_s, json=body).get("name"))

    def find(self, name: str, key: str) -> list[str]:
        found, token = [], ""
        for _ in range(_PAGES):
            more = {"pageToken": token} if token else {}
            answer = self._call("GET", "v1beta/batches", key, params={"pageSize": str(_PAGE)} | more)
            for job in _dicts(answer.get("operations")):
                if _dict(job.get("metadata")).get("displayName") == name:
                    found.append((str(_dict(job["metadata"]).get("createTime")), _remote(job.get("name"))))
            token = str(answer.get("nextPageToken") or "")
            if not token:
                return [remote for _, remote in sorted(found)]
        # not having seen all of them must not pass for its not being there
        raise ProviderFailure(Failure("upstream_busy", Charged.NO, detail="the list of jobs has no end"))

    def look(self, remote: str, key: str) -> Look:
        job = self._call("GET", f"v1beta/{_remote(remote)}", key)
        said = str(_dict(job.get("metadata")).get("state") or "")
        state = _STATES.get(said.removeprefix("BATCH_STATE_").removeprefix("JOB_STATE_"), JobState.PENDING)
        error = _dict(job.get("error"))
        failed = failure_of_status(error, self._gemini.keys) if state is JobState.FAILED else None
        return Look(state, failed)

    def results(self, remote: str, key: str, scratch: Path) -> Iterator[tuple[str, Result]]:
        job = self._call("GET", f"v1beta/{_remote(remote)}", key, timeout_s=_TRANSFER_S)
        output = _dict(_dict(job.get("metadata")).get("output")) or _dict(job.get("response"))
        inline = _dict(output.get("inlinedResponses"))
        for answer in _dicts(inline.get("inlinedResponses")):
            yield str(_dict(answer.get("metadata")).get("key")), self._result(answer)
        if file := output.get("responsesFile"):
            self._download(_remote(file), key, scratch)
            for line in _lines(scratch):
                answer = _dict(_parsed(line))
                yield str(answer.get("key") or _dict(answer.get("metadata")).get("key")), self._result(answer)

    def cancel(self, remote: str, key: str) -> None:
        self._call("POST", f"v1beta/{_remote(remote)}:cancel", key, json={})

    def _result(self, answer: dict[str, Any]) -> Result:
        error = _dict(answer.get("error"))
        if error:
            return None if error.get("code") == CANCELLED else failure_of_status(error, self._gemini.keys)
        try:
            read = types.GenerateContentResponse._from_response(response=_dict(answer.get("response")), kwargs={})
        except Exception:  # noqa: BLE001 - whatever the library makes of another shape
            return Failure("bad_output", Charged.YES, detail="the answer could not be read")
        return picture_of(read, None, self._gemini.keys)

    # the wire

    def _call(self, method: str, path: str, key: str, *, timeout_s: float = _CALL_S, **what: Any) -> dict[str, Any]:
        return self._told(lambda: self._json(method, f"{self._base}/{path}", key, timeout_s, **what))

    def _upload(self, name: str, file: Path, key: str) -> str:
        """By the resumable protocol; a file that no job uses costs nothing and ends by itself."""
        size = file.stat().st_size
        head = {
            "X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start",
            "X-Goog-Upload-Header-Content-Length": str(size), "X-Goog-Upload-Header-Content-Type": "application/jsonl",
        }  # fmt: skip
        about = {"file": {"displayName": name, "mimeType": "application/jsonl", "sizeBytes": str(size)}}

        def upload() -> str:
            begun = self._read("POST", f"{self._base}/upload/v1beta/files", key, _CALL_S, headers=head, json=about)
            place = urlsplit(begun.headers["x-goog-upload-url"])
            url, answer, offset = (
                f"{self._base}{place.path}?{place.query}",
                begun,
                0,
            )  # never another host
            with file.open("rb") as parts:
                while chunk := parts.read(_CHUNK):
                    command = "upload" if offset + len(chunk) < size else "upload, finalize"
                    part = {"X-Goog-Upload-Command": command, "X-Goog-Upload-Offset": str(offset)}
                    answer = self._read("POST", url, "", _TRANSFER_S, headers=part, content=chunk)
                    offset += len(chunk)
            return _remote(_dict(_dict(json.loads(answer.content)).get("file")).get("name"))

        return self._told(upload)

    def _download(self, remote: str, key: str, to: Path) -> None:
        def download() -> None:
            url = f"{self._base}/v1beta/{remote}:download"
            request = self._request("GET", url, key, _TRANSFER_S, limit=_MAX_FILE_BYTES, params={"alt": "media"})
            with to.open("wb") as out, closing(self._gemini.http().send(request, stream=True)) as answer:
                self._check(answer)
                for chunk in answer.iter_bytes():
                    out.write(chunk)

        self._told(download)

    def _told[T](self, act: Callable[[], T]) -> T:
        """Any failure as ProviderFailure, raised where no exception that holds the key is being handled."""
        self._gemini.begin()
        try:
            return act()
        except ProviderFailure as known:
            failure = known.failure
        except Exception as wrong:  # noqa: BLE001 - whatever it is may hold the key, so none may pass
            failure = self._gemini.failure(wrong)
        raise ProviderFailure(failure)

    def _json(self, method: str, url: str, key: str, timeout_s: float, **what: Any) -> dict[str, Any]:
        return _dict(json.loads(self._read(method, url, key, timeout_s, **what).content))

    def _read(self, method: str, url: str, key: str, timeout_s: float, **what: Any) -> httpx2.Response:
        answer = self._gemini.http().send(self._request(method, url, key, timeout_s, **what))
        self._check(answer)
        return answer

    def _request(
        self, method: str, url: str, key: str, timeout_s: float, *, limit: int = _MAX_ANSWER_BYTES,
        headers: dict[str, str] | None = None, **what: Any,
    ) -> httpx2.Request:  # fmt: skip
        own = {"x-goog-api-key": self._gemini.key(key)} if key else {}
        return self._gemini.http().build_request(
            method, url, headers={**(headers or {}), **own},
            timeout=httpx2.Timeout(timeout_s), extensions={"limit": limit}, **what,
        )  # fmt: skip

    def _check(self, answer: httpx2.Response) -> None:
        if answer.status_code != 200:
            text = answer.read().decode("utf-8", "replace")
            html = looks_like_html(answer.headers.get("content-type", ""), text)
            raise ProviderFailure(failure_of_answer(answer.status_code, text, html, self._gemini.keys))

    @property
    def _base(self) -> str:
        return self._gemini.base_url.rstrip("/")


def _inline(line: bytes) -> dict[str, Any]:
    one = json.loads(line)
    return {"request": one["request"], "metadata": {"key": one["key"]}}


def _lines(file: Path) -> Iterator[bytes]:
    """The lines of a file; one that is too long to be an answer is left out."""
    with file.open("rb") as lines:
        while line := lines.readline(_MAX_LINE_BYTES):
            if line.strip():
                yield line


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _remote(name: object) -> str:
    """A name that may go into a path. Raises ProviderFailure: what has none of that shape was no answer."""
    if not isinstance(name, str) or not _REMOTE.fullmatch(name):
        raise ProviderFailure(Failure("bad_output", Charged.UNKNOWN, detail="the answer has another shape"))
    return name
