"""A provider's answer on its way from the wire to a result: what it is held against, and what is noted of it."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from batchgen.domain.failures import ProviderFailure
from batchgen.domain.models import ImageFacts
from batchgen.domain.pictures import Billed, Capabilities, Picture, Request
from batchgen.domain.prices import Made, made
from batchgen.domain.quality import Asked, Flag, side_for
from batchgen.domain.ratios import promised_ratio
from batchgen.providers.registry import Registry
from batchgen.store.keys import is_economy, provider_of


class Answer(NamedTuple):
    """A picture that was paid for. `attempt`: the number of the call that gave it, which sent `images` images by
    `lane`."""

    picture: Picture
    asked: Asked
    attempt: int
    lane: str
    images: int

    def made(self, registry: Registry, size: str | None) -> Made | None:
        """What the call cost; None: its model is not known any more."""
        try:
            model = registry.adapter(provider_of(self.lane)).capabilities(self.lane.partition("/")[2])
        except ProviderFailure:
            return None
        share = model.batch_price if is_economy(self.lane) else 1.0
        return made(model, size, self.images, self.picture.billed, self.attempt, share)


def asked_of(request: Request, model: Capabilities) -> Asked:
    """What the answer to `request` is held against. Without a base image the first one is a reference, which may well
    come out smaller or as it is."""
    size = request.base_size
    ratio = promised_ratio(model, request.options, size).ratio
    return Asked(ratio, request.images[0].fingerprint, side_for(size)) if size else Asked(ratio)


def kept_key(item_id: str) -> str:
    """Where the bytes of an answer lie until its item is settled; with `.json`, what is noted of them."""
    return f"kept/{item_id}"


def note_of(answer: Answer) -> bytes:
    """What has to be known of an answer besides its bytes, to go on with it after a crash."""
    picture, asked = answer.picture, answer.asked
    about = {"mime": picture.mime, "description": picture.description, "seed": picture.seed}
    held = {"ratio": asked.ratio, "base": asked.base.hex(), "side": asked.side}
    call = {name: getattr(answer, name) for name in ("attempt", "lane", "images")}
    return json.dumps({"picture": about, "billed": picture.billed._asdict(), "asked": held, **call}).encode()


def answer_from(note: bytes, data: bytes) -> Answer:
    about = json.loads(note)
    held = about["asked"]
    asked = Asked(held["ratio"], bytes.fromhex(held["base"]), held["side"])
    picture = Picture(data=data, billed=Billed(**about["billed"]), **about["picture"])
    return Answer(picture, asked, about["attempt"], about["lane"], about["images"])


def result_fields(
    facts: ImageFacts, answer: Answer, flags: tuple[Flag, ...], before: Mapping[str, str]
) -> dict[str, str | int]:
    """What the item's record says of its picture. `before`: the record, which may tell of an earlier, marked one."""
    picture = answer.picture
    fields: dict[str, str | int] = {"flags": "", "note": "", "seed": ""} if before.get("flags") else {}
    fields |= {"format": facts.format, "width": facts.width, "height": facts.height, "bytes": len(picture.data)}
    if picture.description:
        fields["note"] = picture.description[:500]
    if picture.seed is not None:
        fields["seed"] = picture.seed
    if flags:
        fields["flags"], fields["error"] = " ".join(flags), f"bad_output_{flags[0]}"
        fields["marked"] = f"{before.get('marked', '')} {answer.attempt}.{facts.format}".strip()
    return fields
