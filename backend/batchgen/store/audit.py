"""The audit log: a stream that is only ever added to."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from batchgen.domain.audit import Act, Caller, Doing
from batchgen.domain.models import User
from batchgen.store.connection import Client
from batchgen.store.keys import key

_CHUNK = 500
_HEARD_S = 3600


class Audit:
    """`longest`: how many acts are kept; the oldest go."""

    def __init__(self, client: Client, longest: int) -> None:
        self._redis, self._longest = client, longest

    def add(self, actor: User, action: Doing, target: str, caller: Caller, details: Mapping[str, object]) -> None:
        fields = {
            "actor": actor.id, "name": actor.name, "role": actor.role, "action": action, "target": target,
            "address": caller.address, "via": caller.via, "details": json.dumps(dict(details), ensure_ascii=False),
        }  # fmt: skip
        self._redis.xadd(key("audit"), fields, maxlen=self._longest, approximate=False)

    def is_news(self, action: str, target: str, address: str) -> bool:
        """Whether the same was not asked within the last hour."""
        seen = hashlib.sha256(f"{action} {target} {address}".encode()).hexdigest()
        return bool(self._redis.set(key("heard", seen), 1, ex=_HEARD_S, nx=True))

    def newest(self, before: str | None) -> Iterator[Act]:
        """Acts, newest first, older than the id `before`."""
        top = f"({before}" if before else "+"
        while entries := self._redis.xrevrange(key("audit"), max=top, count=_CHUNK):
            for entry_id, raw in entries:
                yield _act(str(entry_id), raw)
            top = f"({entries[-1][0]}"


def _act(entry_id: str, raw: Mapping[str, Any]) -> Act:
    return Act(
        id=entry_id, at_ms=int(entry_id.partition("-")[0]), actor=User(raw["actor"], raw["name"], raw["role"]),
        action=raw["action"], target=raw["target"], caller=Caller(raw["address"], raw["via"]),
        details=json.loads(raw["details"]),
    )  # fmt: skip
