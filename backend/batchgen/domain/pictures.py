"""What goes into a provider call and what comes out of it. Plain values, no I/O."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from batchgen.domain.canvas import Canvas


@dataclass(frozen=True, slots=True)
class InputImage:
    """One image as it is sent: already oriented, stripped of metadata and within the model's limits."""

    data: bytes = field(repr=False)
    mime: str  # image/jpeg or image/png
    width: int
    height: int
    fingerprint: bytes = field(default=b"", repr=False)  # what it looks like, see `domain.quality`


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
    references: int = 0  # how many of the images, the last ones, are references
    key: str = ""  # id of the provider's key to use; empty: any

    @property
    def base_size(self) -> tuple[int, int] | None:
        """Of the base image; None: there is none."""
        base = self.images[0] if len(self.images) > self.references else None
        return (base.width, base.height) if base else None


class Billed(NamedTuple):
    """What a provider says that a call took, in the same words for all; 0 or None: it does not say."""

    pictures: int = 0
    images: int | None = None  # sent along
    output_tokens: int = 0
    text_tokens: int = 0  # of the prompt
    image_tokens: int = 0  # of the images sent along


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
    billed: Billed = Billed()


class Sending(NamedTuple):
    """What an image has to keep to when it is sent."""

    max_side: int
    max_bytes: int
    keep_alpha: bool


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do: drives validation, the SPA's selectors and the preparation of inputs."""

    id: str
    name_zh: str
    name_en: str
    price_micros: int  # micro-USD per image at the default size, inputs not counted
    aspect_ratios: tuple[str, ...] = ()  # empty: follows the input or the default
    sizes: tuple[str, ...] = ()  # first is the default
    canvas: Canvas = Canvas()  # how the picture gets its ratio
    formats: tuple[str, ...] = ()  # empty: the provider's own choice
    max_images: int = 0  # in one request, the base image included
    max_references: int = 0  # beside a base image
    max_variants: int = 8
    text_to_image: bool = True
    takes_seed: bool = False
    takes_watermark: bool = False  # can be told to put a visible mark on the picture
    takes_alpha: bool = True  # False: see-through parts are laid on white before sending
    min_input_side: int = 1  # shortest side in pixels of an image that is sent
    widest_input: float = 1000.0  # longer by shorter side of an image that is sent
    max_input_side: int = 2048  # longest side in pixels of an image that is sent
    max_input_bytes: int = 7 * 1024 * 1024  # of one image that is sent
    max_request_bytes: int = 18_000_000  # of all images of a request together, in base64
    default: bool = False  # the provider's default model
    deprecated: str | None = None  # date, when it is announced
    as_of: str = ""  # date of the price
    source: str = ""  # where the price is from
    prices: tuple[tuple[str, int], ...] = ()  # (size, micro-USD per image); empty: one price for all
    input_price_micros: int = 0  # micro-USD for each image that is sent along
    output_token_micros_per_million: int = 0  # 0: a picture is charged at its price
    text_token_micros_per_million: int = 0  # of the prompt
    image_token_micros_per_million: int = 0  # of the images sent along
    batch: bool = False  # its provider has a batch API for it
    batch_price: float = 1.0  # what that costs, as a part of the price

    def price(self, size: str | None = None, images: int = 0) -> int:
        """Micro-USD of one picture of `size` (None: the default) made from `images` images."""
        return dict(self.prices).get(size or "", self.price_micros) + images * self.input_price_micros

    def economy_price(self, size: str | None = None, images: int = 0) -> int:
        """As `price`, by the batch API; a part of a micro-USD counts as one."""
        return math.ceil(self.price(size, images) * self.batch_price)

    def sending(self, images: int) -> Sending:
        """The limits of each of `images` images, so that all of them together fit into one request."""
        share = self.max_request_bytes * 3 // 4 // max(1, images)
        return Sending(self.max_input_side, min(self.max_input_bytes, share), self.takes_alpha)
