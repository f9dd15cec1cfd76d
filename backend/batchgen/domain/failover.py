"""Where an item goes on when its provider cannot make it: the policy of its batch decides, nothing else does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from batchgen.domain.failures import Category
from batchgen.domain.offers import most_references, not_offered
from batchgen.domain.pictures import Capabilities, Options

Policy = Literal["none", "same_price", "any"]
MOVABLE = frozenset(
    {Category.RATE_LIMITED, Category.QUOTA_EXHAUSTED, Category.MODEL_UNAVAILABLE, Category.UPSTREAM_ERROR,
     Category.TIMEOUT}
)  # fmt: skip
_STAY = frozenset({"demo"})  # its pictures cost nothing and are none: nothing goes there, nor away from it


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider that is configured, with the models that it offers, its default first."""

    provider: str
    models: tuple[Capabilities, ...]


class Need(NamedTuple):
    """What an item asks of a model. `price_micros`: what it would have cost where it was."""

    options: Options
    references: int
    has_image: bool
    price_micros: int

    @property
    def images(self) -> int:
        return self.references + int(self.has_image)


class Place(NamedTuple):
    provider: str
    model: str
    price_micros: int


def next_place(policy: str, need: Need, tried: Collection[str], offers: Sequence[Offer]) -> Place | None:
    """The next provider that takes the item, in the order of `offers`; None: it stays. `tried`: providers that had it,
    the one that it leaves among them."""
    if policy not in ("same_price", "any") or _STAY & set(tried):
        return None
    for offer in offers:
        if offer.provider in tried or offer.provider in _STAY:
            continue
        for model in offer.models:
            price = model.price(need.options.size, need.images)
            if fits(model, need) and (policy == "any" or price <= need.price_micros):
                return Place(offer.provider, model.id, price)
    return None


def fits(model: Capabilities, need: Need) -> bool:
    """Whether the model takes the item as it is, with every option that was chosen."""
    room = most_references(model, with_base=need.has_image)
    takes = need.references <= room and (need.has_image or model.text_to_image)
    return takes and not not_offered(model, need.options)
