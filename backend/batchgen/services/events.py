"""Live changes: one blocking reader per process, however many people watch."""

import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import structlog

from batchgen.domain.models import BatchView, Item, User
from batchgen.errors import AppError
from batchgen.services.access import may_read
from batchgen.services.batches import BatchService
from batchgen.store.events import Entry, Events
from batchgen.store.streams import Streams

log = structlog.get_logger(__name__)
HEARTBEAT_S, _BLOCK_MS, _BACKLOG = 15.0, 250, 500
_LOOK_S = 5.0  # between two looks at whether a reader may still read: who was shut out is cut off within 15 s
_MAX_STREAMS = 1800  # of one process: gunicorn serves 2,000 connections, and some must stay for requests


@dataclass(frozen=True, slots=True)
class Live:
    """One thing to tell. `id` is where a reader resumes, empty where it stays. `kind`: "item", "batch", "gone" (a batch
    was deleted), "reset" (all may have changed: fetch anew), "at" (nothing but the place in the stream) or "beat"
    (nothing at all)."""

    kind: str
    id: str = ""
    item: Item | None = None
    batch: BatchView | None = None
    gone: str = ""

    @property
    def batch_id(self) -> str:
        if self.item:
            return self.item.batch_id
        return self.batch.batch.id if self.batch else self.gone


type _Inbox = queue.Queue[list[Live] | None]


class Following:
    """What one reader is told. Closing it lets go of its place, also where nothing was ever read."""

    def __init__(self, lives: Iterator[Live], leave: Callable[[], None]) -> None:
        self._lives, self._leave = lives, leave

    def __iter__(self) -> Iterator[Live]:
        return self._lives

    def close(self) -> None:
        self._leave()


class _Seat:
    """One user's place among the open streams of all processes."""

    def __init__(self, streams: Streams, user: str) -> None:
        self._streams, self._user, self.id = streams, user, secrets.token_hex(8)
        self._told = time.monotonic()

    def kept_by(self, lives: Iterator[Live]) -> Iterator[Live]:
        """`lives`, with a sign of life of this place now and then."""
        for live in lives:
            yield live
            if time.monotonic() - self._told > HEARTBEAT_S / 2:
                self._told = time.monotonic()
                with suppress(AppError):  # without Redis nobody counts
                    self._streams.open(self._user, self.id)

    def leave(self) -> None:
        with suppress(AppError):  # it runs out
            self._streams.close(self._user, self.id)


class EventService:
    def __init__(self, events: Events, batches: BatchService, streams: Streams) -> None:
        self._events, self._batches, self._streams = events, batches, streams
        self._lock, self._awake = threading.Lock(), threading.Event()
        self._inboxes: dict[str, set[_Inbox]] = {}
        self._cursors: dict[str, str] = {}
        self._reader: threading.Thread | None = None

    def follow(
        self, user: User, after: str | None, batch_id: str | None = None, still: Callable[[], bool] = lambda: True
    ) -> "Following":
        """Changes of the user's batches, or of one that they may read, behind the id `after`; to be closed. An id that
        the stream no longer holds gives one "reset". It ends when `still` says that the user is not welcome any more,
        and, told as "gone", when the batch is not shared with them any more. Raises AppError: not_found,
        too_many_streams, state_unavailable.
        """
        owner = user.id
        if batch_id is not None:
            owner = self._batches.get(user, batch_id).batch.owner.id
        seat = self._sit_down(user.id)
        try:
            inbox, now = self._join(owner)
        except Exception:
            seat.leave()
            raise
        try:
            start, first = now, Live("at", now)
            if after is not None and self._events.holds(owner, after):
                start, first = after, Live("at", after)
            elif after is not None:
                reset = self._batches.get(user, batch_id) if batch_id else None
                first = Live("reset", now, batch=reset)
        except Exception:
            seat.leave()
            self._part(owner, inbox)
            raise
        lives = self._stream(owner, inbox, first, start, now, batch_id, still)
        lives = seat.kept_by(_while_shared(user, lives))

        def leave() -> None:
            seat.leave()
            self._part(owner, inbox)

        return Following(lives, leave)

    def _sit_down(self, user: str) -> "_Seat":
        seat = _Seat(self._streams, user)
        if not self._streams.open(user, seat.id):
            raise AppError("too_many_streams")
        return seat

    def _stream(
        self, owner: str, inbox: _Inbox, first: Live, start: str, now: str, batch_id: str | None,
        still: Callable[[], bool],
    ) -> Iterator[Live]:  # fmt: skip
        yield first
        last = start
        for live in self._history(owner, start, now):
            last = live.id or last
            if batch_id in (None, live.batch_id):
                yield live
        for lives in _tidings(inbox, still):
            for live in lives:
                if live.id and _order(live.id) <= _order(last):
                    continue
                last = live.id or last
                if live.kind == "beat" or batch_id in (None, live.batch_id):
                    yield live

    def _history(self, owner: str, start: str, until: str) -> Iterator[Live]:
        while _order(start) < _order(until):
            entries = self._events.since(owner, start)
            if not entries:
                return
            start = entries[-1][0]
            yield from self._lives_of(entries)

    # the shared reader

    def _join(self, owner: str) -> tuple[_Inbox, str]:
        last = self._events.last_id(owner)
        inbox: _Inbox = queue.Queue(_BACKLOG)
        with self._lock:
            if sum(map(len, self._inboxes.values())) >= _MAX_STREAMS:
                raise AppError("too_many_streams")
            self._inboxes.setdefault(owner, set()).add(inbox)
            now = self._cursors.setdefault(owner, last)
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, daemon=True, name="events")
                self._reader.start()
        self._awake.set()
        return inbox, now

    def _part(self, owner: str, inbox: _Inbox) -> None:
        with self._lock:
            inboxes = self._inboxes.get(owner, set())
            inboxes.discard(inbox)
            if not inboxes:
                self._inboxes.pop(owner, None)
                self._cursors.pop(owner, None)

    def _read(self) -> None:
        while True:
            with self._lock:
                cursors = dict(self._cursors)
                if not cursors:
                    self._awake.clear()
            if not cursors:
                self._awake.wait()
                continue
            try:
                found = self._events.wait(cursors, _BLOCK_MS)
                for owner, entries in found.items():
                    self._hand_out(owner, self._lives_of(entries))
                    self._move_on(owner, entries[-1][0])
            except AppError:
                time.sleep(0.5)
            except Exception:
                log.exception("events reader stumbled")
                time.sleep(0.5)

    def _move_on(self, owner: str, entry_id: str) -> None:
        with self._lock:
            if owner in self._cursors:
                self._cursors[owner] = entry_id

    def _lives_of(self, entries: list[Entry]) -> list[Live]:
        """As `_lives`; an entry that cannot be read is left out, or it would stand in everybody's way for ever."""
        try:
            return self._lives(entries)
        except AppError:
            raise
        except Exception:
            log.exception("entries could not be read", count=len(entries))
            if len(entries) == 1:
                return []
            return [live for entry in entries for live in self._lives_of([entry])]

    def _hand_out(self, owner: str, lives: list[Live]) -> None:
        with self._lock:
            for inbox in list(self._inboxes.get(owner, ())):
                try:
                    inbox.put_nowait(lives)
                except queue.Full:  # too slow: it is let go, and catches up by its last id
                    self._inboxes[owner].discard(inbox)
                    inbox.get_nowait()
                    inbox.put_nowait(None)

    def _lives(self, entries: list[Entry]) -> list[Live]:
        lives = []
        for change in self._events.hydrate(entries):
            if change.item:
                lives.append(Live("item", change.id, item=change.item))
            elif change.batch:
                lives.append(Live("batch", batch=self._batches.view(change.batch)))
            elif change.kind == "gone":
                lives.append(Live("gone", change.id, gone=change.batch_id))
        return lives


def _while_shared(user: User, lives: Iterator[Live]) -> Iterator[Live]:
    """What `user` may read of `lives`: each change of sharing brings the batch, before whatever came after it."""
    for live in lives:
        if live.batch and not may_read(user, live.batch.batch):
            yield Live("gone", gone=live.batch_id)
            return
        yield live


def _tidings(inbox: _Inbox, still: Callable[[], bool]) -> Iterator[list[Live]]:
    """What comes in, and a beat where nothing does, until it is let go or the reader is no longer welcome."""
    beat = looked = time.monotonic()
    while True:
        lives: list[Live] | None = []
        with suppress(queue.Empty):
            lives = inbox.get(timeout=_LOOK_S)
        now = time.monotonic()
        if lives is None:
            return
        if now - looked >= _LOOK_S:
            if not _welcome(still):
                return
            looked = now
        if not lives and now - beat >= HEARTBEAT_S:
            lives = [Live("beat")]
        if lives:
            beat = now
            yield lives


def _welcome(still: Callable[[], bool]) -> bool:
    """While Redis is away nobody knows, and nothing comes either."""
    try:
        return still()
    except AppError:
        return True


def _order(entry_id: str) -> tuple[int, int]:
    ms, _, n = entry_id.partition("-")
    return int(ms), int(n)
