"""The nouns of the system as plain values. Times are milliseconds since the epoch, from Redis's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from batchgen.domain.economy import Agreement, Economy
from batchgen.domain.pace import Hold
from batchgen.domain.pictures import Options
from batchgen.domain.pilots import Pilot, PilotAsked
from batchgen.domain.sharing import Sharing
from batchgen.domain.states import BatchState, ItemState, Review


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    role: str = "member"


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the intake found out by decoding. Sizes after orientation; `format` is the truth, lower case."""

    format: str  # jpeg png webp heif avif bmp tiff gif
    width: int
    height: int
    has_alpha: bool = False
    see_through: bool = False  # some of it is not opaque
    blank: bool = False  # of a provider's answer only, as is what follows
    fingerprint: bytes = field(default=b"", repr=False)  # see `media.looks`


@dataclass(frozen=True, slots=True)
class Upload:
    """One validated base image; the blob behind it is found by its SHA-256."""

    id: str
    owner: str
    filename: str  # a label, never a path
    sha256: str
    format: str
    width: int
    height: int
    bytes: int
    created_ms: int
    see_through: bool = False


@dataclass(frozen=True, slots=True)
class SubmittedItem:
    upload_id: str | None = None
    prompt: str | None = None
    name: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""  # clean, see `domain.names`


@dataclass(frozen=True, slots=True)
class Submission:
    """What a caller asks for, well-formed but not yet checked against what there is."""

    prompt: str
    items: tuple[SubmittedItem, ...]
    name: str | None = None
    provider: str | None = None
    model: str | None = None
    variants: int = 1
    references: tuple[str, ...] = ()
    options: Options = Options()
    policy: str = "none"
    notify: str = "default"  # as in BatchDraft
    lane: str = "normal"
    needed_by_ms: int | None = None
    full_price_ok: bool = False
    pilot: PilotAsked | None = None
    filename_pattern: str = ""
    embed_metadata: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """The operator's bounds. Sizes in MiB and megapixels."""

    max_upload_mb: int
    max_megapixels: int
    max_batch_items: int
    max_prompt_characters: int = 8000
    generate_wait_s: float = 120.0
    economy_shortest_s: float = 3600.0
    quota_text: str = ""  # what one user may keep, as people read it


@dataclass(frozen=True, slots=True)
class ItemDraft:
    name: str
    prompt: str
    upload_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)  # those that the prompt used
    folder: str = ""


@dataclass(frozen=True, slots=True)
class BatchDraft:
    """A checked submission, ready to be stored."""

    name: str
    prompt: str
    provider: str
    model: str
    items: tuple[ItemDraft, ...]
    options: Options = Options()
    references: tuple[str, ...] = ()
    variants: int = 1
    price_micros: int = 0  # per item
    policy: str = "none"  # "same_price", "any": whether items may go on with another provider
    notify: str = "none"  # who hears of its end: "default", "none", or ids of targets with blanks between
    sample: tuple[int, ...] = ()  # indexes of the items that are made first; none: all alike
    economy: Agreement | None = None  # None: the normal lane
    request_id: str = ""  # of the request that submits it: what workers log of it carries the id, too
    filename_pattern: str = ""  # of the archive's files, see `domain.filenames`; empty: as their sources
    embed_metadata: bool = True  # whether words, model and date go into the pictures


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """A stored result. `name` is the file's name under `results/`, `thumbnail` that under `thumbnails/`; `flags`: what
    is wrong with it (`domain.quality`)."""

    name: str
    thumbnail: str
    sha256: str
    format: str
    width: int
    height: int
    bytes: int
    description: str = ""
    seed: int | None = None
    flags: tuple[str, ...] = ()
    number: int = 0  # of the attempt, as its file's name has it; 0: it has none


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a provider. `outcome`: "succeeded" or a failure code; None while it runs."""

    number: int
    provider: str
    model: str
    sent_ms: int
    ended_ms: int | None
    outcome: str | None
    charged: str
    cost_micros: int = 0  # paid, or possibly paid


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    batch_id: str
    index: int
    name: str
    state: ItemState
    upload: Upload | None
    prompt: str
    provider: str
    model: str
    attempts: int
    retry_at_ms: int | None
    error_code: str | None
    error_detail: str
    result: ResultFacts | None
    cost_micros: int
    possibly_paid: int  # calls that may have been charged without a result
    started_ms: int | None
    finished_ms: int | None
    version: int
    lane: str = "normal"
    moved: str = ""  # "provider/model category": where it came from, and why it left
    expired_ms: int | None = None  # when its picture was given up, if it has none for that
    review: Review = Review.NONE
    folder: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)  # those that its words used
    earlier: tuple[ResultFacts, ...] = ()  # pictures that were laid by when it was made once more, oldest first


@dataclass(frozen=True, slots=True)
class Batch:
    id: str
    name: str
    owner: User
    state: BatchState
    paused: bool
    cancelled: bool
    prompt: str
    provider: str
    model: str
    options: Options
    references: tuple[str, ...]
    variants: int
    counts: dict[ItemState, int]
    total: int
    price_micros: int
    held_micros: int
    settled_micros: int
    possibly_paid_micros: int
    created_ms: int
    started_ms: int | None
    finished_ms: int | None
    version: int
    policy: str = "none"
    pilot: Pilot | None = None
    duel: str = ""
    economy: Agreement | None = None
    jobs: int = 0  # how many of the provider's batch API were begun for it
    shared: Sharing = Sharing()
    expired_ms: int | None = None  # pictures that were there then have been given up
    bytes: int = 0  # of its pictures
    approved: int = 0
    rejected: int = 0
    filename_pattern: str = ""
    embed_metadata: bool = True

    @property
    def undecided(self) -> int:
        """Pictures that nobody has said a word on."""
        return self.counts[ItemState.SUCCEEDED] - self.approved - self.rejected


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with its outlook: seconds until it is done, turns until its next picture, why it stands still."""

    batch: Batch
    eta_s: int | None = None
    position: int | None = None
    hold: Hold | None = None
    economy: Economy | None = None


@dataclass(frozen=True, slots=True)
class Page[T]:
    items: list[T]
    next_cursor: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an event stream: what changed, as the resource stood right after the change."""

    id: str  # the stream's id, `<ms>-<n>`; empty for a batch, which comes again after a cut
    kind: str  # "item", "batch", or "gone": a batch was deleted
    batch_id: str
    item: Item | None = None
    batch: Batch | None = None
