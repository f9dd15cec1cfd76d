"""Prompts with variables: `a {colour} shoe` and the values of one item make the words that are sent.

`{name}` is a variable where the name is letters of any script, digits, `_`, `-` and spaces, 64 characters at most.
`{{` stands for `{`, and the `}}` that closes it for `}`. Every other brace, as in JSON, stays as it was typed.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

FILENAME = "filename"  # always there: the item's name without its ending
MAX_NAME, MAX_VALUE, MAX_VARIABLES = 64, 2000, 50  # characters, characters, of one item
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]{1,200})\}")


class Text(str):
    """Words that are sent as they are."""

    __slots__ = ()


class Variable(str):
    """The name of a value to put in."""

    __slots__ = ()


class Resolved(NamedTuple):
    """The words of one item. `missing`: variables without a value, in order; `prompt` then is None."""

    prompt: str | None
    missing: tuple[str, ...]
    used: dict[str, str]


def clean_name(raw: str) -> str:
    """A variable's name as it is compared: composed, without spaces around it."""
    return unicodedata.normalize("NFC", raw).strip(" ")


def is_name(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and all(c in "_- " or unicodedata.category(c)[0] in "LMN" for c in name)


@lru_cache(64)
def parse(template: str) -> tuple[Text | Variable, ...]:
    """The parts of `template`, in order."""
    parts: list[Text | Variable] = []
    words, at, opened = [], 0, 0
    for found in _TOKEN.finditer(template):
        name = clean_name(found[1] or "")
        if found[0] == "{{":
            words += [template[at : found.start()], "{"]
            opened += 1
        elif found[0] == "}}" and opened:
            words += [template[at : found.start()], "}"]
            opened -= 1
        elif is_name(name):
            parts += [Text("".join([*words, template[at : found.start()]])), Variable(name)]
            words = []
        else:
            continue
        at = found.end()
    parts.append(Text("".join([*words, template[at:]])))
    return tuple(part for part in parts if part)


def variables_of(template: str) -> tuple[str, ...]:
    """The names in use, in order, each once."""
    return tuple(dict.fromkeys(str(part) for part in parse(template) if isinstance(part, Variable)))


def resolve(template: str, values: Mapping[str, str]) -> Resolved:
    """`template` with `values`, whose names are clean. A blank value is none; a value is not looked into."""
    used = {name: values.get(name, "") for name in variables_of(template)}
    missing = tuple(name for name, value in used.items() if not value.strip())
    if missing:
        return Resolved(None, missing, {})
    words = (used[part] if isinstance(part, Variable) else part for part in parse(template))
    return Resolved("".join(words), (), used)
