"""The size of a picture as Ark wants it. Ark holds a ratio only where it is told in pixels [T]."""

from batchgen.domain.pictures import Request
from batchgen.domain.ratios import promised_ratio
from batchgen.providers.catalogue import Entry


def size_for(request: Request, entry: Entry) -> str | None:
    """`WxH` for a ratio that was asked for, or for that of the base image; else the size's own word, which lets the
    model choose the ratio by the prompt. None: the field is left out."""
    if "adaptive" in entry.sends:  # SeedEdit knows this word only
        return "adaptive"
    promise = promised_ratio(entry.capabilities, request.options, request.base_size)
    if promise.size:
        return "{}x{}".format(*promise.size)
    return request.options.size or next(iter(entry.capabilities.sizes), None)
