"""What a picture that was made costs: by what the provider says it took, else by the catalogue."""

from math import ceil
from typing import Literal, NamedTuple

from batchgen.domain.pictures import Billed, Capabilities

_MILLION = 1_000_000


class Made(NamedTuple):
    """Micro-USD. `price`: of one `unit` of `quantity`: a picture, or a million output tokens."""

    amount: int
    price: int
    quantity: int
    unit: Literal["picture", "tokens"]
    attempt: int | None = None  # the call that made it; None: the last one

    def wire(self) -> dict[str, object]:
        told = self._asdict()
        return told if self.attempt is not None else {name: told[name] for name in told if name != "attempt"}


def made(
    model: Capabilities, size: str | None, images: int, billed: Billed, attempt: int | None = None, share: float = 1.0
) -> Made:
    """The charge of one call that sent `images` images. By tokens where the provider counts them and the catalogue has
    their price; a part of a micro-USD counts as one. `share`: what is paid of the price, by the batch API."""
    rate, of_pictures = model.output_token_micros_per_million, model.price(size)
    if rate and billed.output_tokens:
        micros = billed.output_tokens * rate + billed.text_tokens * model.text_token_micros_per_million
        micros += billed.image_tokens * model.image_token_micros_per_million
        amount = -(-micros // _MILLION)
        if not model.image_token_micros_per_million:  # what goes in has a price of its own
            amount += images * model.input_price_micros
        return Made(ceil(amount * share), ceil(rate * share), billed.output_tokens, "tokens", attempt)
    count = billed.pictures or 1
    inputs = (images if billed.images is None else billed.images) * model.input_price_micros
    amount = ceil((count * of_pictures + inputs) * share)
    return Made(amount, ceil(of_pictures * share), count, "picture", attempt)
