"""Finish notices: each owner's targets, and the outbox that the scripts put a finish into."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import NamedTuple

from batchgen.domain.failures import Category
from batchgen.domain.notices import Delivery, Facts, Kind, NoticeState, Preferences, Target
from batchgen.domain.states import BatchState
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.scripts import Script

CLAIM_MS = 120_000  # longer than any try takes; what a killed worker held is due again after it
_TEST_WINDOW_S = 600


class Claim(NamedTuple):
    """Something due. Without `target`: a finish that is not spread over its targets yet."""

    batch: str
    finish: int
    target: str
    tries: int

    @property
    def member(self) -> str:
        return ":".join([self.batch, str(self.finish), self.target]).rstrip(":")

    @property
    def delivery(self) -> str:
        """The same in every try."""
        return f"{self.batch}.{self.finish}.{self.target}"


class Notices:
    def __init__(self, client: Client) -> None:
        self._redis = client
        self._claim, self._spread = Script(client, "claim_notices"), Script(client, "spread_notice")
        self._settle = Script(client, "settle_notice")

    # who hears

    def preferences(self, owner: str) -> Preferences:
        raw = self._redis.hgetall(key("notices", owner))
        targets = [Target(**one | {"kind": Kind(one["kind"])}) for one in json.loads(raw.get("targets", "[]"))]
        return Preferences(tuple(targets), raw.get("default") == "1")

    def prefer(self, owner: str, wanted: Preferences) -> None:
        targets = json.dumps([asdict(target) for target in wanted.targets], ensure_ascii=False)
        self._redis.hset(key("notices", owner), mapping={"targets": targets, "default": int(wanted.default)})

    def may_test(self, owner: str, at_most: int) -> bool:
        """Count one more test notice; whether there were fewer than `at_most` within ten minutes."""
        name = key("noticetests", owner)
        pipe = self._redis.pipeline(transaction=True)
        pipe.set(name, 0, ex=_TEST_WINDOW_S, nx=True)
        pipe.incr(name)
        return int(pipe.execute()[1]) <= at_most

    # the outbox

    def claim(self, at_most: int = 1, now_ms: int | None = None) -> list[Claim]:
        """Take what is due; nobody else gets it until the claim runs out."""
        flat = self._claim(now_ms, CLAIM_MS, at_most, keys=[key("outbox")])
        found = []
        for member, tries in zip(flat[::2], flat[1::2], strict=True):
            batch, finish, target = (str(member) + ":").split(":")[:3]
            found.append(Claim(batch, int(finish), target, int(tries)))
        return found

    def spread(
        self, claim: Claim, targets: Iterable[Target], failures: Mapping[Category, int], now_ms: int | None = None
    ) -> bool:
        """One delivery for each target. False: another was first."""
        flat = [part for t in targets for part in (t.id, t.kind.value, t.shown())]
        where = [key("outbox"), key("notice", claim.batch, claim.finish)]
        return bool(self._spread(now_ms, claim.member, dict(failures), *flat, keys=where))

    def settle(
        self, claim: Claim, state: NoticeState, *, error: tuple[str, Mapping[str, object]] | None = None,
        delay_ms: int = 0, now_ms: int | None = None,
    ) -> None:  # fmt: skip
        """What came of one try; `waiting` is due again after `delay_ms`."""
        told = json.dumps([error[0], dict(error[1])]) if error else ""
        where = [key("outbox"), key("notice", claim.batch, claim.finish)]
        self._settle(now_ms, claim.member, claim.target, state.value, told, delay_ms, keys=where)

    def facts(self, batch: str, finish: int) -> Facts | None:
        """What there is to say of a finish; None where the batch was deleted."""
        raw = self._redis.hgetall(key("notice", batch, finish))
        return _facts(batch, raw) if raw else None

    def deliveries(self, batch: str, finish: int, coming: Iterable[Target]) -> list[Delivery]:
        """How the notices of a finish fare. `coming`: its targets, where it is not spread yet."""
        raw = self._redis.hgetall(key("notice", batch, finish))
        if not raw:
            return []
        if "targets" not in raw:
            return [Delivery(t.id, t.kind, t.shown(), NoticeState.WAITING) for t in coming]
        return [_delivery(target, raw) for target in raw["targets"].split()]


def _delivery(target: str, raw: Mapping[str, str]) -> Delivery:
    told = raw.get(f"{target}.error")
    code, params = json.loads(told) if told else (None, {})
    return Delivery(
        target_id=target, kind=Kind(raw[f"{target}.kind"]), shown=raw[f"{target}.shown"],
        state=NoticeState(raw[f"{target}.state"]), attempts=int(raw.get(f"{target}.tries", 0)),
        error=(code, params) if code else None,
    )  # fmt: skip


def _facts(batch: str, raw: Mapping[str, str]) -> Facts:
    told = json.loads(raw["facts"])
    failures = {Category(name): n for name, n in json.loads(raw.get("failures", "{}")).items()}
    state = BatchState.CANCELLED if told["stopped"] == "1" else BatchState.COMPLETED
    return Facts(
        batch_id=batch, name=told["name"], provider=told["provider"], model=told["model"], state=state.value,
        total=int(told["total"]), succeeded=int(told["succeeded"]), failed=int(told["failed"]),
        cancelled=int(told["cancelled"]), settled_micros=int(told["settled"]),
        possibly_paid_micros=int(told["unclear"]), created_ms=int(told["created"]),
        finished_ms=int(told["finished"]), failures=failures,
    )  # fmt: skip
