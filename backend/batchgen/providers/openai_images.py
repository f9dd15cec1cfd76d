"""Any server with OpenAI's images API, by plain requests: OpenAI itself, relays, self-hosted models.

Facts marked [O] are from OpenAI's API reference, [T] from third parties.
"""

import json
from functools import partial
from typing import Any

from batchgen.domain.availability import Presence
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Billed, Capabilities, Picture, Request
from batchgen.providers.base import KeyRing, ProviderConfig, decode_base64, mime_of, refusal
from batchgen.providers.catalogue import Entry, Section, catalogue
from batchgen.providers.download import Downloader, DownloadError
from batchgen.providers.openai_failures import error_of, failure_of_answer, failure_of_error
from batchgen.providers.openai_models import probe
from batchgen.providers.openai_sizes import size_for
from batchgen.providers.posting import Answer, Poster, failure_of
from batchgen.providers.redaction import redact

BASE_URL = "https://api.openai.com/v1"


class OpenAIImages:
    """Adapter of `/images/generations` and `/images/edits`. `section`: which of several such servers it is."""

    def __init__(self, config: ProviderConfig, section: Section | None = None) -> None:
        self._section = section or catalogue()["openai"]
        self.id = self._section.id
        self._config, self._ring = config, KeyRing(config.keys or ("",))  # a server may ask for no key
        self._base = (config.base_url or BASE_URL).rstrip("/")
        self._downloads = Downloader(config.base_url)
        self._poster = Poster()

    def capabilities(self, model: str) -> Capabilities:
        return self._entry(model).capabilities

    def generate(self, request: Request, *, timeout_s: float) -> Picture:
        """One call, at most `timeout_s` seconds, and a minute more to fetch a result by its URL. Raises
        ProviderFailure only."""
        entry = self._entry(request.model)
        outcome = refusal(request, entry) or self._attempt(request, entry, timeout_s)
        if isinstance(outcome, Failure):  # raised here, where no exception that holds the key is being handled
            raise ProviderFailure(outcome)
        return outcome

    def probe(self, *, timeout_s: float) -> dict[str, Presence]:
        """By `GET /models`; a server without it is not found out about."""
        gets = (partial(self._get, key) for key in self._config.keys or ("",))
        return probe(gets, [model.id for model in self._section.offered], timeout_s)

    def close(self) -> None:
        self._poster.close()

    def _get(self, key: str, path: str, timeout_s: float) -> Answer | None:
        try:
            return self._poster.get(f"{self._base}/{path}", key, timeout_s=timeout_s)
        except Exception:  # noqa: BLE001 - whatever it is may hold the key, and says only that no answer came
            return None

    def _entry(self, model: str) -> Entry:
        entry = self._section.find(model)
        if entry is None:
            raise ProviderFailure(Failure("model_unavailable", Charged.NO, detail=redact(model, self._config.keys)))
        return entry

    def _attempt(self, request: Request, entry: Entry, timeout_s: float) -> Picture | Failure:
        answer = None
        try:
            path = "edits" if request.images else "generations"
            body = _form(request, entry) if request.images else _json(request, entry)
            answer = self._poster.post(
                f"{self._base}/images/{path}", self._ring.take(request.key), timeout_s=timeout_s, **body
            )
            if answer.status != 200:
                return failure_of_answer(answer, self._config.keys)
            return self._result(answer, request)
        except Exception as wrong:  # noqa: BLE001 - whatever it is may hold the key, so none may pass
            return failure_of(wrong, answer)

    def _result(self, got: Answer, request: Request) -> Picture | Failure:
        """The picture of a 200, which a relay may also send with an error."""
        try:
            answer = json.loads(got.text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            if got.html:
                return Failure("upstream_unclear", Charged.UNKNOWN, detail="a page in HTML")
            return Failure("bad_output", Charged.YES, detail="the answer is not JSON")
        error = error_of(answer)
        if error:
            return failure_of_error(error, got, self._config.keys)
        items = answer.get("data")
        found = [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
        images = [i for i in found if i.get("b64_json") or i.get("url")]
        usage = _counts(answer.get("usage"))
        if not images:
            charged = Charged.YES if usage.get("output_tokens") else Charged.NO
            return Failure("no_image", charged, detail="no picture in the answer")
        data = self._bytes(images[0])
        if isinstance(data, Failure):
            return data
        return Picture(
            data=data,
            mime=mime_of(data) or "",
            description=redact(str(images[0].get("revised_prompt") or ""), self._config.keys),
            seed=request.options.seed,
            model_version=str(answer.get("model") or ""),
            response_id=got.headers.get("x-request-id", "")[:100],
            usage=usage,
            billed=_billed(usage),
        )

    def _bytes(self, image: dict[str, Any]) -> bytes | Failure:
        if image.get("b64_json"):
            text = str(image["b64_json"])
            data = decode_base64(text.partition(",")[2] if text.startswith("data:") else text)  # so some relays [T]
            return data or Failure("bad_output", Charged.YES, detail="the picture is not base64")
        try:
            return self._downloads.fetch(str(image["url"]))
        except DownloadError as failed:
            return Failure("bad_output", Charged.YES, detail=str(failed))


def _fields(request: Request, entry: Entry) -> dict[str, Any]:
    """The request without its images; what a model does not take was refused before. One picture is the default."""
    options, sends = request.options, entry.sends
    fields: dict[str, Any] = {"model": request.model, "prompt": request.prompt}
    if "size" in sends:
        fields["size"] = size_for(request, entry)
    if "quality" in sends and entry.quality:
        fields["quality"] = entry.quality
    if "response_format" in sends:  # relays would give a URL without it, gpt-image refuses it [O]
        fields["response_format"] = "b64_json"
    if options.format:
        fields["output_format"] = options.format
    if options.seed is not None:
        fields["seed"] = options.seed & 0x7FFF_FFFF
    return fields


def _json(request: Request, entry: Entry) -> dict[str, Any]:
    body = json.dumps(_fields(request, entry), ensure_ascii=False).encode()
    return {"data": body, "headers": {"Content-Type": "application/json"}}


def _form(request: Request, entry: Entry) -> dict[str, Any]:
    """Multipart. The images in order under one name, which has brackets: `image` twice is refused [O]."""
    images = [
        ("image[]", (f"image-{n}.{image.mime.lower().removeprefix('image/')}", image.data, image.mime.lower()))
        for n, image in enumerate(request.images, 1)
    ]
    return {"data": {name: str(value) for name, value in _fields(request, entry).items()}, "files": images}


def _counts(usage: Any) -> dict[str, int]:
    """Tokens as the provider names them, those of its `…_details` as `input_tokens_details.image_tokens`."""
    if not isinstance(usage, dict):
        return {}
    flat = {k: v for k, v in usage.items() if type(v) is int}
    inner = ((k, v) for k, v in usage.items() if isinstance(v, dict))
    return flat | {f"{k}.{name}": n for k, v in inner for name, n in v.items() if type(n) is int}


def _billed(usage: dict[str, int]) -> Billed:
    """Where a server does not tell text from images, all that went in counts at the price of the dearer, images."""
    text, images = (max(0, usage.get(f"input_tokens_details.{kind}_tokens", 0)) for kind in ("text", "image"))
    rest = max(0, usage.get("input_tokens", 0) - text - images)
    return Billed(output_tokens=max(0, usage.get("output_tokens", 0)), text_tokens=text, image_tokens=images + rest)
