"""Items: one picture to be made each. Their state changes here and nowhere else."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from batchgen.domain.budgets import Terms
from batchgen.domain.failures import Charged
from batchgen.domain.models import Attempt, Item, ResultFacts, Upload
from batchgen.domain.prices import Made
from batchgen.domain.states import ACCEPTS, MOVES, ItemState, Review, sources_of
from batchgen.errors import Detail, Micros, OverBudget, QueueFull
from batchgen.store.connection import Client
from batchgen.store.keys import key, provider_of
from batchgen.store.scripts import Script

LETTERS = dict(zip("qwrsfc", ("queued", "waiting", "running", "succeeded", "failed", "cancelled"), strict=True))
_LOOK_AGAIN_S = 30  # when to try again: nobody knows how long a queue takes
_REVIEWS = {"a": Review.APPROVED, "r": Review.REJECTED}
STALE, WRONG, OVER = "0", "-1", "-2"
_WHOSE = {"user": "budget_of_user", "team": "budget_of_team", "batch": "budget_of_batch"}
_TERMS = Terms()
_AS_HELD: dict[str, object] = {"quantity": 1, "unit": "picture"}


class WrongStateError(Exception):
    """An item was asked to do what its state does not allow: a fault of ours, never of a caller."""


class NoBudgetLeftError(Exception):
    """An item may not go on, for another call would pass a cap; it is as it was."""


def refuse_over(done: object) -> None:
    """Raises OverBudget or QueueFull where a script answered so."""
    if not isinstance(done, list) or not done:
        return
    if done[0] == "full":
        limit, open_, asked = map(int, done[1:])
        raise QueueFull("queue_full", limit=limit, open=open_, asked=asked, seconds=_LOOK_AGAIN_S)
    if done[0] == "over":
        whose, figures = str(done[1]), [Micros(figure) for figure in done[2:]]
        told = dict(zip(("budget", "used", "held", "asked"), figures, strict=True))
        raise OverBudget("budget_exceeded", [Detail(f"budget.{whose}", _WHOSE[whose], {})], **told)


def split_id(item_id: str) -> tuple[str, int] | None:
    """`<batch>-<n>` as its two parts; None where it is no such id."""
    batch, _, n = item_id.rpartition("-")
    return (batch, int(n)) if batch and n.isdecimal() and len(n) <= 9 and n == str(int(n)) else None


class Items:
    def __init__(self, client: Client, terms: Terms = _TERMS) -> None:
        self._redis, self._terms = client, terms
        self._send, self._settle = Script(client, "send_item"), Script(client, "settle_item")
        self._requeue, self._cancel = Script(client, "requeue_items"), Script(client, "cancel_items")
        self._move, self._correct = Script(client, "move_items"), Script(client, "correct_attempt")
        self._accept = Script(client, "accept_items")

    def raw(self, batch: str, indexes: Iterable[int]) -> list[dict[str, str]]:
        """The stored fields of some items; empty where there is none."""
        pipe = self._redis.pipeline()
        for n in indexes:
            pipe.hgetall(key("item", batch, n))
        return list(pipe.execute())

    def raw_of(self, batch: str, indexes: Iterable[int]) -> tuple[dict[str, str], list[dict[str, str]]]:
        """The stored fields of a batch and of some of its items, asked for at once."""
        pipe = self._redis.pipeline()
        pipe.hgetall(key("batch", batch))
        for n in indexes:
            pipe.hgetall(key("item", batch, n))
        whole, *raws = pipe.execute()
        return whole, raws

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
        made: Made | None = None,
        now_ms: int | None = None,
    ) -> ItemState | None:
        """End a running item, or let it wait `delay_ms`. `made`: what the call cost; None: what was held for it.

        The state it is in now (a stopped item that should wait is cancelled instead); None: the lease moved on.
        Raises WrongStateError, and NoBudgetLeftError where it is to wait for a call that no budget is left for.
        """
        batch, n = _parts(item_id)
        done = self._settle(
            now_ms, item_id, token, to.value, delay_ms, dict(fields or {}), outcome, charged.value,
            made.wire() if made else _AS_HELD, self._terms.wire(now_ms), *sources_of(to),
            keys=[key("item", batch, n), key("batch", batch)],
        )  # fmt: skip
        if str(done) == OVER:
            raise NoBudgetLeftError(item_id)
        if str(done) == WRONG:
            raise WrongStateError(f"{item_id} to {to}")
        return None if str(done) == STALE else ItemState(done)

    def requeue(
        self, batch: str, indexes: Sequence[int], changes: Mapping[str, str | int], *, then: Sequence[int] = (),
        prompts: Mapping[int, str] | None = None, moves: Mapping[ItemState, set[ItemState]] = MOVES,
        now_ms: int | None = None,
    ) -> int:  # fmt: skip
        """Items back to the queue: failed and cancelled ones, or by other `moves`; how many went. `prompts`: the words
        of each, by index. `then`: those that are to follow: all must fit. Raises OverBudget, QueueFull: none went."""
        done = self._requeue(
            now_ms, batch, dict(changes), list(indexes), list(then), self._terms.wire(now_ms),
            dict(prompts or {}), *sources_of(ItemState.QUEUED, moves), keys=[key("batch", batch)],
        )  # fmt: skip
        refuse_over(done)
        return int(done)

    def move(
        self, batch: str, lane: str, indexes: Sequence[int], fields: Mapping[str, str | int], now_ms: int | None = None
    ) -> int:
        """Queued items of a batch from `lane` to the one that `fields` name; how many still stood there, and had the
        budget for it."""
        terms = self._terms.wire(now_ms)
        return int(self._move(now_ms, batch, lane, dict(fields), list(indexes), terms, keys=[key("batch", batch)]))

    def ready(self, batch: str, lane: str, count: int, skip: int = 0) -> list[int]:
        """Indexes of the first items that queue in a lane, behind `skip` others."""
        return [int(n) for n in self._redis.zrange(key("ready", batch, lane), skip, skip + count - 1)]

    def accept(self, batch: str, indexes: Sequence[int], now_ms: int | None = None) -> int:
        """Ended items that hold a marked picture succeed with it; how many."""
        sources = sources_of(ItemState.SUCCEEDED, ACCEPTS)
        return int(self._accept(now_ms, batch, list(indexes), *sources, keys=[key("batch", batch)]))

    def cancel(self, batch: str, index: int | None = None, *, at_most: int = 500, now_ms: int | None = None) -> int:
        """Stop one item, or the whole batch (from the first call on nothing of it is sent). How many are still
        to be ended by further calls; -1: there was nothing to cancel."""
        return int(self._cancel(now_ms, batch, at_most, index, keys=[key("batch", batch)]))

    def correct(
        self, item_id: str, attempt: int, outcome: str, charged: Charged, made: Made | None = None,
        now_ms: int | None = None,
    ) -> bool:  # fmt: skip
        """What became of a call that counts as possibly paid, when its item has moved on. `outcome`: empty, as it is
        noted; `charged`: yes or no; `made`: what it cost; None: what was noted. False: it is known by now."""
        batch, n = _parts(item_id)
        cost = made.wire() if made else _AS_HELD
        done = self._correct(
            now_ms, item_id, attempt, outcome, charged.value, cost, self._terms.wire(now_ms),
            keys=[key("item", batch, n), key("batch", batch)],
        )  # fmt: skip
        return bool(done)

    def holds(self, item_id: str, token: str) -> bool:
        """Whether `token` still leases the item."""
        batch, n = _parts(item_id)
        return bool(self._redis.hget(key("item", batch, n), "token") == token)

    def stopping(self) -> list[str]:
        """Cancelled batches of which some items still stand."""
        return sorted(self._redis.smembers(key("stopping")))

    def indexes_in(self, batch: str, states: Iterable[ItemState], review: Review | None = None) -> list[int]:
        """Indexes of the items in any of `states`, in order; with `review`, of those on which that was said."""
        wanted = {letter for letter, name in LETTERS.items() if name in set(states)}
        found = [n for n, letter in enumerate(self._redis.get(key("states", batch)) or "") if letter in wanted]
        if review is None:
            return found
        said = dict(enumerate(self._redis.get(key("reviews", batch)) or ""))
        return [n for n in found if _REVIEWS.get(said.get(n, ""), Review.NONE) is review]


def _parts(item_id: str) -> tuple[str, int]:
    parts = split_id(item_id)
    if parts is None:
        raise WrongStateError(f"{item_id!r} is no item id")
    return parts


def to_item(batch: str, n: int, raw: Mapping[str, Any], whole: Mapping[str, str], upload: Upload | None) -> Item:
    """Fields as stored, with what the item has from its batch, as a value."""
    state = ItemState(raw["state"])
    shows, expired_ms = _shows(state, raw), maybe_int(whole.get("expired"))
    earlier = earlier_in(f"{batch}-{n}", raw, after_ms=-1 if expired_ms is None else expired_ms)
    if expired_ms is not None and not (shows and (maybe_int(raw.get("finished")) or 0) <= expired_ms):
        expired_ms = None
    return Item(
        id=f"{batch}-{n}", batch_id=batch, index=n, name=raw["name"], state=state, upload=upload,
        prompt=raw.get("prompt", whole["prompt"]), provider=raw.get("provider", whole["provider"]),
        model=raw.get("model", whole["model"]), attempts=int(raw.get("attempts", 0)),
        retry_at_ms=maybe_int(raw.get("retry_at")), error_code=raw.get("error"), error_detail=raw.get("detail", ""),
        result=_result(f"{batch}-{n}", raw) if shows and expired_ms is None else None, expired_ms=expired_ms,
        cost_micros=int(raw.get("cost", 0)), possibly_paid=int(raw.get("unclear", 0)),
        started_ms=maybe_int(raw.get("started")), finished_ms=maybe_int(raw.get("finished")),
        version=int(raw["version"]), moved=raw.get("moved", ""), lane=raw.get("lane", whole.get("lane", "normal")),
        review=Review(raw.get("review", "none")), earlier=earlier,
        folder=raw.get("folder", ""), variables=variables_in(raw),
    )  # fmt: skip


def variables_in(raw: Mapping[str, str]) -> dict[str, str]:
    """The values that an item's prompt was filled with."""
    return dict(json.loads(raw.get("vars", "{}")))


def maybe_int(value: str | None) -> int | None:
    return None if value in (None, "") else int(value)


def _shows(state: ItemState, raw: Mapping[str, str]) -> bool:
    """Whether there is a picture: the result, or a marked one that waits for a person's word."""
    return state is ItemState.SUCCEEDED or (state in (ItemState.FAILED, ItemState.CANCELLED) and bool(raw.get("flags")))


class Place(NamedTuple):
    """Where a result lies: names under `results/` and `thumbnails/`. Fixed by the item, so that a rerun finds it. A
    marked picture has the number of its attempt in them: it stays while a rerun is under way, and since browsers keep
    what they once got under a name, no other picture may come under it."""

    result: str
    thumbnail: str

    @property
    def keys(self) -> tuple[str, str]:
        return f"results/{self.result}", f"thumbnails/{self.thumbnail}"


def result_place(item_id: str, raw: Mapping[str, str]) -> Place:
    """Of the item's result that is sound. One that was made again has the number of its attempt in its name, too."""
    return place_of(item_id, raw.get("format", "png"), raw.get("place", ""))


def place_of(item_id: str, format_: str, attempt: str = "") -> Place:
    stem = f"{item_id}_{attempt}" if attempt else item_id
    return Place(f"generated_{stem}.{'jpg' if format_ == 'jpeg' else format_}", f"{stem}.webp")


def marked_places(item_id: str, raw: Mapping[str, str]) -> list[Place]:
    """Of all the marked pictures that the item ever had, the last one at the end, with those of earlier rounds of a
    pilot: `marked` is "1.png 3.jpeg", and ".png" for one without the number of its attempt."""
    pairs = (mark.partition(".") for mark in raw.get("marked", "").split())
    return [place_of(item_id, format_, attempt) for attempt, _, format_ in pairs]


def earlier_in(item_id: str, raw: Mapping[str, str], *, after_ms: float = -1) -> tuple[ResultFacts, ...]:
    """The pictures that were laid by, oldest first, of those made after `after_ms`; see lua/_reviews.lua."""
    listed = (one for one in json.loads(raw.get("earlier", "[]")) if int(one.get("finished") or 0) > after_ms)
    found = ((one, place_of(item_id, one["format"], one["place"])) for one in listed)
    return tuple(_facts(one, place, int(one["place"] or 0)) for one, place in found)


def _result(item_id: str, raw: Mapping[str, str]) -> ResultFacts:
    marked = marked_places(item_id, raw)[-1] if raw.get("flags") else None
    return _facts(raw, marked or result_place(item_id, raw))


def _facts(raw: Mapping[str, str], place: Place, number: int = 0) -> ResultFacts:
    flags = tuple(raw.get("flags", "").split())
    return ResultFacts(
        name=place.result, thumbnail=place.thumbnail, sha256=raw.get("sha", ""), format=raw["format"],
        width=int(raw["width"]), height=int(raw["height"]), bytes=int(raw["bytes"]),
        description=raw.get("note", ""), seed=maybe_int(raw.get("seed")), flags=flags, number=number,
    )  # fmt: skip


def attempts_of(raw: Mapping[str, str]) -> list[Attempt]:
    """The attempts of an item, first to last."""
    found = []
    for number in range(1, int(raw.get("attempts", 0)) + 1):
        if f"a{number}" not in raw:  # Redis has lost the second in which it was sent
            continue
        lane, sent, ended, outcome, charged, *money = raw[f"a{number}"].split("|")
        model, cost = lane.partition("/")[2], int(money[0] or 0) if money else 0
        found.append(
            Attempt(number, provider_of(lane), model, int(sent), maybe_int(ended), outcome or None, charged, cost)
        )  # fmt: skip
    return found
