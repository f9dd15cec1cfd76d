"""What a model takes: the one rule for the check at submit and for the last look before a call."""

from batchgen.domain.pictures import Capabilities, Options


def not_offered(model: Capabilities, options: Options) -> list[tuple[str, str]]:
    """(option, value) of everything chosen that the model would ignore or refuse."""
    choices = (
        ("aspect_ratio", options.aspect_ratio, model.aspect_ratios),
        ("size", options.size, model.sizes),
        ("format", options.format, model.formats),
    )
    wrong = [(name, value) for name, value, offered in choices if value is not None and value not in offered]
    if options.seed is not None and not model.takes_seed:
        wrong.append(("seed", str(options.seed)))
    if options.watermark and not model.takes_watermark:
        wrong.append(("watermark", "true"))
    return wrong


def most_references(model: Capabilities, *, with_base: bool) -> int:
    """How many references may be sent along; the base image takes one of the places."""
    return model.max_references if with_base else model.max_images


def image_fault(model: Capabilities, width: int, height: int) -> str | None:
    """Why an image of that size cannot be sent to the model, as an error code; None: it can. What is only too large
    is made smaller before it is sent."""
    if min(width, height) < model.min_input_side:
        return "image_side_refused"
    if max(width, height) > model.widest_input * min(width, height):
        return "image_ratio_refused"
    return None
