"""A call of a fake provider, and its answer."""

import json
from dataclasses import dataclass, field
from typing import Any

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>nginx</body></html>"


@dataclass
class Call:
    """One request as the provider saw it. Times are seconds since the epoch; the key itself is not kept."""

    model: str = ""
    prompt: str = ""
    images: list[str] = field(default_factory=list)  # SHA-256 of each, in order
    mimes: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)  # "image" and "text" as they came
    options: dict[str, Any] = field(default_factory=dict)
    ratio: float = 1.0
    size: tuple[int, int] | None = None  # pixels of the picture, where the request says them
    key: int = -1  # which of the accepted keys; -1 where all are
    received: float = 0.0
    answered: float | None = None
    status: int | None = None
    behaviour: str = ""


@dataclass
class Reply:
    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(status: int, body: object, **headers: str) -> Reply:
    return Reply(status, json.dumps(body).encode(), headers={k.replace("_", "-"): v for k, v in headers.items()})


class Refused(Exception):
    """The request is not as the provider wants it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply
