"""Pages of batches and items: where they begin, and whose batches are listed."""

from typing import Literal

from batchgen.domain.ids import is_id
from batchgen.domain.models import Batch, BatchView, Page, User
from batchgen.domain.states import BatchState
from batchgen.errors import AppError
from batchgen.services.access import may_read, require_admin
from batchgen.services.batches import BatchService
from batchgen.store.batches import EVERYONE, TEAM, Batches

type Scope = Literal["mine", "team", "all"]


class HistoryService:
    def __init__(self, service: BatchService, batches: Batches) -> None:
        self._service, self._batches = service, batches

    def history(
        self, user: User, *, scope: Scope, cursor: str | None, limit: int, state: BatchState | None, q: str | None
    ) -> Page[BatchView]:
        """Newest first. `scope`: the caller's own, those shared with the team, or all, which is for admins. `q` is
        looked for in names and prompts. Raises AppError: forbidden; field_invalid on a wrong cursor."""
        after, listed = _place(cursor), self._list(user, scope)
        found: list[Batch] = []
        wanted = (q or "").casefold()
        while len(found) <= limit:
            places = self._batches.newest(listed, after, 200)
            if not places:
                break
            batches = self._batches.get_many(batch_id for _, batch_id in places)
            found += [b for b in batches if may_read(user, b) and _matches(b, state, wanted)]
            after = places[-1]
        page = found[:limit]
        more = f"{page[-1].created_ms}.{page[-1].id}" if len(found) > limit else None
        return Page([self._service.view(b) for b in page], more, self._batches.count(listed))

    @staticmethod
    def _list(user: User, scope: Scope) -> str:
        if scope == "all":
            require_admin(user)
            return EVERYONE
        return TEAM if scope == "team" else user.id


def _place(cursor: str | None) -> tuple[int, str] | None:
    """Where a page of the history begins: `<created in ms>.<id>`. Raises AppError("field_invalid")."""
    if cursor is None:
        return None
    created, _, batch_id = cursor.partition(".")
    if not (created.isdecimal() and created.isascii() and len(created) <= 15 and is_id(batch_id, "b")):
        raise AppError.at("cursor", "field_invalid", field="cursor", reason=cursor[:40])
    return int(created), batch_id


def _matches(batch: Batch, state: BatchState | None, wanted: str) -> bool:
    if state is not None and batch.state is not state:
        return False
    return not wanted or wanted in batch.name.casefold() or wanted in batch.prompt.casefold()
