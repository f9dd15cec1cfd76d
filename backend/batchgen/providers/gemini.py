"""Gemini through google-genai 3.x. Facts marked [G] are from the library's source, [R] from running it."""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpx2
from google import genai
from google.genai import types

from batchgen.domain.availability import Presence
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Billed, Capabilities, Picture, Request
from batchgen.domain.ratios import promised_ratio
from batchgen.providers.base import (
    CONNECT_TIMEOUT_S,
    MAX_ANSWER_BYTES,
    MAX_ERROR_BYTES,
    AnswerTooLarge,
    KeyRing,
    ProviderConfig,
    key_id,
    looks_like_html,
    refusal,
)
from batchgen.providers.catalogue import Entry, Section, catalogue
from batchgen.providers.gemini_failures import Answered, failure_of, failure_of_finish
from batchgen.providers.gemini_models import probe
from batchgen.providers.redaction import redact

BASE_URL = "https://generativelanguage.googleapis.com/"
_POOL = 100
_ANSWER_FIELDS = {"candidates", "prompt_feedback", "usage_metadata", "model_version", "response_id"}


class Gemini:
    """Adapter of the Gemini API's generateContent."""

    id = "gemini"

    def __init__(self, config: ProviderConfig, section: Section | None = None) -> None:
        self._section = section or catalogue()[self.id]
        self._config, self._ring = config, KeyRing(config.keys)
        self._http: httpx2.Client | None = None
        self._clients: dict[str, genai.Client] = {}
        self._lock = threading.Lock()
        self._wire = _Wire()

    def capabilities(self, model: str) -> Capabilities:
        return self.entry(model).capabilities

    def generate(self, request: Request, *, timeout_s: float) -> Picture:
        """One call of generateContent, at most `timeout_s` seconds. Raises ProviderFailure only."""
        entry = self.entry(request.model)
        outcome = refusal(request, entry) or self._attempt(request, entry.capabilities, timeout_s)
        if isinstance(outcome, Failure):  # raised here, where no exception that holds the key is being handled
            raise ProviderFailure(outcome)
        return outcome

    def probe(self, *, timeout_s: float) -> dict[str, Presence]:
        """By `models.list`, and `models.get` of what it lacks."""
        clients = (self._client(key) for key in self._config.keys)
        return probe(clients, [model.id for model in self._section.offered], timeout_s)

    def http(self) -> httpx2.Client:
        """The connections, watched and bounded: made at the first call, so after any fork."""
        with self._lock:
            if self._http is None:
                self._http = self._wire.client()
            return self._http

    def key(self, id_: str) -> str:
        """The key of that id. Raises ProviderFailure where it is gone: another one knows nothing of its jobs."""
        if key_id(key := self._ring.take(id_)) != id_:
            raise ProviderFailure(Failure("auth", Charged.NO, detail="the key of this job is no longer configured"))
        return key

    def failure(self, wrong: Exception) -> Failure:
        """What went wrong with this thread's last exchange."""
        return failure_of(wrong, self._wire.answered, self._config.keys)

    def begin(self) -> None:
        """Forget this thread's last exchange."""
        self._wire.answered = None

    @property
    def base_url(self) -> str:
        return self._config.base_url or BASE_URL  # never empty: the library would ask the environment

    @property
    def keys(self) -> tuple[str, ...]:
        return self._config.keys

    def close(self) -> None:
        with self._lock:
            http, self._http, self._clients = self._http, None, {}
        if http is not None:
            http.close()

    def entry(self, model: str) -> Entry:
        entry = self._section.find(model)
        if entry is None:
            raise ProviderFailure(Failure("model_unavailable", Charged.NO, detail=redact(model, self._config.keys)))
        return entry

    def _attempt(self, request: Request, model: Capabilities, timeout_s: float) -> Picture | Failure:
        self._wire.answered = None
        try:
            answer = self._client(self._ring.take(request.key)).models.generate_content(
                model=request.model, contents=contents_of(request), config=config_of(request, model, timeout_s)
            )
            return picture_of(answer, request.options.seed, self._config.keys)
        except Exception as wrong:  # noqa: BLE001 - whatever it is may hold the key, so none may pass
            return failure_of(wrong, self._wire.answered, self._config.keys)

    def _client(self, key: str) -> genai.Client:
        """The client of `key`: kept, as the garbage collector closes a client that nobody holds [R]."""
        http = self.http()
        with self._lock:
            if key not in self._clients:
                options = types.HttpOptions(
                    base_url=self.base_url,
                    api_version="v1beta",  # the library's own default is v1; relays may have only v1beta [G]
                    retry_options=types.HttpRetryOptions(attempts=1),  # a retry pays twice [G]
                    httpx_client=http,
                )
                self._clients[key] = genai.Client(api_key=key, vertexai=False, http_options=options)
            return self._clients[key]


def contents_of(request: Request) -> types.Content:
    """Images first, prompt last: the order that the API expects."""
    images = (types.Part.from_bytes(data=image.data, mime_type=image.mime) for image in request.images)
    return types.Content(role="user", parts=[*images, types.Part.from_text(text=request.prompt)])


def config_of(request: Request, model: Capabilities, timeout_s: float) -> types.GenerateContentConfig:
    options = request.options
    ratio = promised_ratio(model, options, request.base_size).word  # left to itself, it follows the last image ?
    image = {"aspect_ratio": ratio or options.aspect_ratio, "image_size": options.size}
    wanted = {name: value for name, value in image.items() if value}  # an empty string is not the default
    return types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        automatic_continuation=False,  # a second call would be billed too [G]
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        image_config=types.ImageConfig(**wanted) if wanted else None,
        seed=None if options.seed is None else options.seed & 0x7FFF_FFFF,  # int32
        http_options=types.HttpOptions(timeout=max(1, int(timeout_s * 1000))),  # milliseconds [G]
    )


def picture_of(answer: types.GenerateContentResponse, seed: int | None, keys: Iterable[str]) -> Picture | Failure:
    """The last picture that is no draft, else why there is none."""
    if not answer.model_fields_set & _ANSWER_FIELDS:  # the library makes an empty answer of any JSON [R]
        return Failure("bad_output", Charged.YES, detail="the answer has another shape")
    feedback = answer.prompt_feedback
    if (feedback is not None and feedback.block_reason is not None) or not answer.candidates:
        reason = feedback.block_reason_message or _name(feedback.block_reason) if feedback else ""
        # the few tokens of the prompt are billed, a picture is not
        return Failure("blocked_input", Charged.NO, detail=redact(reason or "no candidates", keys))
    candidate = answer.candidates[0]
    parts = (candidate.content.parts if candidate.content else None) or []
    final = [part for part in parts if part.thought is not True]  # drafts come as thoughts
    text = " ".join(part.text for part in final if part.text)
    blobs = [part.inline_data for part in final if part.inline_data and part.inline_data.data]
    if not blobs:
        told = candidate.finish_message or text
        return failure_of_finish(_name(candidate.finish_reason), redact(told, keys))
    return Picture(
        data=blobs[-1].data or b"",
        mime=blobs[-1].mime_type or "",
        description=redact(text, keys),
        seed=seed,
        model_version=answer.model_version or "",
        response_id=answer.response_id or "",
        usage=_usage(answer.usage_metadata),
        billed=_billed(answer.usage_metadata),
    )


def _name(value: Any) -> str:
    """The name of an enumeration's member; values that the library does not know come as members too [R]."""
    return str(getattr(value, "name", value) or "")


def _usage(metadata: types.GenerateContentResponseUsageMetadata | None) -> dict[str, int]:
    counts = metadata.model_dump(exclude_none=True) if metadata else {}
    return {name: count for name, count in counts.items() if type(count) is int}


def _billed(metadata: types.GenerateContentResponseUsageMetadata | None) -> Billed:
    """The tokens of the picture; those of a text beside it have another price, and are few."""
    if metadata is None:
        return Billed()
    details = metadata.candidates_tokens_details or []
    pictures = sum(d.token_count or 0 for d in details if d.modality is types.MediaModality.IMAGE)
    return Billed(output_tokens=pictures or metadata.candidates_token_count or 0)


class _Wire(threading.local):
    """Watches the HTTP exchange of the calling thread: the library's timeouts are per read, and its exceptions do
    not tell whether an answer came."""

    answered: Answered | None = None
    deadline: float = 0.0

    def client(self) -> httpx2.Client:
        return httpx2.Client(
            follow_redirects=False,  # the key's header would follow to any host
            limits=httpx2.Limits(max_connections=_POOL, max_keepalive_connections=_POOL),
            event_hooks={"request": [self._before], "response": [self._after]},
        )

    def _before(self, request: httpx2.Request) -> None:
        timeout = request.extensions["timeout"]
        self.deadline = time.monotonic() + timeout["read"]
        timeout["connect"] = min(timeout["connect"], CONNECT_TIMEOUT_S)

    def _after(self, response: httpx2.Response) -> None:
        self.answered = Answered(response.status_code, looks_like_html(response.headers.get("content-type", "")))
        response.request.extensions["timeout"]["read"] = max(0.05, self.deadline - time.monotonic())
        if isinstance(response.stream, httpx2.SyncByteStream):
            limit = response.request.extensions.get("limit", MAX_ANSWER_BYTES)
            response.stream = _Bounded(
                response.stream, self.deadline, is_error=response.status_code != 200, limit=limit
            )  # fmt: skip


class _Bounded(httpx2.SyncByteStream):
    """A body that ends at its cap and at the call's deadline."""

    def __init__(self, body: httpx2.SyncByteStream, deadline: float, *, is_error: bool, limit: int) -> None:
        self._body, self._deadline, self._is_error = body, deadline, is_error
        self._limit = MAX_ERROR_BYTES if is_error else limit

    def __iter__(self) -> Iterator[bytes]:
        left = self._limit
        for chunk in self._body:
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("deadline of the call")
            left -= len(chunk)
            if left < 0:
                if self._is_error:
                    return  # its status has said enough
                raise AnswerTooLarge
            yield chunk

    def close(self) -> None:
        self._body.close()
