"""The streams of changes: written by the scripts, read here."""

import json
import re
from collections.abc import Iterable, Mapping

from batchgen.domain.models import Change, Upload
from batchgen.store.batches import Batches
from batchgen.store.connection import Client
from batchgen.store.items import Items, split_id, to_item
from batchgen.store.keys import key
from batchgen.store.uploads import Uploads

LONGEST = 10_000  # entries; the scripts cut a stream somewhere above it
_ID = re.compile(r"[0-9]{1,15}-[0-9]{1,10}")
Entry = tuple[str, Mapping[str, str]]
_Static = tuple[dict[str, str], dict[str, str], Upload | None]


class Events:
    """`client` reads at once; `waiting` is a connection of its own for blocking reads."""

    def __init__(self, client: Client, waiting: Client, batches: Batches, items: Items, uploads: Uploads) -> None:
        self._redis, self._waiting = client, waiting
        self._batches, self._items, self._uploads = batches, items, uploads

    def last_id(self, owner: str) -> str:
        """The id of the newest entry; "0-0" where there is none."""
        newest = self._redis.xrevrange(key("events", owner), count=1)
        return str(newest[0][0]) if newest else "0-0"

    def holds(self, owner: str, after: str) -> bool:
        """Whether everything behind `after` is still in the stream."""
        if not _ID.fullmatch(after):
            return False
        if after == "0-0":  # from a stream that was empty: all is there unless it has grown long enough to be cut
            return int(self._redis.xlen(key("events", owner))) < LONGEST
        return bool(self._redis.xrange(key("events", owner), min=after, max=after, count=1))

    def since(self, owner: str, after: str, count: int = 200) -> list[Entry]:
        """Up to `count` entries behind `after`, oldest first."""
        return list(self._redis.xrange(key("events", owner), min=f"({after}", count=count))

    def wait(self, cursors: Mapping[str, str], block_ms: int) -> dict[str, list[Entry]]:
        """The next entries of several owners' streams; empty after `block_ms` without any."""
        streams = {key("events", owner): last for owner, last in cursors.items()}
        owners = {key("events", owner): owner for owner in cursors}
        found = self._waiting.xread(streams, count=500, block=block_ms) or []
        pairs = found.items() if isinstance(found, dict) else found
        return {owners[name]: _entries(entries) for name, entries in pairs}

    def hydrate(self, entries: list[Entry]) -> list[Change]:
        """Entries as changes: first the batches they touch, as they stand now and without an id, then each item
        as it stood right after its change. A reader that is cut off between the two gets the batch again."""
        statics = self._statics({fields["i"] for _, fields in entries if "i" in fields})
        changes = []
        for entry_id, fields in entries:
            if "x" in fields:
                changes.append(Change(entry_id, "gone", fields["x"]))
            elif fields.get("i") in statics:
                changes.append(_item_change(entry_id, fields, statics[fields["i"]]))
        touched = [f.get("b") or f.get("i", "").rpartition("-")[0] for _, f in entries]
        batches = self._batches.get_many(dict.fromkeys(touched))
        return [Change("", "batch", batch.id, batch=batch) for batch in batches] + changes

    def _statics(self, item_ids: Iterable[str]) -> dict[str, _Static]:
        """What does not change of each item: its own record and its batch's."""
        by_batch: dict[str, set[int]] = {}
        for item_id in item_ids:
            batch_id, n = split_id(item_id) or ("", 0)
            by_batch.setdefault(batch_id, set()).add(n)
        found: dict[str, _Static] = {}
        for batch_id, indexes in by_batch.items():
            whole = self._batches.raw(batch_id)
            raws = dict(zip(sorted(indexes), self._items.raw(batch_id, sorted(indexes)), strict=True))
            uploads = self._uploads.get_many({raw["upload"] for raw in raws.values() if raw.get("upload")})
            for n, raw in raws.items():
                if raw and whole and "hidden" not in whole:
                    found[f"{batch_id}-{n}"] = (raw, whole, uploads.get(raw.get("upload", "")))
        return found


def _item_change(entry_id: str, fields: Mapping[str, str], static: _Static) -> Change:
    raw, whole, upload = static
    batch_id, n = split_id(fields["i"]) or ("", 0)
    kept = {name: raw[name] for name in ("name", "upload", "prompt", "folder", "vars") if name in raw}
    item = to_item(batch_id, n, kept | json.loads(fields["d"]), whole, upload)
    return Change(entry_id, "item", batch_id, item=item)


def _entries(found: list[list[Entry]] | list[Entry]) -> list[Entry]:
    """redis-py nests the entries of a stream once more under RESP3."""
    return list(found[0]) if found and isinstance(found[0], list) else list(found)  # type: ignore[arg-type]
