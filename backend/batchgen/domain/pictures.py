"""What goes into a provider call and what comes out of it. Plain values, no I/O."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InputImage:
    """One image as it is sent: already oriented, stripped of metadata and within the model's limits."""

    data: bytes = field(repr=False)
    mime: str  # image/jpeg or image/png
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a batch, in the same words for every provider; None means the provider's default."""

    aspect_ratio: str | None = None  # "16:9"; None: as the first input image
    size: str | None = None  # "1K", "2K", "4K"
    format: str | None = None  # "png", "jpeg", "webp"
    seed: int | None = None
    watermark: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One picture to be made. `images`: the base image first if there is one, then the references."""

    model: str
    prompt: str
    images: tuple[InputImage, ...] = ()
    options: Options = Options()
    key: str = ""  # id of the provider's key to use; empty: any


@dataclass(frozen=True, slots=True)
class Picture:
    """A provider's answer: its bytes exactly as they came, not yet checked."""

    data: bytes = field(repr=False)
    mime: str  # what the provider says; the intake finds the truth
    description: str = ""  # text that came with the picture
    seed: int | None = None
    model_version: str = ""
    response_id: str = ""
    usage: dict[str, int] = field(default_factory=dict)  # token or image counts as the provider names them


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do: drives validation, the SPA's selectors and the preparation of inputs."""

    id: str
    name_zh: str
    name_en: str
    price_micros: int  # micro-USD per image at the default size, inputs not counted
    aspect_ratios: tuple[str, ...] = ()  # empty: follows the input or the default
    sizes: tuple[str, ...] = ()  # first is the default
    formats: tuple[str, ...] = ()  # empty: the provider's own choice
    max_references: int = 0
    text_to_image: bool = True
    takes_seed: bool = False
    max_input_side: int = 2048  # longest side in pixels of an image that is sent
    max_input_bytes: int = 7 * 1024 * 1024  # of one image that is sent
    default: bool = False  # the provider's default model
    deprecated: str | None = None  # date, when it is announced
    as_of: str = ""  # date of the price
    source: str = ""  # where the price is from
    prices: tuple[tuple[str, int], ...] = ()  # (size, micro-USD per image); empty: one price for all
    input_price_micros: int = 0  # micro-USD for each image that is sent along
    batch: bool = False  # its provider has a batch API for it
    batch_price: float = 1.0  # what that costs, as a part of the price

    def price(self, size: str | None = None, images: int = 0) -> int:
        """Micro-USD of one picture of `size` (None: the default) made from `images` images."""
        return dict(self.prices).get(size or "", self.price_micros) + images * self.input_price_micros

    def economy_price(self, size: str | None = None, images: int = 0) -> int:
        """As `price`, by the batch API; a part of a micro-USD counts as one."""
        return math.ceil(self.price(size, images) * self.batch_price)
