"""What an adapter of a provider's batch API is: many requests handed over as one job, to be fetched later."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from batchgen.domain.economy import Look
from batchgen.domain.failures import Failure
from batchgen.domain.pictures import Picture, Request

type Result = Picture | Failure | None  # None: it was not made, as its job was cancelled or ran out
type Staged = Mapping[str, object]  # in the provider's own form
MAX_FILE_BYTES = 2_000_000_000  # of all requests of a job


class JobProvider(Protocol):
    """One batch API. Knows its wire format; nothing of queues, retries, money. Each method raises ProviderFailure only;
    `key`: id of the key that the job belongs to."""

    def line(self, item_id: str, request: Request) -> bytes:
        """One request as a line of the job's file. Refused before anything is sent where the model does not take it."""
        ...

    def stage(self, name: str, requests: Path, *, answer_bytes: int, key: str) -> Staged:
        """Bring the lines of a file to where a job can begin with them; nothing is made or paid yet. `answer_bytes`:
        about how much it will answer with."""
        ...

    def create(self, name: str, model: str, staged: Staged, *, key: str, timeout_s: float) -> str:
        """Begin the job under our `name`; the provider's name of it. Not to be repeated before `find` was asked."""
        ...

    def find(self, name: str, key: str) -> list[str]:
        """The provider's names of jobs under our `name`, the oldest first."""
        ...

    def look(self, remote: str, key: str) -> Look:
        """How a job stands."""
        ...

    def results(self, remote: str, key: str, scratch: Path) -> Iterator[tuple[str, Result]]:
        """What an ended job left, as (item id, result) in any order; items may be missing. `scratch`: a file to use."""
        ...

    def cancel(self, remote: str, key: str) -> None:
        """Ask for its end; how it ended, `look` tells."""
        ...
