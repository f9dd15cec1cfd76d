"""Prompts that people keep, for themselves or for the team. Times are milliseconds since the epoch."""

from dataclasses import dataclass

from batchgen.domain.models import User

MAX_TEMPLATES = 200  # of one person
MAX_NAME = 80  # characters


@dataclass(frozen=True, slots=True)
class Template:
    id: str
    owner: User
    name: str
    prompt: str
    shared: bool  # with the team
    created_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """What is None stays."""

    name: str | None = None
    prompt: str | None = None
    shared: bool | None = None
