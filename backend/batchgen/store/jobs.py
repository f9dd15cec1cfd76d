"""Jobs of providers' batch APIs: many items each, held by the job instead of a lease."""

import secrets
from collections.abc import Mapping
from typing import Literal, NamedTuple

from batchgen.domain.economy import JobFacts, JobState
from batchgen.domain.states import ItemState, sources_of
from batchgen.store.connection import Client
from batchgen.store.items import maybe_int
from batchgen.store.keys import is_economy, key
from batchgen.store.scripts import Script

_NONE: Mapping[str, str | int] = {}


class Held(NamedTuple):
    """A job in the hands of one worker. `claim`: what says so; `now_ms`: when it was taken."""

    id: str
    claim: str
    now_ms: int
    batch: str
    lane: str
    key: str
    state: JobState
    items: tuple[int, ...]
    remote: str  # the provider's name of it; empty: not known
    polls: int
    looks: int  # in vain, for a job that is not to be found
    sent_ms: int  # when its creation was last asked for
    until_ms: int  # while it is cancelled: when its outcome counts as unclear
    moved: int


class Jobs:
    """`hold_ms`: a worker's silence until its job is another's to take."""

    def __init__(self, client: Client, hold_ms: int) -> None:
        self._redis, self._hold_ms = client, hold_ms
        self._begin, self._claim = Script(client, "begin_job"), Script(client, "claim_job")
        self._keep, self._send = Script(client, "keep_job"), Script(client, "send_job")
        self._hurry = Script(client, "hurry_jobs")

    def lanes(self) -> list[str]:
        """Every economy lane that ever had work."""
        return sorted(lane for lane in self._redis.smembers(key("lanes")) if is_economy(lane))

    def begin(
        self, batch: str, lane: str, key_id: str, at_most: int, linger_ms: int = 0, now_ms: int | None = None
    ) -> str | None:
        """Put queued items of a batch into a new job, due at once. `linger_ms`: after one was begun, fewer than
        `at_most` wait so long for others to go with. None: there are none, or the batch stands still."""
        sources = sources_of(ItemState.RUNNING)
        done = self._begin(
            now_ms, batch, lane, key_id, at_most, linger_ms, *sources, keys=[key("batch", batch), key("jobs")]
        )  # fmt: skip
        return str(done) or None

    def claim(self, now_ms: int | None = None) -> Held | None:
        """The job that is due longest, if any."""
        claim = secrets.token_urlsafe(9)
        found = self._claim(now_ms, self._hold_ms, claim, keys=[key("jobs")])
        if not found:
            return None
        raw = dict(zip(found[2::2], found[3::2], strict=True))
        return Held(
            found[0], claim, int(found[1]), raw["batch"], raw["lane"], raw["key"], JobState(raw["state"]),
            tuple(int(n) for n in raw["items"].split()), raw.get("remote", ""), int(raw.get("polls", 0)),
            int(raw.get("looks", 0)), int(raw.get("sent", 0)), int(raw.get("until", 0)), int(raw.get("moved", 0)),
        )  # fmt: skip

    def renew(self, job: Held, now_ms: int | None = None) -> bool:
        """Heartbeat of whoever works on it; False: another has it."""
        return self._note(job, "hold", self._hold_ms, {}, now_ms)

    def note(self, job: Held, fields: Mapping[str, str | int], now_ms: int | None = None) -> bool:
        """Write down what was learnt, and go on."""
        return self._note(job, "hold", self._hold_ms, fields, now_ms)

    def wait(
        self, job: Held, delay_s: float, fields: Mapping[str, str | int] = _NONE, now_ms: int | None = None
    ) -> bool:
        """Let go until it is due again."""
        return self._note(job, "wait", int(delay_s * 1000), fields, now_ms)

    def end(self, job: Held, fields: Mapping[str, str | int] = _NONE, now_ms: int | None = None) -> bool:
        return self._note(job, "end", 0, fields, now_ms)

    def send(self, job: Held, now_ms: int | None = None) -> int:
        """Write down that the request leaves. How many items go with it; 0: another has the job; -1: its batch is
        cancelled; -2: one of its items is."""
        keys = [key("job", job.id), key("batch", job.batch)]
        return int(self._send(now_ms, job.id, job.batch, job.claim, keys=keys))

    def hurry(self, batch: str) -> None:
        """Its jobs are to be looked at now."""
        self._hurry(None, batch, keys=[key("batch", batch), key("jobs")])

    def of(self, batch: str, count: int) -> tuple[list[JobFacts], int]:
        """The first `count` jobs of a batch, and the time (ms)."""
        pipe = self._redis.pipeline()
        pipe.time()
        for number in range(1, count + 1):
            pipe.hgetall(key("job", f"{batch}.{number}"))
        (seconds, micros), *raws = pipe.execute()
        return [_facts(raw) for raw in raws if raw], seconds * 1000 + micros // 1000

    def _note(
        self, job: Held, how: Literal["hold", "wait", "end"], ms: int, fields: Mapping[str, str | int],
        now_ms: int | None,
    ) -> bool:  # fmt: skip
        keys = [key("jobs"), key("job", job.id)]
        return bool(self._keep(now_ms, job.id, job.claim, how, ms, dict(fields), keys=keys))


def _facts(raw: Mapping[str, str]) -> JobFacts:
    return JobFacts(
        JobState(raw["state"]), len(raw["items"].split()), int(raw["created"]), maybe_int(raw.get("ended")),
        int(raw.get("moved", 0)),
    )  # fmt: skip
