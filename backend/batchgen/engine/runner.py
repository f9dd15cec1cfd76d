"""One attempt for one item: prepare, write down that it is sent, call, keep the bytes, check, settle."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import structlog

from batchgen.domain.failures import Category, Charged, Failure, ProviderFailure, ending_of
from batchgen.domain.models import ImageFacts
from batchgen.domain.pace import sign_of
from batchgen.domain.pictures import InputImage, Request, Sending
from batchgen.domain.prices import Made
from batchgen.domain.quality import flags_of
from batchgen.domain.retry import Decision, decide
from batchgen.domain.states import ItemState
from batchgen.engine.answers import Answer, asked_of, kept_key, result_fields
from batchgen.engine.attempts import Job, again_of, ids_of, options_of, where_of
from batchgen.engine.dispatcher import Dispatcher
from batchgen.engine.failover import Failover, Way
from batchgen.engine.heart import Heart
from batchgen.engine.kept import Kept
from batchgen.engine.model_watch import ModelWatch
from batchgen.engine.results import Results
from batchgen.errors import AppError
from batchgen.media.intake import Intake
from batchgen.media.storage import Storage
from batchgen.observability.metrics import ATTEMPTS, ITEM_SECONDS
from batchgen.providers.registry import Registry
from batchgen.store.batches import Batches
from batchgen.store.items import Items, NoBudgetLeftError, Place, marked_places, place_of, split_id
from batchgen.store.queue import Lease, Queue
from batchgen.store.uploads import Uploads

log = structlog.get_logger(__name__)
_PATIENCE_S = 900.0  # how long a picture that was paid for waits for Redis, or in memory for the storage
_DISK_PATIENCE_S = 60.0  # how long one waits for the storage where nothing is lost yet, or any more
_LONG_S = 300.0  # an item that would wait longer goes on with another provider, where its batch says so
_REFERENCES = 14  # as many as the most that a model takes
_OUTAGES = ("state_unavailable", "storage_full", "storage_unavailable", "decoder_busy")


class Parts(NamedTuple):
    """The stores and rooms that an attempt passes through."""

    items: Items
    batches: Batches
    uploads: Uploads
    registry: Registry
    intake: Intake
    storage: Storage
    dispatcher: Dispatcher
    heart: Heart
    queue: Queue
    failover: Failover
    models: ModelWatch
    results: Results


class Runner:
    def __init__(self, parts: Parts, *, timeout_s: float, max_attempts: int) -> None:
        self._p, self._timeout_s, self._max_attempts = parts, timeout_s, max_attempts
        self._kept = Kept(parts.storage)
        self._shared = lru_cache(_REFERENCES)(self._prepared)  # the same reference goes out with every item

    def run_attempt(self, lease: Lease) -> None:
        """Run the item that is leased. Does nothing where the lease moved on or the id is none of ours."""
        where = split_id(lease.item_id)
        if where is None:
            return
        batch, item = self._p.batches.raw(where[0]), self._p.items.raw(where[0], [where[1]])[0]
        if not batch or item.get("token") != lease.token:
            return
        if not self._p.heart.hold(lease):  # the message came twice, and Redis may have forgotten that it was sent
            return
        try:
            job = Job(lease, batch, item)
            ids = {"item_id": lease.item_id} | ids_of(where[0], batch)
            timed = ITEM_SECONDS.labels(job.own("provider")).time()
            with structlog.contextvars.bound_contextvars(**ids), timed:
                self._conclude(job, lambda: self._picture(job))
        finally:
            self._p.heart.drop(lease)
            self._p.dispatcher.try_dispatch()

    def _picture(self, job: Job) -> Answer | None:
        """None: it is not to be sent."""
        answer = self._left_for(job)
        if answer is None:
            self._p.models.require(job.own("provider"), job.own("model"))
            self._need_key(job)
            request = self._request(job)
            self._patiently(self._p.storage.require_floor, _DISK_PATIENCE_S)
            number = self._p.items.send(*job.lease)
            if number <= 0:
                self._not_sent(job, number)
                return None
            answer = self._call(job, request, number)
        return answer

    def _conclude(self, job: Job, make: Callable[[], Answer | None]) -> None:
        """What `make` gives is checked, stored and settled; what it raises is settled as a failure."""
        try:
            answer = make()
            if answer is not None:
                self._finish(job, answer)
        except ProviderFailure as failed:
            self._fail(job, failed.failure)
        except AppError as wrong:
            self._fail(job, _as_failure(wrong))
        except Exception:
            log.exception("attempt broke")
            self._fail(job, Failure("interrupted", Charged.UNKNOWN))

    def _left_for(self, job: Job) -> Answer | None:
        """The picture that an earlier attempt left, if it answers what is asked for now."""
        found = partial(self._kept.find, job.lease.item_id, after=again_of(job.item))
        return self._patiently(found, _DISK_PATIENCE_S)

    def _need_key(self, job: Job) -> None:
        """Where no key is of use the item is told so, without a call."""
        if not job.lease.key:
            hold = self._p.queue.hold(job.lease.lane)
            code = "quota_exhausted" if hold and hold.category is Category.QUOTA_EXHAUSTED else "auth"
            raise ProviderFailure(Failure(code, Charged.NO))

    def _call(self, job: Job, request: Request, number: int) -> Answer:
        """The paid call. Its bytes are on disk before anything else may go wrong."""
        adapter = self._p.registry.adapter(job.own("provider"))
        began = time.monotonic()
        with self._p.models.watching(job.own("provider"), job.own("model")):
            picture = adapter.generate(request, timeout_s=self._timeout_s)
        log.info("picture came", seconds=round(time.monotonic() - began, 3), bytes=len(picture.data))
        asked = asked_of(request, adapter.capabilities(request.model))
        answer = Answer(picture, asked, number, job.lease.lane, len(request.images))
        self._patiently(lambda: self._kept.put(job.lease.item_id, answer))
        self._note(job, None)
        return answer

    def _not_sent(self, job: Job, number: int) -> None:
        if number < 0:
            self._settle(job, ItemState.CANCELLED)

    # what is sent

    def _request(self, job: Job) -> Request:
        capabilities = self._p.registry.adapter(job.own("provider")).capabilities(job.own("model"))
        references = job.batch["references"].split()
        ids = [i for i in [job.item.get("upload"), *references] if i]
        uploads, sending = self._p.uploads.get_many(ids), capabilities.sending(len(ids))
        own = len(ids) - len(references)
        images = tuple(
            (self._prepared if n < own else self._shared)(uploads[i].sha256, sending) for n, i in enumerate(ids)
        )
        return Request(
            job.own("model"), job.own("prompt"), images, options_of(job), len(references), key=job.lease.key
        )  # fmt: skip

    def _prepared(self, sha256: str, sending: Sending) -> InputImage:
        def prepare() -> InputImage:
            with self._p.storage.local(f"uploads/{sha256}") as original:
                return self._p.intake.prepare(original, **sending._asdict())

        return self._patiently(prepare, _DISK_PATIENCE_S)

    # how it ends

    def _finish(self, job: Job, answer: Answer) -> None:
        """A sound picture is the result; one that is not what was asked for is kept too, marked for a person."""
        item_id = job.lease.item_id
        try:
            with self._p.storage.scratch(".webp") as thumbnail:
                facts = self._patiently(lambda: self._inspected(item_id, thumbnail), _DISK_PATIENCE_S)
                flags = flags_of(facts, answer.asked)
                named = bool(flags) or "again" in job.item  # another picture of the item may have had the plain name
                place = place_of(item_id, facts.format, str(answer.attempt) if named else "")
                if not self._patiently(lambda: self._p.items.holds(item_id, job.lease.token)):
                    self._too_late(job, answer)
                    return
                self._patiently(lambda: self._p.storage.adopt(thumbnail, place.keys[1]), _DISK_PATIENCE_S)
        except AppError as wrong:
            if wrong.code == "bad_output":
                self._kept.forget(item_id)
            raise
        size = self._patiently(lambda: self._p.results.place(job, answer, place.keys[0]), _DISK_PATIENCE_S)
        to, outcome = (ItemState.FAILED, f"bad_output_{flags[0]}") if flags else (ItemState.SUCCEEDED, "succeeded")
        fields = result_fields(facts, answer, flags, job.item) | {"bytes": size}
        if named and not flags:
            fields["place"] = answer.attempt
        if self._settle(job, to, fields, outcome, Charged.YES, made=self._cost(job, answer)):
            self._kept.forget(item_id)
            self._forget_marked(job, place)

    def _inspected(self, item_id: str, thumbnail: Path) -> ImageFacts:
        with self._p.storage.local(kept_key(item_id)) as path:
            return self._p.intake.inspect(path, thumbnail=thumbnail)

    def _forget_marked(self, job: Job, now: Place) -> None:
        """The new picture is there: the marked ones of earlier attempts have had their day."""
        places = marked_places(job.lease.item_id, job.item)
        self._p.storage.delete(*(key for place in places if place != now for key in place.keys))

    def _cost(self, job: Job, answer: Answer) -> Made | None:
        return answer.made(self._p.registry, options_of(job).size)

    def _too_late(self, job: Job, answer: Answer) -> None:
        """The item was handed on while this attempt stalled. What another has settled stays as it is, and this call is
        known to be paid; until then the bytes are left for it."""
        log.warning("picture came too late")
        item_id, cost = job.lease.item_id, self._cost(job, answer)
        item = self._patiently(lambda: self._p.items.raw(*where_of(job)))[0]
        over = item.get("state") in (None, ItemState.SUCCEEDED) or item.get("error", "").startswith("bad_output")
        if over or answer.attempt <= again_of(item):
            self._patiently(lambda: self._p.items.correct(item_id, answer.attempt, "", Charged.YES, cost))
            self._kept.forget(item_id)

    def _fail(self, job: Job, failure: Failure) -> None:
        item = self._patiently(lambda: self._p.items.raw(*where_of(job)))[0]
        tries, reruns, sent = int(item.get("tries", 0)), int(item.get("reruns", 0)), bool(item.get("sent"))
        decision = decide(
            failure, tries=max(tries, 1), reruns=reruns, max_attempts=self._max_attempts, spread=random.uniform,
            key_free_in_s=self._note(job, failure) if sent else None,
        )  # fmt: skip
        fields: dict[str, str | int] = {"error": failure.code, "reruns": reruns + int(decision.rerun)}
        if failure.detail:
            fields["detail"] = failure.detail[:500]
        if not sent:  # nothing left the house in this turn; it counts as a try, or it could go on for ever
            fields["tries"] = tries + 1
        ways = [(decision, fields), (Decision(ItemState.FAILED), fields)]
        if decision.to is ItemState.FAILED or decision.delay_s > _LONG_S:
            # only a spent day keeps all keys for so long, though this one may rest for another reason
            cause = failure.category if decision.to is ItemState.FAILED else Category.QUOTA_EXHAUSTED
            moved = self._patiently(lambda: self._p.failover.fields(Way(job.batch, item), cause))
            if moved:
                ways.insert(0, (Decision(ItemState.WAITING), fields | moved))
        charged = failure.charged if sent else Charged.NO
        for way, given in ways:  # the first that a budget is left for: to end costs nothing more
            with suppress(NoBudgetLeftError):
                self._settle(job, way.to, given, failure.code, charged, way.delay_s)
                log.info("attempt failed", code=failure.code, charged=charged.value, then=way.to.value)
                return

    def _note(self, job: Job, failure: Failure | None) -> float | None:
        """What the end of a call says of its key: seconds until one may go. Lost without Redis: it only guides."""
        try:
            return self._p.queue.note(job.lease, *sign_of(failure))
        except AppError:
            return None

    def _settle(
        self, job: Job, to: ItemState, fields: dict[str, str | int] | None = None, outcome: str = "",
        charged: Charged = Charged.NO, delay_s: float = 0.0, made: Made | None = None,
    ) -> bool:  # fmt: skip
        lease = job.lease
        done = self._patiently(
            lambda: self._p.items.settle(
                lease.item_id,
                lease.token,
                to,
                fields=fields,
                delay_ms=int(delay_s * 1000),
                outcome=outcome,
                charged=charged,
                made=made,
            )
        )
        if done is not None:
            ATTEMPTS.labels(job.own("provider"), ending_of(outcome)).inc()
        return done is not None

    def _patiently[T](self, act: Callable[[], T], patience_s: float = _PATIENCE_S) -> T:
        """Through an outage of Redis or of the disk: what has been paid for is not dropped because the note of it
        fails."""
        until = time.monotonic() + patience_s
        while True:
            try:
                return act()
            except AppError as away:
                if away.code not in _OUTAGES or time.monotonic() > until:
                    raise
                time.sleep(random.uniform(0.2, 0.6))  # noqa: S311


def _as_failure(wrong: AppError) -> Failure:
    """Trouble of our own on the way, as a failure of the attempt."""
    if wrong.code == "bad_output":
        return Failure("bad_output", Charged.YES)
    if wrong.code in ("storage_full", "storage_unavailable", "decoder_busy"):
        return Failure("storage", Charged.YES)
    if wrong.code == "state_unavailable":
        return Failure("interrupted", Charged.NO)
    return Failure("invalid_input", Charged.NO)
