"""Prompts that people keep: one hash each, found by their owner or, where they are shared, by the team."""

from collections.abc import Mapping

from batchgen.domain.models import User
from batchgen.domain.templates import MAX_TEMPLATES, Template, TemplateChange
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.scripts import Script


class Templates:
    def __init__(self, client: Client) -> None:
        self._redis, self._keep = client, Script(client, "keep_template")

    def add(self, template_id: str, owner: User, change: TemplateChange, now_ms: int | None = None) -> bool:
        """False: its owner has too many."""
        fields = {"owner": owner.id, "owner_name": owner.name} | _fields(change)
        return self._run(now_ms, template_id, owner.id, MAX_TEMPLATES, fields) == 1

    def change(self, template: Template, change: TemplateChange, now_ms: int | None = None) -> bool:
        """False: it is gone."""
        return self._run(now_ms, template.id, template.owner.id, None, _fields(change)) == 1

    def remove(self, template: Template) -> bool:
        """False: it was gone."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.delete(key("template", template.id))
        pipe.zrem(key("templates", template.owner.id), template.id)
        pipe.zrem(key("teamtemplates"), template.id)
        return bool(pipe.execute()[0])

    def get(self, template_id: str) -> Template | None:
        return _template(template_id, self._redis.hgetall(key("template", template_id)))

    def seen_by(self, owner: str) -> list[Template]:
        """The owner's and the team's, newest first, each once."""
        pipe = self._redis.pipeline()
        pipe.zrange(key("templates", owner), 0, -1)
        pipe.zrange(key("teamtemplates"), 0, -1)
        mine, shared = pipe.execute()
        ids = list(dict.fromkeys([*mine, *shared]))
        for template_id in ids:
            pipe.hgetall(key("template", template_id))
        found = [one for pair in zip(ids, pipe.execute(), strict=True) if (one := _template(*pair))]
        return sorted(found, key=lambda one: (-one.created_ms, one.id))

    def _run(self, now_ms: int | None, template_id: str, owner: str, most: int | None, fields: dict[str, str]) -> int:
        keys = [key("template", template_id), key("templates", owner), key("teamtemplates")]
        return int(self._keep(now_ms, template_id, most, fields, keys=keys))


def _fields(change: TemplateChange) -> dict[str, str]:
    fields: dict[str, str] = {}
    if change.name is not None:
        fields["name"] = change.name
    if change.prompt is not None:
        fields["prompt"] = change.prompt
    if change.shared is not None:
        fields["shared"] = "1" if change.shared else ""
    return fields


def _template(template_id: str, stored: Mapping[str, str]) -> Template | None:
    if not stored:
        return None
    return Template(
        template_id, User(stored["owner"], stored["owner_name"]), stored["name"], stored["prompt"],
        stored["shared"] == "1", int(stored["created"]), int(stored["updated"]),
    )  # fmt: skip
