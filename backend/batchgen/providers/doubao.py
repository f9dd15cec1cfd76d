"""Doubao Seedream on Volcengine Ark, by plain requests. Facts marked [A] are from Ark's SDK, [T] from third parties."""

import base64
import json
from typing import Any

from batchgen.domain.availability import Presence
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Billed, Capabilities, Picture, Request
from batchgen.providers.base import KeyRing, ProviderConfig, decode_base64, mime_of, refusal
from batchgen.providers.catalogue import Entry, Section, catalogue
from batchgen.providers.doubao_failures import failure_of_answer, failure_of_data
from batchgen.providers.doubao_sizes import size_for
from batchgen.providers.download import Downloader, DownloadError
from batchgen.providers.posting import Answer, Poster, failure_of
from batchgen.providers.redaction import redact

BASE_URL = "https://ark.cn-beijing.volces.com/api/v3"


class Doubao:
    """Adapter of Ark's `/images/generations`."""

    id = "doubao"

    def __init__(self, config: ProviderConfig, section: Section | None = None) -> None:
        self._config, self._ring = config, KeyRing(config.keys)
        self._section = section or catalogue()[self.id]
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
        """Ark lists its models only for a signed request of another kind of key, so it is left to the calls."""
        return dict.fromkeys((model.id for model in self._section.offered), Presence.UNKNOWN)

    def close(self) -> None:
        self._poster.close()

    def _entry(self, model: str) -> Entry:
        entry = self._section.find(model)
        if entry is None:
            raise ProviderFailure(Failure("model_unavailable", Charged.NO, detail=redact(model, self._config.keys)))
        return entry

    def _attempt(self, request: Request, entry: Entry, timeout_s: float) -> Picture | Failure:
        answer = None
        try:
            answer = self._poster.post(
                f"{self._base}/images/generations",
                self._ring.take(request.key),
                timeout_s=timeout_s,
                data=json.dumps(_body(request, entry), ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json"},
            )
            if answer.status != 200:
                return failure_of_answer(answer, self._config.keys)
            return self._result(answer, request)
        except Exception as wrong:  # noqa: BLE001 - whatever it is may hold the key, so none may pass
            return failure_of(wrong, answer)

    def _result(self, got: Answer, request: Request) -> Picture | Failure:
        """The picture of a 200, which may also hold errors only, or nothing [A]."""
        try:
            answer = json.loads(got.text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            if got.html:
                return Failure("upstream_unclear", Charged.UNKNOWN, detail="a page in HTML")
            return Failure("bad_output", Charged.YES, detail="the answer is not JSON")
        items = answer.get("data")
        found = [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
        images = [i for i in found if i.get("b64_json") or i.get("url")]
        usage = _counts(answer.get("usage"))
        if not images:
            return failure_of_data([answer, *found], usage.get("generated_images", 0), self._config.keys)
        data = self._bytes(images[0])
        if isinstance(data, Failure):
            return data
        return Picture(
            data=data,
            mime=mime_of(data) or "",
            seed=request.options.seed,
            model_version=str(answer.get("model") or ""),
            usage=usage,
            billed=Billed(max(0, usage.get("generated_images", 0)), usage.get("input_images")),
        )

    def _bytes(self, image: dict[str, Any]) -> bytes | Failure:
        if image.get("b64_json"):
            data = decode_base64(str(image["b64_json"]))
            return data or Failure("bad_output", Charged.YES, detail="the picture is not base64")
        try:
            return self._downloads.fetch(str(image["url"]))
        except DownloadError as failed:
            return Failure("bad_output", Charged.YES, detail=str(failed))


def _body(request: Request, entry: Entry) -> dict[str, Any]:
    """The request as Ark wants it; what a model does not take was refused before."""
    options, sends = request.options, entry.sends
    body: dict[str, Any] = {
        "model": request.model,
        "prompt": request.prompt,
        "response_format": "b64_json",  # a URL would live for a day and have to be fetched
        "watermark": options.watermark,  # Ark's own default is true [A]
    }
    images = [_data_url(image.mime, image.data) for image in request.images]
    if images:
        body["image"] = images[0] if len(images) == 1 else images
    size = size_for(request, entry)
    if size:
        body["size"] = size
    if "sequential" in sends:
        body["sequential_image_generation"] = "disabled"
    if options.format:
        body["output_format"] = options.format
    if options.seed is not None:
        body["seed"] = options.seed & 0x7FFF_FFFF
    return body


def _data_url(mime: str, data: bytes) -> str:
    """Ark wants the format in lower case [T]."""
    return f"data:{mime.lower()};base64,{base64.b64encode(data).decode()}"


def _counts(usage: Any) -> dict[str, int]:
    return {k: v for k, v in usage.items() if type(v) is int} if isinstance(usage, dict) else {}
