"""Who else may see a batch: the team, and whoever holds a link. Times are milliseconds since the epoch."""

import re
from dataclasses import dataclass

MAX_LINKS = 20  # of one batch, alive at once
MAX_LINK_DAYS = 90
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # 256 random bits


@dataclass(frozen=True, slots=True)
class Link:
    """A link that opens one batch's results until `expires_ms`. Its token is not known here: only its hash is kept."""

    id: str
    batch_id: str
    created_ms: int
    expires_ms: int
    approved_only: bool = False  # it shows what a person has approved, else all that succeeded


@dataclass(frozen=True, slots=True)
class Sharing:
    """`links` may hold some that have expired: nobody is waiting to take them out."""

    team: bool = False
    links: tuple[Link, ...] = ()

    def alive(self, now_ms: int) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.expires_ms > now_ms)


def is_token(text: str) -> bool:
    """Whether `text` can be a link's token at all."""
    return _TOKEN.fullmatch(text) is not None
