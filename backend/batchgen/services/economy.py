"""The terms of the economy lane, as they are agreed when a batch is submitted."""

import time

from batchgen.domain.economy import LONGEST_DAYS, Agreement
from batchgen.domain.models import Limits, Submission
from batchgen.domain.pictures import Capabilities
from batchgen.errors import Detail


def economy_faults(asked: Submission, model: Capabilities, limits: Limits) -> list[Detail]:
    """What is wrong with the lane that was asked for."""
    if asked.lane != "economy":
        given = asked.needed_by_ms is not None or asked.full_price_ok
        return [Detail("lane", "field_invalid", {"field": "lane", "reason": "economy"})] if given else []
    if not model.batch:
        return [Detail("lane", "economy_not_offered", {"model": model.id})]
    if asked.needed_by_ms is None:
        return [Detail("needed_by", "needed_by_missing", {})]
    ahead_s = asked.needed_by_ms / 1000 - time.time()
    if limits.economy_shortest_s <= ahead_s <= LONGEST_DAYS * 86_400 and ahead_s > 0:
        return []
    minutes = round(limits.economy_shortest_s / 60)
    return [Detail("needed_by", "needed_by_out_of_range", {"minutes": minutes, "days": LONGEST_DAYS})]


def economy_agreement(asked: Submission, model: Capabilities, images: int) -> Agreement | None:
    """None: the normal lane. `images`: sent along with one picture."""
    if asked.lane != "economy" or asked.needed_by_ms is None:
        return None
    size = asked.options.size
    return Agreement(
        asked.needed_by_ms, asked.full_price_ok, model.price(size, images), model.economy_price(size, images)
    )  # fmt: skip


def seconds_left(asked: Submission) -> int | None:
    """Until the pictures are needed; None: not said."""
    return None if asked.needed_by_ms is None else max(1, round(asked.needed_by_ms / 1000 - time.time()))


def lane_of_retry(agreed: Agreement) -> dict[str, str | int]:
    """What changes on items that are run again by a person: once the time has passed, the lane and the price."""
    late = time.time() * 1000 >= agreed.needed_by_ms
    return {"lane": "normal", "price": agreed.full_price_micros} if late else {}
