"""Prompts that people keep, for themselves or for the team."""

from typing import Any

from flask import Blueprint, Response

from batchgen.api.context import current_user
from batchgen.api.contract import operation
from batchgen.schemas.templates import TemplateIn, TemplateOut, TemplatePatchIn, TemplatesOut
from batchgen.services.templates import TemplateService


def blueprint(templates: TemplateService) -> Blueprint:
    bp = Blueprint("templates", __name__, url_prefix="/api/templates")

    @bp.get("")
    @operation("My templates and the team's, newest first", {200: TemplatesOut})
    def list_templates() -> Any:
        return TemplatesOut(items=[TemplateOut.of(one) for one in templates.seen_by(current_user())])

    @bp.post("")
    @operation("Keep a prompt as a template", {201: TemplateOut}, body=TemplateIn)
    def create_template(body: TemplateIn) -> Any:
        return TemplateOut.of(templates.add(current_user(), body.name, body.prompt, shared=body.shared)), 201

    @bp.patch("/<template_id>")
    @operation("Change a template", {200: TemplateOut}, body=TemplatePatchIn)
    def change_template(template_id: str, body: TemplatePatchIn) -> Any:
        return TemplateOut.of(templates.change(current_user(), template_id, body.change()))

    @bp.delete("/<template_id>")
    @operation("Delete a template", {204: None})
    def delete_template(template_id: str) -> Response:
        templates.remove(current_user(), template_id)
        return Response(status=204)

    return bp
