"""What all processes know of the models: whether each is still there, and whose turn it is to find out."""

import json
from collections.abc import Mapping

from batchgen.domain.availability import Evidence, ModelState, Presence
from batchgen.store.connection import Client
from batchgen.store.keys import key, lane
from batchgen.store.scripts import Script

HURRY_MS = 60_000  # the least between two probes, however many calls are refused


class Models:
    def __init__(self, client: Client) -> None:
        self._redis = client
        self._note, self._claim = Script(client, "note_models"), Script(client, "claim_probe")

    def all(self) -> dict[str, ModelState]:
        """`provider/model` -> what is known of it."""
        found = self._redis.hgetall(key("models"))
        return {name: _state(text) for name, text in found.items()}

    def get(self, provider: str, model: str) -> ModelState | None:
        text = self._redis.hget(key("models"), lane(provider, model))
        return _state(text) if text else None

    def note(
        self, provider: str, found: Mapping[str, Presence], evidence: Evidence, now_ms: int | None = None
    ) -> dict[str, Presence]:
        """Remember what was found; the models of which it is news. Unknown leaves what is known."""
        flat = self._note(
            now_ms, provider, evidence.value, dict(found), keys=[key("models"), key("probed")]
        )  # fmt: skip
        return {flat[i]: Presence(flat[i + 1]) for i in range(0, len(flat), 2)}

    def claim(self, every_ms: int, config: str = "", now_ms: int | None = None, hurry_ms: int = HURRY_MS) -> bool:
        """Whether this process is the one to probe now. `config`: at a start, a mark of what is configured; a new one
        makes it time, and drops what was found with the old one."""
        return bool(self._claim(now_ms, every_ms, hurry_ms, config, keys=[key("probed"), key("models")]))


def _state(text: str) -> ModelState:
    held = json.loads(text)
    return ModelState(
        Presence(held["state"]), Evidence(held["evidence"]), int(held["since_ms"]), int(held["checked_ms"])
    )
