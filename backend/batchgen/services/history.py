"""Pages of batches: whose are listed, where a page begins, and what is looked for in them."""

from typing import Literal

from batchgen.domain.ids import is_id
from batchgen.domain.models import Batch, BatchView, Page, User
from batchgen.domain.states import BatchState
from batchgen.errors import AppError
from batchgen.services.access import may_read, require_admin
from batchgen.services.batches import BatchService
from batchgen.store.batches import EVERYONE, TEAM, Batches

type Scope = Literal["mine", "team", "all"]
_AT_ONCE = 500  # batches that one look goes through; so long does Redis do nothing else
_MOST_LOOKED = 10_000  # batches that one request goes through; whoever asks on goes on from there
_KINDS = {BatchState.COMPLETED: "ended", BatchState.CANCELLED: "cancelled"}


class HistoryService:
    def __init__(self, service: BatchService, batches: Batches) -> None:
        self._service, self._batches = service, batches

    def history(
        self, user: User, *, scope: Scope, cursor: str | None, limit: int, state: BatchState | None, q: str | None
    ) -> Page[BatchView]:
        """Newest first. `scope`: the caller's own, those shared with the team, or all, which is for admins. `q`: each
        of its words stands in the name, the prompt or, but among one's own, in the owner's name. A page may be shorter
        than `limit`, or empty, and still not be the last. Raises AppError: forbidden; field_invalid on a wrong cursor.
        """
        place, listed = _place(cursor), self._list(user, scope)
        words, kind = (q or "").casefold().split(), _KINDS.get(state, "open") if state else ""
        shown: list[Batch] = []
        for _ in range(0, _MOST_LOOKED, _AT_ONCE):
            found = self._batches.find(
                listed, place, looks=_AT_ONCE, most=limit - len(shown), words=words, kind=kind, people=scope != "mine"
            )  # fmt: skip
            fits = self._batches.get_many(found.ids)
            shown += [b for b in fits if may_read(user, b) and state in (None, b.state)]
            place = found.stopped
            if place is None or len(shown) >= limit:
                break
        more = f"{place[0]}.{place[1]}" if place else None
        return Page([self._service.view(b) for b in shown], more, self._batches.count(listed))

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
