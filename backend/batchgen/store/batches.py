"""Batches: one submission each, with its counters and flags."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from batchgen.domain.budgets import Terms
from batchgen.domain.economy import Agreement
from batchgen.domain.models import Batch, BatchDraft, Item, ItemDraft, Page, User
from batchgen.domain.pictures import Options
from batchgen.domain.pilots import Pilot, pilot_state
from batchgen.domain.search import folded, in_small
from batchgen.domain.sharing import Link, Sharing
from batchgen.domain.states import FINAL, ItemState, Review, batch_state
from batchgen.store.connection import Client, now_ms
from batchgen.store.items import Items, maybe_int, refuse_over, to_item
from batchgen.store.keys import key
from batchgen.store.scripts import Script
from batchgen.store.uploads import Uploads

EVERYONE, TEAM = "*", "+"  # lists of batches besides the owners' own; no owner's id looks like them
_TERMS = Terms()


class Found(NamedTuple):
    """What a look at a stretch of a list found. `stopped`: (created in ms, id) of the last one looked at; None: the
    list is at its end."""

    ids: list[str]
    stopped: tuple[int, str] | None


class Batches:
    def __init__(self, client: Client, items: Items, uploads: Uploads, terms: Terms = _TERMS) -> None:
        self._redis, self._items, self._uploads, self._terms = client, items, uploads, terms
        self._create = Script(client, "create_batch")
        self._rename, self._delete = Script(client, "rename_batch"), Script(client, "delete_batch")
        self._pause, self._resume = Script(client, "pause_batch"), Script(client, "resume_batch")
        self._hide, self._restore = Script(client, "hide_batch"), Script(client, "restore_batch")
        self._find = Script(client, "find_batches")

    def create(
        self, batch_id: str, owner: User, draft: BatchDraft, *, key_hash: tuple[str, str] | None = None,
        now_ms: int | None = None,
    ) -> tuple[str, int]:  # fmt: skip
        """Store a submission with all its items. `key_hash`: the caller's idempotency key and a hash of the body.

        (id, 1) new; (id, 0) the same submission was here; (id, -1) the key was used for another one;
        (upload id, -2) an upload is gone: nothing was stored. Raises OverBudget, QueueFull: nothing was stored.
        """
        fields, items, used = fields_of(draft, owner), items_of(draft), uploads_of(draft)
        keys = [key("idempotency", owner.id, key_hash[0])] if key_hash else [""]
        done = self._create(
            now_ms, batch_id, owner.id, key_hash[1] if key_hash else "", fields, items, dict(used),
            self._terms.wire(now_ms), keys=keys,
        )  # fmt: skip
        refuse_over(done)
        return str(done[0]), int(done[1])

    def raw(self, batch_id: str) -> dict[str, str]:
        """The stored fields; empty where there is no such batch."""
        return dict(self._redis.hgetall(key("batch", batch_id)))

    def get(self, batch_id: str) -> Batch | None:
        """A hidden one is not there."""
        raw = self.raw(batch_id)
        return to_batch(batch_id, raw) if raw and "hidden" not in raw else None

    def hidden(self, batch_id: str) -> Batch | None:
        """One that is hidden, and not deleted yet."""
        raw = self.raw(batch_id)
        return to_batch(batch_id, raw) if "hidden" in raw else None

    def get_many(self, ids: Iterable[str]) -> list[Batch]:
        """Those of `ids` that exist and are not hidden, in order."""
        wanted = list(ids)
        pipe = self._redis.pipeline()
        for batch_id in wanted:
            pipe.hgetall(key("batch", batch_id))
        raws = zip(wanted, pipe.execute(), strict=True)
        return [to_batch(i, raw) for i, raw in raws if "owner" in raw and "hidden" not in raw]

    def find(
        self, owner: str, after: tuple[int, str] | None = None, *, looks: int = 500, most: int = 500,
        words: Sequence[str] = (), kind: str = "", people: bool = False,
    ) -> Found:  # fmt: skip
        """Up to `most` of the next `looks` batches of an owner, of EVERYONE or of the TEAM, newest first, behind
        `after`, which itself may be gone by now: those that hold all `words`, in small letters, in their name, their
        prompt or, with `people`, their owner's name. `kind`: only "open", "ended" or "cancelled" ones."""
        created, last = after or ("", "")
        more, *place_and_ids = self._find(
            created, last, looks, most, list(words), kind, "1" if people else "", keys=[_list(owner)]
        )
        at, stopped, *ids = map(str, place_and_ids)
        return Found(ids, (int(float(at)), stopped) if int(more) else None)

    def count(self, owner: str) -> int:
        return int(self._redis.zcard(_list(owner)))

    def rename(self, batch_id: str, name: str) -> None:
        """Does nothing where the batch was deleted meanwhile."""
        prompt = str(self._redis.hget(key("batch", batch_id), "prompt") or "")
        self._rename(batch_id, name, folded(name, prompt), keys=[key("batch", batch_id)])

    def pause(self, batch_id: str) -> int:
        """1 done, 0 was paused, -1 nothing is left to pause."""
        return int(self._pause(batch_id, keys=[key("batch", batch_id)]))

    def resume(self, batch_id: str) -> int:
        """1 done, 0 was not paused."""
        return int(self._resume(batch_id, keys=[key("batch", batch_id)]))

    def hide(self, batch_id: str, for_ms: int, now_ms: int | None = None) -> int:
        """Hide a batch that has ended until it is restored, or deleted after `for_ms`. 1 done, 0 there is none, -1 it
        has not ended."""
        return int(self._hide(now_ms, batch_id, for_ms, keys=[key("batch", batch_id)]))

    def restore(self, batch_id: str, now_ms: int | None = None) -> bool:
        """False: it is not hidden, was deleted, or is to be by now."""
        return bool(self._restore(now_ms, batch_id, keys=[key("batch", batch_id)]))

    def now_ms(self) -> int:
        """Redis's clock, by which hidden batches are deleted."""
        return now_ms(self._redis)

    def due(self, now_ms: int, count: int = 20) -> list[str]:
        """Hidden batches that are to be deleted now."""
        return [str(one) for one in self._redis.zrangebyscore(key("bin"), "-inf", now_ms, start=0, num=count)]

    def forget(self, batch: Batch, *, before_ms: int | None = None, hidden: bool = False) -> bool:
        """Remove a batch that has ended (by `before_ms`), its items' records, and its hold on uploads. `hidden`: only
        if it is still hidden. False: it has not ended, or was brought back."""
        done = int(self._delete(batch.id, before_ms, "1" if hidden else "", keys=[key("batch", batch.id)]))
        if done < 1:
            return done == 0
        for start in range(0, batch.total, 500):
            chunk = range(start, min(start + 500, batch.total))
            self._uploads.release(
                [raw["upload"] for raw in self._items.raw(batch.id, chunk) if raw.get("upload")], batch.id
            )
            pipe = self._redis.pipeline()
            for n in chunk:
                pipe.unlink(key("item", batch.id, n))
            pipe.execute()
        self._uploads.release(batch.references, batch.id)
        return True

    def items(self, batch_id: str, indexes: Iterable[int]) -> list[Item]:
        """Some items of a batch as values, in order."""
        wanted = list(indexes)
        whole, raws = self._items.raw_of(batch_id, wanted)
        uploads = self._uploads.get_many({raw["upload"] for raw in raws if raw.get("upload")})
        return [
            to_item(batch_id, n, raw, whole, uploads.get(raw.get("upload", "")))
            for n, raw in zip(wanted, raws, strict=True)
            if raw and whole
        ]

    def page(
        self, batch: Batch, after: int, limit: int, state: ItemState | None, review: Review | None = None
    ) -> Page[Item]:
        """Up to `limit` items behind index `after` (-1: from the first); any page costs the same. `review`: of what
        succeeded, that on which this was said."""
        if state is None and review is None:
            indexes = list(range(after + 1, min(after + 1 + limit, batch.total)))
            more, total = after + 1 + limit < batch.total, batch.total
        else:
            found = self._items.indexes_in(batch.id, [state or ItemState.SUCCEEDED], review)
            behind = [n for n in found if n > after]
            indexes, more, total = behind[:limit], len(behind) > limit, len(found)
        return Page(self.items(batch.id, indexes), str(indexes[-1]) if more else None, total)


def _list(whose: str) -> str:
    return key("everyone") if whose == EVERYONE else key("team") if whose == TEAM else key("batches", whose)


def _options_json(options: Options) -> str:
    chosen = {
        "aspect_ratio": options.aspect_ratio, "size": options.size, "format": options.format,
        "seed": options.seed, "watermark": options.watermark or None,
    }  # fmt: skip
    return json.dumps({name: value for name, value in chosen.items() if value is not None})


def fields_of(draft: BatchDraft, owner: User) -> dict[str, str | int]:
    """What is stored of a submission as such."""
    fields: dict[str, str | int] = {
        "name": draft.name, "owner_name": owner.name, "prompt": draft.prompt, "provider": draft.provider,
        "model": draft.model, "price": draft.price_micros, "variants": draft.variants,
        "options": _options_json(draft.options), "references": " ".join(draft.references),
        "policy": draft.policy, "notify": draft.notify,
    }  # fmt: skip
    if small := folded(draft.name, draft.prompt):
        fields["folded"] = small
    if small := in_small(owner.name):
        fields["folded_owner"] = small
    fields |= {"pattern": draft.filename_pattern} if draft.filename_pattern else {}
    fields |= {} if draft.embed_metadata else {"bare": 1}
    fields |= _economy_fields(draft.economy)
    if draft.request_id:
        fields["request"] = draft.request_id
    if draft.sample:
        whole = len(draft.sample) == len(draft.items)  # then nothing is left to be approved
        fields |= {"pilot": "approved" if whole else "open", "round": 1, "sample": " ".join(map(str, draft.sample))}
    return fields


def items_of(draft: BatchDraft) -> list[dict[str, str]]:
    return [_item_fields(i, draft.prompt) for i in draft.items]


def uploads_of(draft: BatchDraft) -> Counter[str]:
    """How often each upload is used."""
    return Counter([i.upload_id for i in draft.items if i.upload_id] + list(draft.references))


def _item_fields(item: ItemDraft, shared: str) -> dict[str, str]:
    """Only what differs from the batch: an item's record stays small."""
    fields = {"name": item.name}
    if item.upload_id:
        fields["upload"] = item.upload_id
    if item.prompt != shared:
        fields["prompt"] = item.prompt
    if item.folder:
        fields["folder"] = item.folder
    if item.variables:
        fields["vars"] = json.dumps(item.variables, ensure_ascii=False, separators=(",", ":"))
    return fields


def _economy_fields(agreed: Agreement | None) -> dict[str, str | int]:
    if agreed is None:
        return {}
    return {
        "lane": "economy", "needed_by": agreed.needed_by_ms, "full_ok": int(agreed.full_price_ok),
        "full_price": agreed.full_price_micros, "economy_price": agreed.price_micros,
    }  # fmt: skip


def agreement_in(raw: Mapping[str, str]) -> Agreement:
    """What was agreed for a batch of the economy lane, as stored."""
    return Agreement(
        int(raw["needed_by"]), raw["full_ok"] == "1", int(raw["full_price"]), int(raw["economy_price"])
    )  # fmt: skip


def to_batch(batch_id: str, raw: Mapping[str, str]) -> Batch:
    """Fields as stored, as a value with its derived state."""
    counts = {s: int(raw[s.value]) for s in ItemState}
    paused, stopped, pilot = raw["paused"] == "1", raw["stopped"] == "1", _pilot(raw, counts)
    held_back, sampled = pilot.held_back if pilot else 0, raw.get("sampled") == "1"
    return Batch(
        id=batch_id, name=raw["name"], owner=User(raw["owner"], raw["owner_name"]),
        state=batch_state(counts, paused=paused, cancelled=stopped, held_back=held_back, sampled=sampled),
        paused=paused, cancelled=stopped,
        prompt=raw["prompt"], provider=raw["provider"], model=raw["model"],
        options=Options(**json.loads(raw["options"])), references=tuple(raw["references"].split()),
        variants=int(raw["variants"]), counts=counts, total=int(raw["total"]), price_micros=int(raw["price"]),
        held_micros=int(raw["held"]), settled_micros=int(raw["settled"]), possibly_paid_micros=int(raw["unclear"]),
        created_ms=int(raw["created"]), started_ms=maybe_int(raw.get("started")),
        finished_ms=maybe_int(raw.get("finished")), version=int(raw["version"]),
        expired_ms=maybe_int(raw.get("expired")),
        policy=raw.get("policy", "none"), pilot=pilot, duel=raw.get("duel", ""),
        economy=agreement_in(raw) if raw.get("lane") == "economy" else None,
        jobs=int(raw.get("jobs", 0)), shared=_sharing(batch_id, raw), bytes=int(raw.get("bytes", 0)),
        approved=int(raw.get("approved", 0)), rejected=int(raw.get("rejected", 0)),
        filename_pattern=raw.get("pattern", ""), embed_metadata="bare" not in raw,
    )  # fmt: skip


def _sharing(batch_id: str, raw: Mapping[str, str]) -> Sharing:
    links = json.loads(raw.get("links", "{}"))
    made = (
        Link(link_id, batch_id, int(created), int(expires), only == ["approved"])
        for link_id, (created, expires, _, *only) in links.items()
    )
    return Sharing(raw.get("team") == "1", tuple(sorted(made, key=lambda link: (link.created_ms, link.id))))


def _pilot(raw: Mapping[str, str], counts: Mapping[ItemState, int]) -> Pilot | None:
    if "pilot" not in raw:
        return None
    left, held_back = sum(n for state, n in counts.items() if state not in FINAL), int(raw["back"])
    state = pilot_state(approved=raw["pilot"] == "approved", left=left, held_back=held_back)
    return Pilot(state, tuple(map(int, raw["sample"].split())), int(raw["round"]), held_back)
