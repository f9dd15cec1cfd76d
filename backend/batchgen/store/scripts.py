"""Loads the Lua scripts. A script is one change: state, counters, queue and event together or not at all."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from batchgen.store.connection import Client
from batchgen.store.keys import lua_builders

_LUA = Path(__file__).parent / "lua"
_SHARED = (
    "_notices", "_open", "_prelude", "_hidden", "_reviews", "_turns", "_pace", "_money", "_attempts", "_pilots",
    "_approvals", "_create",
)  # fmt: skip


class Script:
    """One script of `lua/`, run by its hash; `now_ms` is for tests, else Redis's own clock counts."""

    def __init__(self, client: Client, name: str) -> None:
        parts = [(_LUA / f"{part}.lua").read_text() for part in (*_SHARED, name)]
        self._run = client.register_script("\n".join([lua_builders(), *parts]))

    def __call__(self, *args: object, keys: Sequence[str] = ()) -> Any:
        """Run it. Values that are not str or numbers travel as JSON. Raises AppError("state_unavailable")."""
        return self._run(keys=list(keys), args=[_plain(a) for a in args])


def _plain(value: object) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    return json.dumps(value, ensure_ascii=False)
