"""Items: one picture to be made each. Their state changes here and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from batchgen.domain.failures import Charged
from batchgen.domain.models import Attempt, Item, ResultFacts, Upload
from batchgen.domain.states import ItemState, sources_of
from batchgen.store.connection import Client
from batchgen.store.keys import ECONOMY, key
from batchgen.store.scripts import Script

LETTERS = dict(zip("qwrsfc", ("queued", "waiting", "running", "succeeded", "failed", "cancelled"), strict=True))
STALE, WRONG = "0", "-1"


class WrongStateError(Exception):
    """An item was asked to do what its state does not allow: a fault of ours, never of a caller."""


def split_id(item_id: str) -> tuple[str, int] | None:
    """`<batch>-<n>` as its two parts; None where it is no such id."""
    batch, _, n = item_id.rpartition("-")
    return (batch, int(n)) if batch and n.isdecimal() and len(n) <= 9 and n == str(int(n)) else None


class Items:
    def __init__(self, client: Client) -> None:
        self._redis = client
        self._send, self._settle = Script(client, "send_item"), Script(client, "settle_item")
        self._requeue, self._cancel = Script(client, "requeue_items"), Script(client, "cancel_items")
        self._move = Script(client, "move_items")

    def raw(self, batch: str, indexes: Iterable[int]) -> list[dict[str, str]]:
        """The stored fields of some items; empty where there is none."""
        pipe = self._redis.pipeline()
        for n in indexes:
            pipe.hgetall(key("item", batch, n))
        return list(pipe.execute())

    def send(self, item_id: str, token: str, lane: str, key_id: str, now_ms: int | None = None) -> int:
        """Write down that the request leaves. The attempt's number; 0: the lease moved on; -1: cancelled."""
        batch, n = _parts(item_id)
        done = self._send(now_ms, token, lane, key_id, keys=[key("item", batch, n), key("batch", batch)])
        return int(done)

    def settle(
        self,
        item_id: str,
        token: str,
        to: ItemState,
        *,
        fields: Mapping[str, str | int] | None = None,
        delay_ms: int = 0,
        outcome: str = "",
        charged: Charged = Charged.NO,
        now_ms: int | None = None,
    ) -> ItemState | None:
        """End a running item, or let it wait `delay_ms`. The state it is in now (a stopped item that should
        wait is cancelled instead); None: the lease moved on. Raises WrongStateError."""
        batch, n = _parts(item_id)
        done = self._settle(
            now_ms, item_id, token, to.value, delay_ms, dict(fields or {}), outcome, charged.value, *sources_of(to),
            keys=[key("item", batch, n), key("batch", batch)],
        )  # fmt: skip
        if str(done) == WRONG:
            raise WrongStateError(f"{item_id} to {to}")
        return None if str(done) == STALE else ItemState(done)

    def requeue(
        self, batch: str, indexes: Sequence[int], changes: Mapping[str, str | int], now_ms: int | None = None
    ) -> int:
        """Failed and cancelled items back to the queue; how many went."""
        done = self._requeue(
            now_ms,
            batch,
            dict(changes),
            list(indexes),
            *sources_of(ItemState.QUEUED),
            keys=[key("batch", batch)],
        )
        return int(done)

    def move(
        self, batch: str, lane: str, indexes: Sequence[int], fields: Mapping[str, str | int], now_ms: int | None = None
    ) -> int:
        """Queued items of a batch from `lane` to the one that `fields` name; how many still stood there."""
        return int(self._move(now_ms, batch, lane, dict(fields), list(indexes), keys=[key("batch", batch)]))

    def ready(self, batch: str, lane: str, count: int) -> list[int]:
        """Indexes of the first items that queue in a lane."""
        return [int(n) for n in self._redis.zrange(key("ready", batch, lane), 0, count - 1)]

    def cancel(self, batch: str, index: int | None = None, *, at_most: int = 500, now_ms: int | None = None) -> int:
        """Stop one item, or the whole batch (from the first call on nothing of it is sent). How many are still
        to be ended by further calls; -1: there was nothing to cancel."""
        return int(self._cancel(now_ms, batch, at_most, index, keys=[key("batch", batch)]))

    def holds(self, item_id: str, token: str) -> bool:
        """Whether `token` still leases the item."""
        batch, n = _parts(item_id)
        return bool(self._redis.hget(key("item", batch, n), "token") == token)

    def stopping(self) -> list[str]:
        """Cancelled batches of which some items still stand."""
        return sorted(self._redis.smembers(key("stopping")))

    def indexes_in(self, batch: str, states: Iterable[ItemState]) -> list[int]:
        """Indexes of the items in any of `states`, in order."""
        wanted = {letter for letter, name in LETTERS.items() if name in set(states)}
        return [n for n, letter in enumerate(self._redis.get(key("states", batch)) or "") if letter in wanted]


def _parts(item_id: str) -> tuple[str, int]:
    parts = split_id(item_id)
    if parts is None:
        raise WrongStateError(f"{item_id!r} is no item id")
    return parts


def to_item(batch: str, n: int, raw: Mapping[str, Any], whole: Mapping[str, str], upload: Upload | None) -> Item:
    """Fields as stored, with what the item has from its batch, as a value."""
    state = ItemState(raw["state"])
    return Item(
        id=f"{batch}-{n}", batch_id=batch, index=n, name=raw["name"], state=state, upload=upload,
        prompt=raw.get("prompt", whole["prompt"]), provider=raw.get("provider", whole["provider"]),
        model=raw.get("model", whole["model"]), attempts=int(raw.get("attempts", 0)),
        retry_at_ms=maybe_int(raw.get("retry_at")), error_code=raw.get("error"), error_detail=raw.get("detail", ""),
        result=_result(f"{batch}-{n}", raw) if state is ItemState.SUCCEEDED else None,
        cost_micros=int(raw.get("cost", 0)), possibly_paid=int(raw.get("unclear", 0)),
        started_ms=maybe_int(raw.get("started")), finished_ms=maybe_int(raw.get("finished")),
        version=int(raw["version"]), moved=raw.get("moved", ""), lane=raw.get("lane", whole.get("lane", "normal")),
    )  # fmt: skip


def maybe_int(value: str | None) -> int | None:
    return None if value in (None, "") else int(value)


def result_name(item_id: str, format_: str) -> str:
    """The file of a result: fixed by the item, so that a rerun finds it."""
    return f"generated_{item_id}.{'jpg' if format_ == 'jpeg' else format_}"


def _result(item_id: str, raw: Mapping[str, str]) -> ResultFacts:
    return ResultFacts(
        name=result_name(item_id, raw["format"]), sha256=raw.get("sha", ""), format=raw["format"],
        width=int(raw["width"]), height=int(raw["height"]), bytes=int(raw["bytes"]),
        description=raw.get("note", ""), seed=maybe_int(raw.get("seed")),
    )  # fmt: skip


def attempts_of(raw: Mapping[str, str]) -> list[Attempt]:
    """The attempts of an item, first to last."""
    found = []
    for number in range(1, int(raw.get("attempts", 0)) + 1):
        lane, sent, ended, outcome, charged = raw[f"a{number}"].rsplit("|", 4)
        provider, _, model = lane.partition("/")
        found.append(
            Attempt(
                number, provider.removesuffix(ECONOMY), model, int(sent), maybe_int(ended), outcome or None, charged
            )
        )
    return found
