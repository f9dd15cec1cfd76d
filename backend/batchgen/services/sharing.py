"""Sharing a batch: with the team, who may read it, or by links, whose holders see its results only."""

import secrets
from collections.abc import Iterator
from typing import NamedTuple

from batchgen.domain.ids import is_id, new_id
from batchgen.domain.models import Batch, Item, Page, User
from batchgen.domain.sharing import MAX_LINKS, Link, Sharing, is_token
from batchgen.domain.states import ItemState, Review
from batchgen.errors import AppError
from batchgen.services.access import own_batch, shows
from batchgen.services.audit import AuditService
from batchgen.services.batches import after_index
from batchgen.services.checks import first_words
from batchgen.store.batches import Batches
from batchgen.store.sharing import Shares


class Shared(NamedTuple):
    """A batch as the holder of a link may see it."""

    batch: Batch
    link: Link

    @property
    def name(self) -> str:
        """Empty where nobody named it: what stands there then is the beginning of its prompt."""
        return "" if self.batch.name == first_words(self.batch.prompt) else self.batch.name

    @property
    def shown(self) -> int:
        """How many pictures there are to see."""
        return self.batch.approved if self.link.approved_only else self.batch.counts[ItemState.SUCCEEDED]


class SharingService:
    """`base_url`: where people reach us."""

    def __init__(self, batches: Batches, shares: Shares, audit: AuditService, base_url: str) -> None:
        self._batches, self._shares, self._audit, self._base_url = batches, shares, audit, base_url

    # the owner

    def of(self, user: User, batch_id: str) -> Sharing:
        """With the links that live. Raises AppError: not_found, read_only."""
        shared = self._own(user, batch_id).shared
        return Sharing(shared.team, shared.alive(self._shares.now_ms()))

    def set_team(self, user: User, batch_id: str, team: bool) -> Sharing:
        """Raises AppError: not_found, read_only."""
        batch = self._own(user, batch_id)
        if self._shares.share(batch, team):
            self._audit.write(user, "sharing.team", batch.id, owner=batch.owner.id, team=team)
        return self.of(user, batch_id)

    def add_link(self, user: User, batch_id: str, days: int, *, approved_only: bool = False) -> tuple[Link, str]:
        """A link that lives so many days, and its URL, which is told once. Raises AppError: not_found, read_only,
        too_many_links."""
        batch, token = self._own(user, batch_id), secrets.token_urlsafe(32)
        link = self._shares.add(batch.id, new_id("l"), token, days, approved_only=approved_only)
        if link is None:
            self._own(user, batch_id)  # deleted meanwhile
            raise AppError("too_many_links", limit=MAX_LINKS)
        self._audit.write(user, "link.create", link.id, owner=batch.owner.id, batch=batch.id, days=days)
        return link, f"{self._base_url}/shared#{token}"  # what follows a # is sent to no server, so no log has it

    def remove_link(self, user: User, batch_id: str, link_id: str) -> None:
        """Raises AppError: not_found, read_only."""
        batch = self._own(user, batch_id)
        if not (is_id(link_id, "l") and self._shares.remove(batch.id, link_id)):
            raise AppError("not_found")
        self._audit.write(user, "link.revoke", link_id, owner=batch.owner.id, batch=batch.id)

    def _own(self, user: User, batch_id: str) -> Batch:
        return own_batch(user, self._batches.get(batch_id) if is_id(batch_id, "b") else None)

    # the holder of a link

    def open(self, token: str) -> Shared:
        """Raises AppError("link_invalid")."""
        shared = self._find(token)
        if shared is None:
            raise AppError("link_invalid")
        batch, link = shared
        self._audit.write_for_link(link, "link.open", owner=batch.owner.id, batch=batch.id)
        return shared

    def links(self, tokens: list[str]) -> Iterator[Link]:
        """Those of `tokens` that still open something, each looked up when it is asked for."""
        return (shared.link for token in tokens if (shared := self._find(token)))

    def see(self, tokens: list[str], batch_id: str) -> Shared:
        """Raises AppError("link_invalid")."""
        found = (self._find(token) for token in tokens)
        shared = next((one for one in found if one and one.batch.id == batch_id), None)
        if shared is None:
            raise AppError("link_invalid")
        return shared

    def results(self, tokens: list[str], batch_id: str, *, cursor: str | None, limit: int) -> Page[Item]:
        """What succeeded, in order. Raises AppError: link_invalid; field_invalid on a wrong cursor."""
        batch, link = self.see(tokens, batch_id)
        review = Review.APPROVED if link.approved_only else None
        page = self._batches.page(batch, after_index(cursor), limit, ItemState.SUCCEEDED, review)
        return Page([item for item in page.items if shows(link, item)], page.next_cursor, page.total)

    def _find(self, token: str) -> Shared | None:
        found = self._shares.find(token) if is_token(token) else None
        return Shared(*found) if found else None
