"""Sharing as its owner sees it, and a batch as the holder of a link sees it."""

from typing import Self

from pydantic import Field

from batchgen.domain.models import Batch, Item, ResultFacts
from batchgen.domain.sharing import MAX_LINK_DAYS, Link, Sharing
from batchgen.domain.states import ItemState
from batchgen.schemas.base import Incoming, Outgoing, Time, rfc3339
from batchgen.schemas.batches import CountsOut


class SharingIn(Incoming):
    team: bool = Field(description="whether the whole team may read the batch")


class LinkOut(Outgoing):
    id: str
    created_at: Time
    expires_at: Time

    @classmethod
    def of(cls, link: Link) -> Self:
        return cls.model_validate(_link(link))


class SharingOut(Outgoing):
    team: bool
    links: list[LinkOut]

    @classmethod
    def of(cls, sharing: Sharing) -> Self:
        return cls(team=sharing.team, links=[LinkOut.of(link) for link in sharing.links])


class LinkIn(Incoming):
    expires_in_days: int = Field(ge=1, le=MAX_LINK_DAYS)


class NewLinkOut(LinkOut):
    url: str = Field(description="shown once; whoever has it sees the results")

    @classmethod
    def made(cls, link: Link, url: str) -> Self:
        return cls.model_validate(_link(link) | {"url": url})


class OpenIn(Incoming):
    token: str = Field(max_length=200, description="what follows the # of the link's URL")


class SharedBatchOut(Outgoing):
    id: str
    name: str = Field(description="empty where nobody named it")
    counts: CountsOut
    created_at: Time
    expires_at: Time = Field(description="when the link ends")
    results_expired_at: Time | None = Field(None, description="when its older pictures were deleted, being too old")

    @classmethod
    def of(cls, batch: Batch, name: str, link: Link) -> Self:
        counts = {"total": batch.total} | {state.value: batch.counts.get(state, 0) for state in ItemState}
        return cls.model_validate(
            {"id": batch.id, "name": name, "counts": counts, "created_at": rfc3339(batch.created_ms),
             "expires_at": rfc3339(link.expires_ms), "results_expired_at": rfc3339(batch.expired_ms)}
        )  # fmt: skip


class OpenedOut(Outgoing):
    batch: SharedBatchOut


class SharedResultOut(Outgoing):
    """Without the model's words, which may repeat the prompt."""

    url: str
    thumbnail_url: str
    width: int
    height: int
    bytes: int
    format: str

    @classmethod
    def of(cls, r: ResultFacts) -> Self:
        return cls(
            url=f"/static/results/{r.name}", thumbnail_url=f"/static/thumbnails/{r.thumbnail}", width=r.width,
            height=r.height, bytes=r.bytes, format=r.format,
        )  # fmt: skip


class SharedItemOut(Outgoing):
    id: str
    name: str
    result: SharedResultOut

    @classmethod
    def of(cls, item: Item) -> Self:
        """Of one that has a result."""
        assert item.result is not None  # noqa: S101 - only what succeeded is shared
        return cls(id=item.id, name=item.name, result=SharedResultOut.of(item.result))


class SharedItemsPageOut(Outgoing):
    items: list[SharedItemOut]
    next_cursor: str | None
    total: int


class SharedItemsQuery(Incoming):
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=200)


def _link(link: Link) -> dict[str, object]:
    return {"id": link.id, "created_at": rfc3339(link.created_ms), "expires_at": rfc3339(link.expires_ms)}
