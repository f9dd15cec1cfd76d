"""OpenAI's `/images/generations` and `/images/edits` as they answer on the wire, and as relays do."""

import base64
import email.parser
import email.policy
import hashlib
import json
import re
from typing import Any

from tests.fakes.calls import HTML, Call, Refused, Reply, json_reply
from tests.fakes.pictures import picture_for, ratio_from, ratio_of, size_from
from tests.fakes.wire import FakeServer, main

MODELS = ("gpt-image-2.5-sunburst", "gpt-image-2.5-flare", "gpt-image-2")
_FIELDS = {"model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression", "moderation"}
_FIXED = {"1024x1024", "1536x1024", "1024x1536"}


def error(
    status: int, code: str | None, message: str = "The request failed.", type_: str = "", **headers: str
) -> Reply:
    body = {"message": message, "type": type_ or "invalid_request_error", "param": None, "code": code}
    return json_reply(status, {"error": body}, x_request_id="req_test", **headers)


ERRORS: dict[str, Reply] = {
    "moderation": error(400, "moderation_blocked", "Rejected by our safety system.", "image_generation_user_error"),
    "policy": error(400, "content_policy_violation"),
    "bad_value": error(400, "invalid_value", "Invalid value: 'x'."),
    "bad_request": error(400, None),
    "unprocessable": error(422, None),
    "too_large": error(413, None),
    "invalid_key": error(401, "invalid_api_key", "Incorrect API key provided: test-k**-1."),
    "unauthorized": error(401, None),
    "forbidden": error(403, "unsupported_country_region_territory", type_="request_forbidden"),
    "no_model": error(404, "model_not_found"),
    "not_found": error(404, None),
    "rate": error(429, "rate_limit_exceeded", "Rate limit reached.", "requests", retry_after="7"),
    "rate_ms": error(429, "rate_limit_exceeded", type_="tokens", retry_after="7", retry_after_ms="1500"),
    "rate_reset": error(429, "rate_limit_exceeded", type_="requests", x_ratelimit_reset_requests="1m12s"),
    "rate_long": error(429, "rate_limit_exceeded", type_="requests", x_ratelimit_reset_requests="2h0m3s"),
    "rate_date": error(429, "rate_limit_exceeded", retry_after="Wed, 21 Oct 2026 07:28:00 GMT"),
    "rate_unnamed": error(429, None, type_="something_new"),
    "no_quota": error(429, "insufficient_quota", type_="insufficient_quota", retry_after="7"),
    "no_quota_by_type": error(429, None, type_="insufficient_quota"),
    "hard_limit": error(400, "billing_hard_limit_reached", type_="billing_limit_user_error"),
    "payment": error(402, None),
    "internal": error(500, None, type_="server_error"),
    "unavailable": error(503, None, type_="server_error"),
    "request_timeout": error(408, None),
    "bad_gateway": error(502, None, type_="server_error"),
    "gateway_timeout": error(504, None, type_="server_error"),
    # relays
    "relay_no_channel": error(503, "model_not_found", "No available channel for the model", "new_api_error"),
    "relay_no_balance": error(403, "insufficient_user_quota", type_="new_api_error"),
    "relay_rate": error(429, None, type_="upstream_error"),
    "relay_html_401": Reply(401, HTML, "text/html"),
    "ok_but_moderation": error(200, "content_policy_violation"),
    "ok_but_rate": error(200, "rate_limit_exceeded", retry_after="3"),
    "ok_but_429": json_reply(200, {"error": {"message": "slow down", "code": 429}}),
    "ok_but_502": json_reply(200, {"error": {"message": "bad gateway", "code": "502"}}),
    "ok_but_unknown": json_reply(200, {"error": {"message": "something new", "type": "new_api_error"}}),
    "ok_but_text": json_reply(200, {"error": "upstream went away", "data": []}),
}


class OpenAIServer(FakeServer):
    """Base URL: `.base_url`. `relay`: takes any model and `response_format`, without which it gives a URL."""

    def __init__(self, *, relay: bool = False, **options: Any) -> None:
        self.relay = relay
        super().__init__(**options)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def read(self, path: str, headers: dict[str, str], body: bytes) -> Call:
        if path not in ("/v1/images/generations", "/v1/images/edits"):
            raise Refused(error(404, None, f"Invalid URL (POST {path})"))
        scheme, _, key = headers.get("authorization", "").partition(" ")
        number = self.key_of(key)
        if number is None or (self.keys and scheme != "Bearer"):
            raise Refused(ERRORS["invalid_key"])
        edits, content_type = path.endswith("edits"), headers.get("content-type", "")
        if content_type.partition(";")[0] != ("multipart/form-data" if edits else "application/json"):
            raise Refused(error(400, "unsupported_content_type"))
        fields, images = _form(content_type, body) if edits else (_json(body), [])
        if edits and not 1 <= len(images) <= 16:
            raise Refused(error(400, "invalid_value", "between 1 and 16 images"))
        self._check(fields)
        call = Call(model=fields["model"], prompt=fields["prompt"], key=number, order=["text"])
        call.images = [hashlib.sha256(data).hexdigest() for _, data in images]
        call.mimes = [mime for mime, _ in images]
        call.options = {name: value for name, value in fields.items() if name not in ("prompt", "model")}
        call.ratio = ratio_from(fields.get("size"), ratio_of(images[0][1]) if images else 1.0)
        call.size = size_from(fields.get("size"))
        return call

    def _check(self, fields: dict[str, Any]) -> None:
        if not fields.get("prompt") or not fields.get("model"):
            raise Refused(error(400, "missing_required_parameter"))
        if fields["model"] in self.gone or (not self.relay and fields["model"] not in MODELS):
            raise Refused(error(404, "model_not_found", f"The model {fields['model']} does not exist."))
        unknown = set(fields) - _FIELDS - ({"response_format", "seed"} if self.relay else set())
        if unknown:
            raise Refused(error(400, "unknown_parameter", f"Unknown parameter: {sorted(unknown)}."))
        if fields.get("quality", "auto") not in ("auto", "low", "medium", "high", "xhigh", "max"):
            raise Refused(error(400, "invalid_value", "quality"))
        if fields.get("output_format", "png") not in ("png", "jpeg", "webp"):
            raise Refused(error(400, "invalid_value", "output_format"))
        if not _is_a_size(str(fields.get("size", "auto"))):
            raise Refused(error(400, "invalid_value", f"Invalid size '{fields['size']}'."))

    def models(self, path: str, headers: dict[str, str]) -> Reply | None:
        """The list, or one model. A relay has a list of chat models only."""
        if not path.startswith("/v1/models"):
            return None
        if self.key_of(headers.get("authorization", "").removeprefix("Bearer ")) is None:
            return ERRORS["invalid_key"]
        there = ["gpt-6", *(() if self.relay else MODELS)]
        rows = [{"id": name, "object": "model", "owned_by": "openai"} for name in there if name not in self.gone]
        wanted = path.removeprefix("/v1/models").strip("/")
        if not wanted:
            return json_reply(200, {"object": "list", "data": rows})
        found = next((row for row in rows if row["id"] == wanted), None)
        missing = error(404, None if self.relay else "model_not_found", f"The model '{wanted}' does not exist")
        return json_reply(200, found) if found else missing

    def reply(self, call: Call, name: str) -> Reply:
        if name in ERRORS:
            return ERRORS[name]
        if name.startswith("url") or (
            name == "ok" and self.relay and call.options.get("response_format") != "b64_json"
        ):
            kind = name if name.startswith("url") else "url"
            return _answer(call, {"url": f"{self.url}/{kind}/{len(self.calls)}.png?sig=abc123"})
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
            "url_expired": Reply(403, b"<Error/>", "application/xml"),
            "url_html": Reply(200, HTML, "text/html"),
            "url_redirect": Reply(302, b"", headers={"Location": f"{self.url}/url/{number}.png"}),
        }.get(name, json_reply(404, {}))


def _is_a_size(size: str) -> bool:
    found = re.fullmatch(r"(\d+)x(\d+)", size)
    if size == "auto" or size in _FIXED or not found:
        return size == "auto" or size in _FIXED
    long, short = sorted((int(found[1]), int(found[2])), reverse=True)
    return long % 16 == short % 16 == 0 and long <= min(3840, 3 * short) and 655_360 <= long * short <= 8_294_400


def _json(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise Refused(error(400, None, "We could not parse the JSON body of your request."))
    return fields


def _form(content_type: str, body: bytes) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """Fields, and (type, bytes) of each image."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    fields: dict[str, Any] = {}
    images: list[tuple[str, bytes]] = []
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes) or name in fields:
            raise Refused(error(400, "duplicate_parameter", f"Duplicate parameter: '{name}'."))  # `image` twice too
        if name in ("image", "image[]"):
            if part.get_content_type() not in ("image/png", "image/jpeg", "image/webp") or not part.get_filename():
                raise Refused(error(400, "unsupported_file_mimetype"))
            images.append((part.get_content_type(), data))
        if name != "image[]":
            fields[name] = "" if name == "image" else data.decode()
    fields.pop("image", None)
    return fields, images


def _answer(call: Call, *items: dict[str, Any], tokens: int = 1756) -> Reply:
    details = {"text_tokens": 10, "image_tokens": 1024 * len(call.images)}
    taken = sum(details.values())
    usage = {
        "input_tokens": taken, "input_tokens_details": details, "output_tokens": tokens, "total_tokens": taken + tokens,
    }  # fmt: skip
    body = {"created": 1_795_000_000, "data": list(items), "usage": usage, "quality": "medium"}
    return json_reply(200, body, x_request_id="req_test")


def _b64(call: Call) -> str:
    kind = str(call.options.get("output_format", "png")).upper()
    return base64.b64encode(picture_for(call.prompt, call.images, call.ratio, kind, call.size)).decode()


_ANSWERS = {
    "ok": lambda call: _answer(call, {"b64_json": _b64(call)}),
    "revised": lambda call: _answer(call, {"b64_json": _b64(call), "revised_prompt": f"better: {call.prompt}"}),
    "data_url": lambda call: _answer(call, {"b64_json": f"data:image/png;base64,{_b64(call)}", "url": ""}),
    "null_error": lambda call: json_reply(200, {"error": None, "data": [{"b64_json": _b64(call)}]}),
    "no_usage": lambda call: json_reply(200, {"data": [{"b64_json": _b64(call)}]}),
    "empty": lambda call: _answer(call, tokens=0),
    "empty_but_billed": lambda call: _answer(call),
    "no_data": lambda call: json_reply(200, {"created": 1}),
    "bad_base64": lambda call: _answer(call, {"b64_json": "%%%"}),
    "inside_url": lambda call: _answer(call, {"url": "http://169.254.169.254/latest/meta-data"}),
    "echo": lambda call: error(400, "invalid_value", f"no good: {call.prompt}"),
}

if __name__ == "__main__":
    main(OpenAIServer)
