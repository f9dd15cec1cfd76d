"""Prompts that people keep, and share with the team."""

from batchgen.domain.ids import is_id, new_id
from batchgen.domain.models import User
from batchgen.domain.templates import MAX_TEMPLATES, Template, TemplateChange
from batchgen.errors import AppError
from batchgen.services.access import own_template
from batchgen.services.audit import AuditService
from batchgen.services.checks import Checks
from batchgen.store.templates import Templates


class TemplateService:
    def __init__(self, templates: Templates, checks: Checks, audit: AuditService) -> None:
        self._templates, self._checks, self._audit = templates, checks, audit

    def seen_by(self, user: User) -> list[Template]:
        """Their own and the team's, newest first."""
        return self._templates.seen_by(user.id)

    def add(self, user: User, name: str, prompt: str, *, shared: bool) -> Template:
        """Raises AppError: prompt_empty, prompt_too_long, too_many_templates."""
        self._require_words(prompt)
        template_id = new_id("t")
        if not self._templates.add(template_id, user, TemplateChange(name, prompt, shared)):
            raise AppError("too_many_templates", limit=MAX_TEMPLATES)
        self._audit.write(user, "template.create", template_id, owner=user.id, shared=shared)
        return self._own(user, template_id)

    def change(self, user: User, template_id: str, change: TemplateChange) -> Template:
        """Raises AppError: not_found, template_read_only, prompt_empty, prompt_too_long."""
        template = self._own(user, template_id)
        if change.prompt is not None:
            self._require_words(change.prompt)
        if not self._templates.change(template, change):
            raise AppError("not_found")  # deleted meanwhile
        self._audit.write(user, "template.change", template_id, owner=template.owner.id)
        return self._own(user, template_id)

    def remove(self, user: User, template_id: str) -> None:
        """Raises AppError: not_found, template_read_only."""
        template = self._own(user, template_id)
        if self._templates.remove(template):
            self._audit.write(user, "template.delete", template_id, owner=template.owner.id)

    def _require_words(self, prompt: str) -> None:
        if wrong := self._checks.prompt_faults("prompt", prompt):
            raise AppError(wrong[0].code, wrong, **wrong[0].params)

    def _own(self, user: User, template_id: str) -> Template:
        return own_template(user, self._templates.get(template_id) if is_id(template_id, "t") else None)
