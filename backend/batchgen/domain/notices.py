"""Finish notices as plain values: who hears of a batch's end, what there is to say, what came of saying it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from batchgen.domain.failures import Category


class Kind(StrEnum):
    WEBHOOK = "webhook"
    EMAIL = "email"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    FEISHU = "feishu"
    SLACK = "slack"


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


SIGNED = frozenset({Kind.WEBHOOK, Kind.DINGTALK, Kind.FEISHU})  # kinds that can have a secret
MAX_TARGETS = 10
# seconds before each further try: quick ones for a hiccup, late ones for a night's outage; then it is given up
RETRY_AFTER_S = (10, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)


@dataclass(frozen=True, slots=True)
class Target:
    """One place that hears of finished batches. `address` and `secret` are secrets: shown masked, never logged."""

    id: str
    kind: Kind
    address: str
    language: str = "zh-CN"
    label: str = ""
    secret: str = ""

    def shown(self) -> str:
        """The address as anybody may see it."""
        return masked(self.kind, self.address)


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """A target as its owner wrote it. Without `address` or `secret` what is stored under `id` stays."""

    kind: Kind
    id: str | None = None
    address: str | None = None
    language: str = "zh-CN"
    label: str = ""
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """An owner's targets. `default`: every batch of theirs is told to all of them unless it says otherwise."""

    targets: tuple[Target, ...] = ()
    default: bool = False

    def chosen(self, notify: str) -> tuple[Target, ...]:
        """Those that a batch's `notify` means."""
        if notify == "default":
            return self.targets if self.default else ()
        wanted = notify.split()
        return tuple(target for target in self.targets if target.id in wanted)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was true of a batch when it finished."""

    batch_id: str
    name: str
    provider: str
    model: str
    state: str  # completed | cancelled
    total: int
    succeeded: int
    failed: int
    cancelled: int
    settled_micros: int
    possibly_paid_micros: int
    created_ms: int
    finished_ms: int
    failures: Mapping[Category, int]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of telling one target. `error`: a code and its parameters."""

    target_id: str
    kind: Kind
    shown: str
    state: NoticeState
    attempts: int = 0
    error: tuple[str, Mapping[str, object]] | None = None


class NoticeError(Exception):
    """Why a notice did not arrive, as a code and parameters of `errors.MESSAGES`. Holds no address and no secret."""

    def __init__(self, code: str, *, final: bool = False, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params
        self.final = final  # trying again cannot help


def masked(kind: Kind, address: str) -> str:
    """Where it goes without what gives the right to post there: host, or the mail's domain, and a few last letters."""
    if kind is Kind.EMAIL:
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}***@{domain}"
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0].partition("?")[0]
    if kind is Kind.WEBHOOK:
        return f"{scheme}://{host}/…"
    return f"{host}/…{address[-4:]}"
