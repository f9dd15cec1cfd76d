"""Volcengine Ark's `/images/generations` as it answers on the wire (sources: `Docs`; limits [T])."""

import base64
import binascii
import hashlib
import json
import re
from typing import Any

from tests.fakes.calls import HTML, Call, Refused, Reply, json_reply
from tests.fakes.pictures import picture_for, pixels_of, ratio_from, size_from
from tests.fakes.wire import FakeServer, main

# model -> pixels of one picture, whether it takes sequential_image_generation, output_format
MODELS: dict[str, tuple[int, int, bool, bool]] = {
    "doubao-seedream-5-5-261028": (921_600, 4_624_220, False, True),
    "doubao-seedream-5-0-pro-260628": (921_600, 4_624_220, False, True),
    "doubao-seedream-5-0-260128": (3_686_400, 16_777_216, True, True),
    "doubao-seedream-4-5-251128": (3_686_400, 16_777_216, True, False),
    "doubao-seedream-4-0-20260415": (921_600, 16_777_216, True, False),
    "doubao-seedream-4-0-250828": (921_600, 16_777_216, True, False),
}
_FIELDS = {"model", "prompt", "image", "size", "response_format", "watermark", "seed", "stream", "output_format",
           "sequential_image_generation", "sequential_image_generation_options"}  # fmt: skip
_DATA_URL = re.compile(r"data:image/(png|jpeg|webp|bmp|tiff|gif);base64,(.*)", re.DOTALL)


def error(status: int, code: str, message: str = "The request failed.", **headers: str) -> Reply:
    body = {"code": code, "message": f"{message} Request id: 021729", "param": "", "type": "BadRequest"}
    return json_reply(status, {"error": body}, **headers)


ERRORS: dict[str, Reply] = {
    "input_text": error(400, "InputTextSensitiveContentDetected"),
    "input_image": error(400, "InputImageSensitiveContentDetected"),
    "input_risk": error(400, "InputTextRiskDetection"),
    "sensitive": error(400, "SensitiveContentDetected.SevereViolation"),
    "real_person": error(400, "InputImageSensitiveContentDetected.PrivacyInformation"),
    "output_image": error(400, "OutputImageSensitiveContentDetected"),
    "output_risk": error(400, "OutputImageRiskDetection"),
    "missing_parameter": error(400, "MissingParameter"),
    "invalid_parameter": error(400, "InvalidParameter.size", "size is not valid"),
    "invalid_image_url": error(400, "InvalidImageURL.InvalidFormat"),
    "unauthenticated": error(401, "AuthenticationError", "The API key in the request is missing or invalid."),
    "forbidden": error(403, "AccessDenied"),
    "overdue": error(403, "AccountOverdueError"),
    "service_overdue": error(403, "ServiceOverdue"),
    "not_found": error(404, "InvalidEndpointOrModel.NotFound"),
    "not_open": error(404, "ModelNotOpen"),
    "closed": error(400, "ClosedEndpoint"),
    "closed_endpoint": error(400, "InvalidEndpoint.ClosedEndpoint"),
    "rate": error(429, "RateLimitExceeded.EndpointRPMExceeded", Retry_After="7"),
    "rate_ipm": error(429, "ModelAccountIpmRateLimitExceeded"),
    "rate_rpm": error(429, "ModelAccountRpmRateLimitExceeded"),
    "burst": error(429, "RequestBurstTooFast"),
    "inflight": error(429, "InflightBatchsizeExceeded"),
    "rate_unnamed": error(429, "SomethingNew"),
    "set_limit": error(429, "SetLimitExceeded"),
    "quota": error(429, "QuotaExceeded"),
    "overloaded": error(429, "ServerOverloaded"),
    "internal": error(500, "InternalServiceError"),
    "unavailable": error(503, "ServiceUnavailable"),
    "bad_gateway": error(502, "BadGateway"),
    "gateway_timeout": error(504, "GatewayTimeout"),
    "request_timeout": error(408, "RequestTimeout"),
    "too_large": error(413, "RequestTooLarge"),
}


class DoubaoServer(FakeServer):
    """Base URL: `.base_url`. Results by URL are served here too."""

    @property
    def base_url(self) -> str:
        return f"{self.url}/api/v3"

    def read(self, path: str, headers: dict[str, str], body: bytes) -> Call:
        if path != "/api/v3/images/generations":
            raise Refused(error(404, "InvalidAction", "No such path."))
        scheme, _, key = headers.get("authorization", "").partition(" ")
        number = self.key_of(key)
        if scheme != "Bearer" or not key or number is None:
            raise Refused(ERRORS["unauthenticated"])
        try:
            request = json.loads(body)
            call = Call(model=request["model"], prompt=request["prompt"], key=number, order=["text"])
        except (ValueError, KeyError, TypeError):
            raise Refused(error(400, "MissingParameter")) from None
        call.options = {name: value for name, value in request.items() if name not in ("image", "prompt", "model")}
        _check(call, request)
        given = request.get("image", [])
        for image in [given] if isinstance(given, str) else given:
            _read_image(call, image)
        call.ratio, call.size = ratio_from(request.get("size"), call.ratio), size_from(request.get("size"))
        return call

    def reply(self, call: Call, name: str) -> Reply:
        if name in ERRORS:
            return ERRORS[name]
        if name.startswith("url"):
            return _answer(call, {"url": f"{self.url}/{name}/{len(self.calls)}.png?X-Tos-Signature=abc123"})
        return _ANSWERS[name](call)

    def fetch(self, path: str, headers: dict[str, str]) -> Reply:
        """A result by its URL: `/url…/<number of the call>.png`."""
        self.fetches.append(headers)
        name, _, number = path.split("?")[0].removesuffix(".png").strip("/").partition("/")
        call = next(iter(self.calls[int(number) - 1 : int(number)]), Call()) if number.isdigit() else Call()
        picture = Reply(
            200, picture_for(call.prompt, call.images, call.ratio, size=call.size), "application/octet-stream"
        )
        return {
            "url": picture,
            "url_flaky": picture if len(self.fetches) > 2 else Reply(500, b"", "text/plain"),
            "url_expired": Reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml"),
            "url_html": Reply(200, HTML, "text/html"),
            "url_redirect": Reply(302, b"", headers={"Location": f"{self.url}/url/{number}.png"}),
        }.get(name, json_reply(404, {}))


def _check(call: Call, request: dict[str, Any]) -> None:
    if call.model not in MODELS:
        raise Refused(error(404, "InvalidEndpointOrModel.NotFound", f"The model {call.model} does not exist."))
    low, high, sequential, output_format = MODELS[call.model]
    unknown = set(request) - _FIELDS
    if not sequential:
        unknown |= set(request) & {"sequential_image_generation"}
    if not output_format:
        unknown |= set(request) & {"output_format"}
    if unknown:
        raise Refused(error(400, "InvalidParameter", f"unknown fields {sorted(unknown)}"))
    if request.get("response_format", "url") not in ("url", "b64_json"):
        raise Refused(error(400, "InvalidParameter.response_format"))
    found = re.fullmatch(r"(\d+)x(\d+)", str(request.get("size", "2K")))
    if found and not low <= int(found[1]) * int(found[2]) <= high:
        raise Refused(error(400, "InvalidParameter.size", f"pixels must be within {low} and {high}"))
    if not found and request.get("size", "2K") not in ("1K", "1.5K", "2K", "3K", "4K"):
        raise Refused(error(400, "InvalidParameter.size"))


def _read_image(call: Call, image: str) -> None:
    found = _DATA_URL.fullmatch(image)
    if not found:
        raise Refused(ERRORS["invalid_image_url"])
    try:
        data = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        raise Refused(ERRORS["invalid_image_url"]) from None
    wide, high = pixels_of(data)
    if min(wide, high) <= 14 or max(wide, high) > 16 * min(wide, high):
        raise Refused(error(400, "InvalidParameter.image", f"an image of {wide}x{high}"))
    if not call.images:
        call.ratio = wide / high
    call.images.append(hashlib.sha256(data).hexdigest())
    call.mimes.append(f"image/{found[1]}")


def _answer(call: Call, *items: dict[str, Any], made: int = 1) -> Reply:
    usage = {"generated_images": made, "output_tokens": 4096 * made, "total_tokens": 4096 * made}
    return json_reply(200, {"model": call.model, "created": 1_795_000_000, "data": list(items), "usage": usage})


def _failed(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "The request failed."}}


def _b64(call: Call) -> str:
    kind = str(call.options.get("output_format", "jpeg")).upper()
    return base64.b64encode(picture_for(call.prompt, call.images, call.ratio, kind, call.size)).decode()


_ANSWERS = {
    "ok": lambda call: _answer(call, {"b64_json": _b64(call), "size": "1024x1024"}),
    "error_then_picture": lambda call: _answer(call, _failed("InternalServiceError"), {"b64_json": _b64(call)}),
    "data_blocked": lambda call: _answer(call, _failed("OutputImageSensitiveContentDetected"), made=0),
    "data_internal": lambda call: _answer(call, _failed("InternalServiceError"), made=0),
    "data_unknown": lambda call: _answer(call, _failed("SomethingNew"), made=0),
    "empty": lambda call: _answer(call, made=0),
    "empty_but_billed": lambda call: _answer(call, made=1),
    "error_200": lambda call: json_reply(200, {"error": {"code": "RateLimitExceeded", "message": "slow down"}}),
    "bad_base64": lambda call: _answer(call, {"b64_json": "%%%"}),
    "text_only": lambda call: json_reply(200, {"model": call.model, "message": "no picture today"}),
    "inside_url": lambda call: _answer(call, {"url": "http://169.254.169.254/latest/meta-data"}),
    "echo": lambda call: error(400, "InvalidParameter", f"no good: {call.prompt}"),
}

if __name__ == "__main__":
    main(DoubaoServer)
