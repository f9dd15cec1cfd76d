"""What every adapter is, and the little that all of them share. Knows no provider and no library of one."""

import base64
import binascii
import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Protocol

from batchgen.domain.availability import Presence
from batchgen.domain.failures import Charged, Failure
from batchgen.domain.offers import image_fault, not_offered
from batchgen.domain.pace import NO_KEY
from batchgen.domain.pictures import Capabilities, Picture, Request
from batchgen.providers.catalogue import Entry

CONNECT_TIMEOUT_S = 10.0  # a host that does not answer by then is down; nothing was sent, so waiting buys nothing
MAX_ANSWER_BYTES = 64 * 1024 * 1024  # a 4K picture is at most 25 MB, a third more in base64 [G]
MAX_ERROR_BYTES = 1024 * 1024


class Provider(Protocol):
    """One paid image API. Knows its wire format; nothing of queues, retries, money."""

    id: str

    def capabilities(self, model: str) -> Capabilities:
        """What `model` can do, retired models included. Raises ProviderFailure where it is unknown."""
        ...

    def generate(self, request: Request, *, timeout_s: float) -> Picture:
        """One call, at most `timeout_s` seconds. Raises ProviderFailure(Failure) only."""
        ...

    def probe(self, *, timeout_s: float) -> dict[str, Presence]:
        """Whether each offered model is still there, by asking for lists: never a paid call. Raises nothing; what
        cannot be found out is UNKNOWN."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """How to reach a provider. `latency_s` (seconds per picture) is for the demo only."""

    keys: tuple[str, ...] = field(default=(), repr=False)
    base_url: str = ""  # empty: the provider's own address
    latency_s: float = 0.0


def key_id(key: str) -> str:
    """A name for a key that gives nothing of it away: what is stored and sent around."""
    return hashlib.sha256(f"batchgen {key}".encode()).hexdigest()[:12] if key else NO_KEY[0]


def key_ids(config: ProviderConfig) -> tuple[str, ...]:
    return tuple(key_id(key) for key in config.keys)


def key_tail(key: str) -> str:
    """What a person may see of a key: at most its last 4 characters, of a short one none."""
    return key[-4:] if len(key) >= 16 else ""


class KeyRing:
    """The keys of one provider, by id, or taking turns. Safe for threads; shows no key."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys, self._turns = keys, itertools.count()
        self._by_id = {key_id(key): key for key in keys}

    def take(self, id_: str = "") -> str:
        """The key of that id; any where there is none of it."""
        return self._by_id.get(id_) or self._keys[next(self._turns) % len(self._keys)]


class AnswerTooLarge(Exception):
    """An answer of status 200 went over its cap: it was paid for, and is of no use."""


def refusal(request: Request, entry: Entry) -> Failure | None:
    """Why `request` must not be sent to this model, told before it costs anything; None: it may go."""
    offered = entry.capabilities
    ignored = not_offered(offered, request.options)
    refused = next((i for i in request.images if image_fault(offered, i.width, i.height)), None)
    wrong = ""
    if ignored:
        wrong = "{} {}".format(*ignored[0])
    elif refused:
        wrong = f"an image of {refused.width}x{refused.height}"
    elif len(request.images) > offered.max_images:
        wrong = f"{len(request.images)} images (at most {offered.max_images})"
    elif not request.images and not offered.text_to_image:
        wrong = "a prompt without an image"
    elif sum(len(image.data) for image in request.images) * 4 // 3 > offered.max_request_bytes:
        wrong = f"images of more than {offered.max_request_bytes // 1_000_000} MB together"
    if not wrong:
        return None
    return Failure("invalid_input", Charged.NO, detail=f"{offered.id} does not take {wrong}")


_BY_STATUS: dict[int, tuple[str, Charged]] = {
    401: ("auth", Charged.NO),
    402: ("quota_exhausted", Charged.NO),
    403: ("auth", Charged.NO),
    404: ("model_unavailable", Charged.NO),
    408: ("upstream_busy", Charged.NO),
    429: ("provider_rate_limited", Charged.NO),
    499: ("timeout", Charged.UNKNOWN),
    500: ("upstream_busy", Charged.NO),
    503: ("upstream_busy", Charged.NO),
}


def verdict(status: int, *, html: bool = False) -> tuple[str, Charged]:
    """Failure code and charge of an HTTP status that no provider's own code explains.

    A refusal (4xx) is final whoever says it. Any other page in HTML comes from a proxy, which does not know
    whether the provider behind it did the work.
    """
    if 400 <= status < 500:
        return _BY_STATUS.get(status, ("invalid_input", Charged.NO))
    unclear = ("upstream_unclear", Charged.UNKNOWN)
    return unclear if html else _BY_STATUS.get(status, unclear)


def looks_like_html(content_type: str, text: str = "") -> bool:
    return "text/html" in content_type.lower() or text.lstrip()[:1] == "<"


def decode_base64(text: str) -> bytes | None:
    """The bytes of standard or URL-safe base64; None where it is not base64 or is empty."""
    try:
        return base64.b64decode(text.translate(_URL_SAFE), validate=True) or None
    except (binascii.Error, ValueError):
        return None


_URL_SAFE = str.maketrans("-_", "+/")

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


def mime_of(data: bytes) -> str | None:
    """The type that the first bytes tell, which is trusted before any header; None: not a picture."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in _MAGIC if data.startswith(magic)), None)
