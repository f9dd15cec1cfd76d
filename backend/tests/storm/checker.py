"""What must hold when a storm is over. Each check returns sentences; none at all is what we want."""

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

from PIL import Image

from batchgen.store.connection import connect
from batchgen.store.keys import key
from tests.fakes.pictures import picture_for
from tests.storm.people import People, Watcher
from tests.storm.world import PAID, World

OK = 200
FINAL = {"succeeded", "failed", "cancelled"}
_AT_MOST = 5  # sentences of one kind
_JPEG = 10  # levels of a colour that it may be off


class Checker:
    def __init__(self, world: World, people: People) -> None:
        self.world, self.people, self.stack = world, people, world.stack
        self.items = {batch: self.stack.items(batch) for batch in people.batches}
        self.log = [call for fake in world.providers for call in fake.log()]
        self._redis = connect(world.redis.url)

    def all(self) -> list[str]:
        checks = (
            self.submits, self.states, self.counters, self.bytes, self.calls, self.money, self.leases, self.files,
            self.streams, self.health,
        )  # fmt: skip
        return [f"{check.__name__}: {wrong}" for check in checks for wrong in list(check())[:_AT_MOST]]

    def submits(self) -> Iterator[str]:
        """One batch for one key, and none that nobody asked for."""
        for one, told in self.people.twins:
            if len(told) != 1 and not self.world.lost:
                yield f"{len(told)} batches for the key {one}"
        known, cursor = set(), None
        while True:
            page = self.stack.get("/api/batches", limit=200, **({"cursor": cursor} if cursor else {}))
            known |= {batch["id"] for batch in page["items"]}
            if not (cursor := page["next_cursor"]):
                break
        extra = known - set(self.people.batches)
        if len(extra) > self.world.lost:
            yield f"{len(extra)} batches that nobody was told of"

    def states(self) -> Iterator[str]:
        for batch, items in self.items.items():
            words = [item["prompt"] for item in items]
            if words != self.people.batches[batch]:
                yield f"{batch} has other items than were sent"
            yield from (f"{i['id']} is {i['state']}" for i in items if i["state"] not in FINAL)

    def counters(self) -> Iterator[str]:
        for batch, items in self.items.items():
            told, seen = self.stack.counts(batch), Counter(item["state"] for item in items)
            if any(told[state] != seen[state] for state in (*FINAL, "queued", "waiting", "running")):
                yield f"{batch} counts {told}, its items are {dict(seen)}"
            for state in FINAL:
                page = self.stack.get(f"/api/batches/{batch}/items", state=state, limit=200)
                if len(page["items"]) != seen[state]:
                    yield f"{batch} lists {len(page['items'])} as {state}, they are {seen[state]}"

    def bytes(self) -> Iterator[str]:
        """The picture behind the address is the one that a provider made of these words and this image."""
        sent = {call["prompt"]: call for call in self.log}
        for item in self._done():
            answer = self.stack.http.get(self.stack.url + item["result"]["url"], timeout=30)
            if not answer.ok:
                yield f"{item['id']}: {answer.status_code} for its picture"
                continue
            call = sent[item["prompt"]]
            made = picture_for(call["prompt"], call["images"], call["ratio"], size=_pair(call["size"]))
            if not _alike(answer.content, made):
                yield f"{item['id']} shows another picture"

    def _done(self) -> Iterator[Any]:
        return (i for items in self.items.values() for i in items if i["state"] == "succeeded")

    def calls(self) -> Iterator[str]:
        """The provider's log is what the attempts say: no call without an attempt, no charge without a picture."""
        called = Counter(call["prompt"] for call in self.log)
        drawn = Counter(call["prompt"] for call in self.log if call["behaviour"] in PAID)
        answered = Counter(call["prompt"] for call in self.log if call["status"] == OK)
        unrecorded = 0
        for item in (i for items in self.items.values() for i in items):
            attempts = self.stack.get(f"/api/items/{item['id']}")["attempt_log"]
            charged = Counter(attempt["charged"] for attempt in attempts)
            word = item["prompt"]
            unrecorded += max(0, called[word] - len(attempts))
            if drawn[word] > charged["yes"] + charged["unknown"] and not self.world.lost:
                yield f"{item['id']}: {drawn[word]} pictures made, charged {dict(charged)}"
            if charged["yes"] > answered[word]:
                yield f"{item['id']}: {charged['yes']} paid, {answered[word]} answered"
        if unrecorded > self.world.lost:
            yield f"{unrecorded} calls without an attempt"

    def money(self) -> Iterator[str]:
        yield from map(str, self.stack.get("/api/ledger/check")["differences"])
        for batch, items in self.items.items():
            cost = self.stack.get(f"/api/batches/{batch}")["cost"]
            if cost["held_micros"]:
                yield f"{batch} still holds {cost['held_micros']}"
            if cost["settled_micros"] != sum(item["cost_micros"] for item in items):
                yield f"{batch} says {cost['settled_micros']}, its items another sum"

    def leases(self) -> Iterator[str]:
        for line in self._redis.smembers(key("lines")):
            if left := self._redis.zrange(key("leases", line), 0, -1):
                yield f"{line} still leases {left}"
        if left := self._redis.zrange(key("waiting"), 0, -1):
            yield f"{left} still wait"
        for lane in self._redis.smembers(key("lanes")):
            if left := self._redis.zrange(key("ring", lane), 0, -1):
                yield f"{left} still stand in the queue of {lane}"

    def files(self) -> Iterator[str]:
        """No file that nothing leads to: a killed process may leave only what the next start sweeps away."""
        root = self.world.disk / "files"
        there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
        yield from (f"{name} was kept" for name in there if name.startswith("kept/"))
        ids = {item["id"]: item["state"] for items in self.items.values() for item in items}
        for name in there:
            room, _, rest = name.partition("/")
            owner = rest.rpartition("/")[2].partition(".")[0].removeprefix("generated_")
            if room == "results" and owner not in ids and not self.world.lost:
                yield f"{name} belongs to nothing"
            if room == "results" and ids.get(owner) in ("cancelled",):
                yield f"{name} belongs to a cancelled picture"

    def streams(self) -> Iterator[str]:
        for n, watcher in enumerate(self.people.watchers):
            yield from (f"watcher {n}: {wrong}" for wrong in self._stream(watcher))

    def _stream(self, watcher: Watcher) -> Iterator[str]:
        places = [tuple(map(int, entry.split("-"))) for entry in watcher.ids if entry]
        if places != sorted(set(places)) and not self.world.lost:
            yield "ids out of order, or twice"
        if self.world.lost or watcher.resets:
            return  # what was cut off the append file may have been shown before
        for item in (i for items in self.items.values() for i in items):
            seen = [version for one, version, _ in watcher.seen if one == item["id"]]
            if seen != list(range(2, item["version"] + 1)):
                yield f"{item['id']} came as versions {seen}, it is at {item['version']}"

    def health(self) -> Iterator[str]:
        told = self.stack.http.get(f"{self.stack.url}/health", timeout=30).json()
        if told["status"] != "ok":
            yield str(told)


def _pair(size: list[int] | tuple[int, int] | None) -> tuple[int, int] | None:
    return (size[0], size[1]) if size else None


def _alike(one: bytes, other: bytes) -> bool:
    """The same nine blocks of colour in the same size, as far as JPEG keeps them."""
    (size, blocks), (other_size, others) = _blocks(one), _blocks(other)
    pairs = zip(blocks, others, strict=True)
    return size == other_size and all(abs(a - b) <= _JPEG for one, two in pairs for a, b in zip(one, two, strict=True))


def _blocks(data: bytes) -> tuple[tuple[int, int], list[tuple[int, ...]]]:
    with Image.open(io.BytesIO(data)) as image:
        wide, high = image.size
        rgb = image.convert("RGB")
        at = [(wide * (2 * x + 1) // 6, high * (2 * y + 1) // 6) for y in range(3) for x in range(3)]
        return image.size, [rgb.getpixel(place) for place in at]  # type: ignore[misc]
