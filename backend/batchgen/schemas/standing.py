"""The queue and its workers, as an admin sees them."""

from typing import Self

from pydantic import Field

from batchgen.domain.standing import LaneStanding, PersonStanding, Standing, WorkerStanding
from batchgen.schemas.base import Outgoing, Time, rfc3339


class PlaceOut(Outgoing):
    id: str
    name: str
    queued: int


class LaneOut(Outgoing):
    provider: str
    model: str
    economy: bool
    queued: int = Field(description="items that may run and wait for their turn")
    running: int
    since: Time | None = Field(description="since when the first of those who wait has work open; null: nobody waits")
    people: list[PlaceOut] = Field(description="who waits, in the order of turns")

    @classmethod
    def of(cls, one: LaneStanding) -> Self:
        return cls.model_validate(
            {
                "provider": one.provider, "model": one.model, "economy": one.economy, "queued": one.queued,
                "running": one.running, "since": rfc3339(one.since_ms),
                "people": [PlaceOut(id=p.owner, name=p.name, queued=p.queued) for p in one.people],
            }
        )  # fmt: skip


class PersonStandingOut(Outgoing):
    id: str
    name: str
    items: int = Field(description="not final: queued, between attempts, running, held back by a pilot or a pause")
    batches: int

    @classmethod
    def of(cls, one: PersonStanding) -> Self:
        return cls(id=one.id, name=one.name, items=one.items, batches=one.batches)


class WorkerOut(Outgoing):
    name: str
    slots: int
    seen_at: Time = Field(description="its last heartbeat")
    live: bool = Field(description="false: silent for so long that it gets nothing more")

    @classmethod
    def of(cls, one: WorkerStanding) -> Self:
        return cls.model_validate(
            {"name": one.name, "slots": one.slots, "seen_at": rfc3339(one.seen_ms), "live": one.live}
        )


class QueueOut(Outgoing):
    lanes: list[LaneOut]
    people: list[PersonStandingOut]
    workers: list[WorkerOut]
    waiting: int = Field(description="items between two attempts")
    running: int
    slots: int = Field(description="of all live workers")

    @classmethod
    def of(cls, one: Standing) -> Self:
        return cls(
            lanes=[LaneOut.of(lane) for lane in one.lanes],
            people=[PersonStandingOut.of(person) for person in one.people],
            workers=[WorkerOut.of(worker) for worker in one.workers],
            waiting=one.waiting, running=one.running, slots=one.slots,
        )  # fmt: skip
