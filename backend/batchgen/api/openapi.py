"""The OpenAPI 3.1 document, made from the views' contracts, and its page."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from apispec import APISpec
from flask import Blueprint, Flask, Response, current_app, send_from_directory
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from batchgen import __version__
from batchgen.api.contract import Operation
from batchgen.api.identity import public
from batchgen.errors import MESSAGES, WARNINGS
from batchgen.schemas.misc import ErrorOut

_REF = "#/components/schemas/{model}"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>BatchGen Pro API</title>
<link rel="stylesheet" href="/api/docs/css/swagger-ui.css"></head><body><div id="swagger-ui"></div>
<script src="/api/docs/js/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body></html>"""
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_START = 'window.SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#swagger-ui", validatorUrl: null})'


def document(app: Flask) -> dict[str, Any]:
    """All endpoints of `app` that say their contract."""
    spec = APISpec("BatchGen Pro", __version__, "3.1.0", info={"description": _about()})
    found = [(rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()]
    said = [(rule, view.operation) for rule, view in found if hasattr(view, "operation")]
    models = {m for _, op in said for m in _models(op)} | {ErrorOut}
    ordered = sorted(models, key=lambda m: m.__name__)
    modes = [(m, "validation" if m.__name__.endswith("In") else "serialization") for m in ordered]
    _, schemas = models_json_schema(modes, ref_template=_REF)  # type: ignore[arg-type]
    for name, schema in sorted(schemas["$defs"].items()):
        spec.components.schema(name, schema)
    for rule, op in sorted(said, key=lambda pair: pair[0].rule):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            spec.path(path, operations={method.lower(): _operation(rule.endpoint, path, op)})
    return spec.to_dict()


def _about() -> str:
    codes = "\n".join(f"- `{code}` ({row.status}): {row.en}" for code, row in sorted(MESSAGES.items()))
    warnings = "\n".join(f"- `{code}`: {row.en}" for code, row in sorted(WARNINGS.items()))
    return f"Batches of pictures from images and a prompt.\n\nError codes:\n\n{codes}\n\nWarning codes:\n\n{warnings}"


def _models(op: Operation) -> list[type[BaseModel]]:
    given = [*op.gives.values(), op.body]
    return [m for m in given if isinstance(m, type)]


def _operation(endpoint: str, path: str, op: Operation) -> dict[str, Any]:
    responses = {str(status): _response(shape, op.many) for status, shape in op.gives.items()}
    responses["default"] = {"description": "What is wrong", "content": _json(ErrorOut)}
    told: dict[str, Any] = {
        "operationId": endpoint.replace(".", "_"), "summary": op.summary, "tags": [endpoint.partition(".")[0]],
        "parameters": _parameters(path, op), "responses": responses,
    }  # fmt: skip
    content: dict[str, Any] = _json(op.body) if op.body else {}
    if op.form:
        content["multipart/form-data"] = {"schema": {"type": "object", "properties": op.form}}
    if content:
        told["requestBody"] = {"required": True, "content": content}
    return told


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _response(shape: type[BaseModel] | str | None, many: bool) -> dict[str, Any]:
    if shape is None:
        return {"description": "Done"}
    if isinstance(shape, str):
        return {"description": "Done", "content": {shape: {"schema": {"type": "string", "format": "binary"}}}}
    content = _json(shape)
    if many:
        content["application/json"]["schema"] = {"type": "array", "items": content["application/json"]["schema"]}
    return {"description": "Done", "content": content}


def _parameters(path: str, op: Operation) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    if op.query:
        schema = op.query.model_json_schema(ref_template=_REF)
        for name, one in schema["properties"].items():
            inlined = _inline(one, schema.get("$defs", {}))
            told.append({"name": name, "in": "query", "required": False, "schema": inlined})
    return told + [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}} for name in op.headers
    ]


def _inline(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A query's enum in place: its parameter has no component to point to."""
    if "$ref" in schema:
        return dict(definitions[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return schema | {"anyOf": [_inline(one, definitions) for one in schema["anyOf"]]}
    return schema


def _swagger_ui() -> Path:
    """Where the packaged Swagger UI lies; the package's own code is not needed."""
    found = find_spec("flask_openapi3_swagger")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("flask-openapi3-swagger is not installed")
    return Path(found.submodule_search_locations[0]) / "templates" / "swagger"


def blueprint() -> Blueprint:
    bp = Blueprint("docs", __name__, url_prefix="/api")

    @bp.get("/openapi.json")
    @public
    def openapi() -> dict[str, Any]:
        return document(current_app)

    @bp.get("/docs")
    @public
    def page() -> Response:
        return Response(_PAGE, mimetype="text/html", headers={"Content-Security-Policy": _CSP})

    @bp.get("/docs/start.js")
    @public
    def start() -> Response:
        return Response(_START, mimetype="text/javascript")

    @bp.get("/docs/<any(js, css):kind>/<name>")
    @public
    def part(kind: str, name: str) -> Response:
        return send_from_directory(_swagger_ui() / kind, name)

    return bp
