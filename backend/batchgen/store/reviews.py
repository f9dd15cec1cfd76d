"""What people say of pictures that succeeded, and the pictures that were laid by."""

from collections.abc import Mapping

from batchgen.domain.states import RESTORES, ItemState, Review, sources_of
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.scripts import Script


class Reviews:
    def __init__(self, client: Client) -> None:
        self._review, self._restore = Script(client, "review_items"), Script(client, "restore_item")

    def decide(self, batch: str, decisions: Mapping[int, Review]) -> tuple[int, int]:
        """(how many of these have succeeded, so that they may be decided on; of how many it is a new word)."""
        said = {n: decision.value for n, decision in decisions.items()}
        found, changed = self._review(batch, said, ItemState.SUCCEEDED.value, keys=[key("batch", batch)])
        return int(found), int(changed)

    def restore(self, batch: str, index: int, number: int, now_ms: int | None = None) -> int:
        """Give an item back the picture that was laid by; nothing is charged. `number`: of the picture. 1 done, 0 there
        is no such picture, -1 the item has not ended."""
        sources = sources_of(ItemState.SUCCEEDED, RESTORES)
        return int(self._restore(now_ms, batch, index, str(number or ""), *sources, keys=[key("batch", batch)]))
