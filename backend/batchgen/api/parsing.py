"""One strict reader of what callers send: JSON without surprises, fields named when they are wrong."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from batchgen.errors import AppError, Detail

MAX_JSON_BYTES = 2 * 2**20
_MAX_DEPTH, _MAX_DIGITS = 32, 18


def body_as[M: BaseModel](model: type[M]) -> M:
    """The JSON body as `model`. Raises AppError: unsupported_media_type, body_too_large, invalid_json, and what is
    wrong with its fields."""
    if request.mimetype != "application/json":
        raise AppError("unsupported_media_type", expected="application/json")
    request.max_content_length = MAX_JSON_BYTES
    return checked(model, strict_json(request.get_data(cache=False)))


def query_as[M: BaseModel](model: type[M]) -> M:
    """The query as `model`; a repeated or unknown field is refused by name."""
    return _strings(model, request.args)


def checked[M: BaseModel](model: type[M], value: object) -> M:
    """`value`, already strict JSON, as `model`."""
    if not isinstance(value, dict):
        _bad("object")
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError as wrong:
        raise as_app_error(wrong) from None


def _strings[M: BaseModel](model: type[M], given: MultiDict[str, str]) -> M:
    flat: dict[str, Any] = {}
    for name, values in given.lists():
        if len(values) > 1:
            raise AppError.at(name[:80], "field_invalid", field=name[:80], reason="×2")
        flat[name] = values[0]
    try:
        return model.model_validate_strings(flat)
    except ValidationError as wrong:
        raise as_app_error(wrong) from None


def only_parts(allowed: Iterable[str]) -> None:
    """Refuse the multipart body where a part has another name, or none. Raises AppError("field_unknown")."""
    unknown = sorted({str(name or "") for name in (*request.form, *request.files)} - set(allowed))
    if unknown:
        raise AppError.at(unknown[0][:80], "field_unknown", field=unknown[0][:80])


def strict_json(raw: bytes) -> object:
    """Parse JSON: UTF-8, depth at most 32, no repeated keys, finite numbers in range, encodable text.
    Raises AppError("invalid_json")."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        _bad("UTF-8")
    _check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_bad, parse_int=_whole, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        _bad("surrogate")
    except (ValueError, RecursionError):
        _bad("syntax")
    if _has_nul(value):
        _bad("NUL")
    return value


def _has_nul(value: object) -> bool:
    """Whether any text or name holds a NUL, however deep it lies."""
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(one) for name, one in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def _check_depth(text: str) -> None:
    depth, quoted, escaped = 0, False, False
    for char in text:
        if quoted:
            quoted, escaped = escaped or char != '"', not escaped and char == "\\"
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            if depth > _MAX_DEPTH:
                _bad("depth")
        elif char in "]}":
            depth -= 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise AppError.at(name[:80], "field_invalid", field=name[:80], reason="×2")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        _bad("number")
    return int(digits)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        _bad("number")
    return value


def _bad(reason: str) -> NoReturn:
    raise AppError("invalid_json", reason=reason)


def as_app_error(wrong: ValidationError) -> AppError:
    """Every wrong field by its place, `items[3].upload_id`; one alone gives its own code."""
    details = [_detail(e) for e in wrong.errors(include_input=False, include_url=False)]
    if len(details) == 1:
        return AppError(details[0].code, details, **details[0].params)
    first = details[0].field
    return AppError("validation_failed", details, count=len(details), first=first)


def _detail(error: Mapping[str, Any]) -> Detail:
    place = ""
    for part in error["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    if error["type"] == "missing":
        return Detail(place, "field_required", {"field": place})
    if error["type"] == "extra_forbidden":
        return Detail(place[:80], "field_unknown", {"field": place[:80]})
    return Detail(place, "field_invalid", {"field": place, "reason": _reason(error)})


_LIMITS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "max_length": "≤ {}", "min_length": "≥ {}"}
_TYPES = {"string": "string", "int": "integer", "bool": "true / false", "list": "[ ]", "model": "{ }", "dict": "{ }"}


def _reason(error: Mapping[str, Any]) -> str:
    """What is expected, in signs that every language reads: a limit, the choices, a JSON type."""
    context = error.get("ctx", {})
    for name, form in _LIMITS.items():
        if name in context:
            return form.format(context[name])
    if "expected" in context:
        return str(context["expected"]).replace("'", "")
    return _TYPES.get(str(error["type"]).partition("_")[0], str(error["type"]))
