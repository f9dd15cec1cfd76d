"""The Gemini API's generateContent as it answers on the wire (sources: `Docs`, [G] google-genai 3.4.0)."""

import base64
import binascii
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.calls import Call, Refused, Reply, json_reply
from tests.fakes.pictures import picture_for, ratio_from, ratio_of
from tests.fakes.wire import FakeServer, main

MODELS = {"gemini-nano-banana-2.1", "gemini-3-pro-image", "gemini-3.1-flash-lite-image", "gemini-2.5-flash-image"}
UNLISTED = {"gemini-3.1-flash-lite-image"}  # there, though the list leaves it out
RATIOS = {  # ratio -> pixels at 1K; a name is held within 1 %
    "1:1": (1024, 1024), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:3": (1200, 896),
    "4:5": (928, 1152), "5:4": (1152, 928), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
    "1:4": (512, 2048), "4:1": (2048, 512), "1:8": (384, 3072), "8:1": (3072, 384),
}  # fmt: skip
_SCALES = {"512": 0.5, "1K": 1, "2K": 2, "4K": 4}
MIMES = {"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"}
_ASKED = re.compile(r"/v1beta/models(?:/([^/:?]+))?(?:\?(.*))?")
_PATH = re.compile(r"/v1beta/models/([^/:]+):generateContent")
_TYPE = "type.googleapis.com/google.rpc."


def error(code: int, status: str, message: str, *details: dict[str, Any]) -> Reply:
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        body["details"] = list(details)
    return json_reply(code, {"error": body})


def invalid(message: str) -> Reply:
    return error(400, "INVALID_ARGUMENT", message)


def _quota(quota_id: str, delay: str = "18.2s") -> Reply:
    return error(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        {"@type": f"{_TYPE}QuotaFailure", "violations": [{"quotaId": quota_id, "quotaValue": "10"}]},
        {"@type": f"{_TYPE}RetryInfo", "retryDelay": delay},
    )


_BAD_KEY = error(
    400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
    {"@type": f"{_TYPE}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"},
)  # fmt: skip
ERRORS: dict[str, Reply] = {
    "invalid_argument": invalid("Unable to process input image. Please retry with a different one."),
    "key_invalid": _BAD_KEY,
    "unauthenticated": error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    "forbidden": error(403, "PERMISSION_DENIED", "The caller does not have permission"),
    "region": error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    "not_found": error(404, "NOT_FOUND", "models/x is not found for API version v1beta"),
    "too_large": error(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit"),
    "rate_minute": _quota("GenerateRequestsPerMinutePerProjectPerModel"),
    "rate_long": _quota("GenerateRequestsPerMinutePerProjectPerModel", "3600s"),
    "rate_plain": error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "quota_day": _quota("GenerateRequestsPerDayPerProjectPerModel"),
    "spend_cap": error(429, "RESOURCE_EXHAUSTED", "Your project has exceeded its monthly spending cap."),
    "internal": error(500, "INTERNAL", "An internal error has occurred."),
    "overloaded": error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "request_timeout": error(408, "ABORTED", "Request timeout."),
    "cancelled": error(499, "CANCELLED", "The operation was cancelled."),
    "deadline": error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
    "bad_gateway": error(502, "UNKNOWN", "Bad gateway"),
}


class GeminiServer(FakeServer):
    """Base URL: `.url`. `given`: pictures by name; the behaviour `given:<name>` answers with one of them."""

    given: dict[str, bytes] = {}  # noqa: RUF012 - set as a whole, by a test

    def read(self, path: str, headers: dict[str, str], body: bytes) -> Call:
        place = _PATH.fullmatch(path)
        if not place:  # a query, and so a key in it, fits no path
            raise Refused(error(404, "NOT_FOUND", f"Method not found: {path.split('?')[0]}"))
        return self.read_request(place[1], self.admitted(headers), body)

    def admitted(self, headers: dict[str, str]) -> int:
        """The number of the key that asks. Raises Refused."""
        key = headers.get("x-goog-api-key", "")
        number = self.key_of(key)
        if not key:
            raise Refused(error(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers."))
        if number is None:
            raise Refused(_BAD_KEY)
        return number

    def read_request(self, model: str, key: int, body: bytes) -> Call:
        """One request for a picture. Raises Refused."""
        if model not in MODELS - self.gone:
            raise Refused(error(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta"))
        call = Call(model=model, key=key)
        try:
            request = json.loads(body, object_hook=_camel)
            _read_parts(call, request["contents"][-1]["parts"])
            call.options = request["generationConfig"]
        except (ValueError, KeyError, IndexError, TypeError):
            raise Refused(invalid("Invalid JSON payload received.")) from None
        _check_options(call)
        return call

    def models(self, path: str, headers: dict[str, str]) -> Reply | None:
        """The list, two to a page whatever was asked for, or one model."""
        asked = _ASKED.fullmatch(path)
        if not asked:
            return None
        if self.key_of(headers.get("x-goog-api-key", "")) is None:
            return _BAD_KEY
        there = sorted({*MODELS, "gemini-3.8-flash"} - self.gone - UNLISTED)
        if asked[1]:
            if asked[1] in self.gone or asked[1] not in {*there, *UNLISTED}:
                return error(404, "NOT_FOUND", f"Model is not found: models/{asked[1]} for api version v1beta")
            return json_reply(200, _model(asked[1]))
        start = int(parse_qs(asked[2] or "").get("pageToken", ["0"])[0])
        page: dict[str, Any] = {"models": [_model(name) for name in there[start : start + 2]]}
        return json_reply(200, page | ({"nextPageToken": str(start + 2)} if start + 2 < len(there) else {}))

    def reply(self, call: Call, name: str) -> Reply:
        if name in ERRORS:
            return ERRORS[name]
        if name.startswith("given:"):
            return _stop(call, _blob(self.given[name[6:]]))
        if name.startswith("finish:"):
            return _answer(call, {"content": {"parts": [], "role": "model"}, "finishReason": name[7:]})
        return _ANSWERS[name](call)


def _model(name: str) -> dict[str, Any]:
    return {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": ["generateContent"]}


def _camel(fields: dict[str, Any]) -> dict[str, Any]:
    """Protocol buffers take both spellings of a field, and the library sends both [R]."""
    return {re.sub("_([a-z])", lambda found: found[1].upper(), name): value for name, value in fields.items()}


def _read_parts(call: Call, parts: list[dict[str, Any]]) -> None:
    if not parts:
        raise Refused(invalid("contents.parts must not be empty."))
    for part in parts:
        if "text" in part:
            call.prompt, call.order = part["text"], [*call.order, "text"]
            continue
        mime, encoded = part["inlineData"]["mimeType"], part["inlineData"]["data"]
        if mime not in MIMES:
            raise Refused(invalid(f"Unsupported MIME type: {mime}"))
        try:
            data = base64.b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True)
        except binascii.Error:
            raise Refused(invalid("Invalid value at 'contents[0].parts[0].inline_data.data'")) from None
        call.images.append(hashlib.sha256(data).hexdigest())
        call.mimes.append(mime)
        call.order.append("image")
        call.ratio = ratio_of(data)  # without a ratio it follows the input


def _check_options(call: Call) -> None:
    if "IMAGE" not in call.options.get("responseModalities", []):
        raise Refused(invalid("response_modalities must hold IMAGE."))
    image = call.options.get("imageConfig", {})
    ratio, size = image.get("aspectRatio"), image.get("imageSize")
    if ratio is not None and ratio not in RATIOS:
        raise Refused(invalid("Invalid aspect ratio."))
    if size is not None and size not in _SCALES:
        raise Refused(invalid("Invalid image size."))
    if len(call.images) > 14:
        raise Refused(invalid("Too many images."))
    call.ratio = ratio_from(ratio, call.ratio)
    if ratio is not None:
        wide, high = RATIOS[ratio]
        call.size = (int(wide * _SCALES[size or "1K"]), int(high * _SCALES[size or "1K"]))


def _blob(data: bytes, **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(data).decode()}, **more}


def _draft(call: Call) -> dict[str, Any]:
    return _blob(picture_for("draft", []), thought=True)


def _drawn(call: Call, *before: dict[str, Any], after: tuple[dict[str, Any], ...] = ()) -> Reply:
    picture = _blob(picture_for(call.prompt, call.images, call.ratio, size=call.size))
    return _stop(call, *before, picture, *after)


def _stop(call: Call, *parts: dict[str, Any]) -> Reply:
    return _answer(call, {"content": {"parts": list(parts), "role": "model"}, "finishReason": "STOP", "index": 0})


_TOKENS = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}  # of one picture


def _answer(call: Call, *candidates: dict[str, Any], **more: Any) -> Reply:
    made = _TOKENS[call.options.get("imageConfig", {}).get("imageSize", "1K")]
    usage = {"promptTokenCount": 270, "candidatesTokenCount": made, "totalTokenCount": 270 + made}
    body: dict[str, Any] = {"usageMetadata": usage, "modelVersion": call.model, "responseId": "resp-1", **more}
    return json_reply(200, {"candidates": list(candidates), **body} if candidates else body)


_TEXT = {"text": "I cannot draw that."}
_ANSWERS = {
    "ok": lambda call: _drawn(call),
    "text_and_picture": lambda call: _drawn(call, {"text": "Here it is."}),
    "echo_text": lambda call: _drawn(call, {"text": call.prompt}),
    "drafts": lambda call: _drawn(call, {"text": "thinking", "thought": True}, _draft(call), _draft(call)),
    "late_draft": lambda call: _drawn(call, after=(_draft(call),)),
    "thought_only": lambda call: _stop(call, _draft(call)),
    "text_only": lambda call: _stop(call, _TEXT),
    "no_parts": lambda call: _answer(call, {"finishReason": "STOP", "content": {"role": "model"}}),
    "no_content": lambda call: _answer(call, {"finishReason": "NO_IMAGE"}),
    "blocked": lambda call: _answer(call, promptFeedback={"blockReason": "PROHIBITED_CONTENT"}),
    "empty_candidates": lambda call: json_reply(200, {"candidates": [], "modelVersion": call.model}),
    "no_candidates": lambda call: _answer(call),
    "bad_base64": lambda call: _stop(call, {"inlineData": {"mimeType": "image/png", "data": "%%%"}}),
    "new_field": lambda call: _answer(
        call,
        {"finishReason": "STOP", "content": {"parts": [_blob(picture_for(call.prompt, call.images))]}, "novelty": 1},
        novelty={"a": 1},
    ),
    "echo": lambda call: error(400, "INVALID_ARGUMENT", f"no good: {call.prompt}"),
}

if __name__ == "__main__":
    main(GeminiServer)
