"""Who stands in the queue, and who works on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Of one person in a lane, in the order of turns."""

    owner: str
    name: str
    queued: int


@dataclass(frozen=True, slots=True)
class LaneStanding:
    """`since_ms`: how long the first of those who wait has waited; None: nobody does."""

    provider: str
    model: str
    economy: bool
    running: int
    since_ms: int | None
    people: tuple[Place, ...]

    @property
    def queued(self) -> int:
        return sum(place.queued for place in self.people)


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """Somebody with items that are not final, in however many batches."""

    id: str
    name: str
    items: int
    batches: int


@dataclass(frozen=True, slots=True)
class WorkerStanding:
    name: str
    slots: int
    seen_ms: int
    live: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """`waiting`: items between two attempts."""

    lanes: tuple[LaneStanding, ...]
    people: tuple[PersonStanding, ...]
    workers: tuple[WorkerStanding, ...]
    waiting: int

    @property
    def running(self) -> int:
        return sum(lane.running for lane in self.lanes)

    @property
    def slots(self) -> int:
        return sum(worker.slots for worker in self.workers if worker.live)
