"""Identifiers: unguessable, safe in a path, a key and a file's name."""

import re
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(r"[bdult][0-9a-z]{20}")


def new_id(kind: str) -> str:
    """`kind` ("b" batch, "d" duel, "u" upload, "l" link, "t" template) and 100 random bits."""
    return kind + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def is_id(text: str, kind: str) -> bool:
    return text.startswith(kind) and _ID.fullmatch(text) is not None
