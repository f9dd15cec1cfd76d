"""The size of a picture as OpenAI's API wants it: pixels in steps of 16 [O], or one of three fixed sizes."""

from batchgen.domain.canvas import fit
from batchgen.domain.pictures import Request
from batchgen.domain.ratios import area_of, promised_ratio
from batchgen.providers.catalogue import Entry


def size_for(request: Request, entry: Entry) -> str:
    """`WxH` for a ratio or a size that was asked for, or for the ratio of the base image; else `auto`, which leaves it
    to the model and the prompt."""
    model, options = entry.capabilities, request.options
    size = promised_ratio(model, options, request.base_size).size
    if size is None and options.size and model.canvas.mode == "pixels":
        size = fit(model.canvas, 1.0, area_of(model, options))
    return "{}x{}".format(*size) if size else "auto"
