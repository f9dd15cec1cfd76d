"""Why an attempt ended without a picture, in words that every part of the system shares.

`KINDS` is the error table of all providers: an adapter names a row, and says whether the call was charged;
the row says everything else. Adding a symptom is adding a row or naming an existing one.
"""

from enum import StrEnum
from typing import NamedTuple


class Category(StrEnum):
    BLOCKED = "blocked"
    INVALID_INPUT = "invalid_input"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    AUTH = "auth"
    MODEL_UNAVAILABLE = "model_unavailable"
    TIMEOUT = "timeout"
    UPSTREAM_ERROR = "upstream_error"
    NO_IMAGE = "no_image"
    BAD_OUTPUT = "bad_output"
    INTERRUPTED = "interrupted"
    STORAGE = "storage"
    BUDGET = "budget"


class Charged(StrEnum):
    """Whether the provider bills the call that failed."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"


class Rule(StrEnum):
    """What the engine does by itself after a failure."""

    NEVER = "never"  # the same request would fail again
    ASK = "ask"  # a person decides: a rerun may help, and may cost again
    HINTED = "hinted"  # the provider's delay, else 2 * 2**n s, capped at 60 s, full jitter
    BACKOFF = "backoff"  # 5, 15, 45 s, full jitter
    ONCE = "once"  # one more try after 2 s
    RERUN = "rerun"  # possibly paid: one rerun in an item's life, then a person decides


class Kind(NamedTuple):
    category: Category
    rule: Rule


C, R = Category, Rule

# code -> row; the code is also the key of the sentence in `errors.MESSAGES`
KINDS: dict[str, Kind] = {
    "blocked_input": Kind(C.BLOCKED, R.NEVER),
    "blocked_output": Kind(C.BLOCKED, R.ASK),
    "blocked_recitation": Kind(C.BLOCKED, R.ASK),
    "blocked_person": Kind(C.BLOCKED, R.NEVER),
    "no_image": Kind(C.NO_IMAGE, R.ONCE),
    "no_image_cut": Kind(C.NO_IMAGE, R.NEVER),
    "invalid_input": Kind(C.INVALID_INPUT, R.NEVER),
    "provider_rate_limited": Kind(C.RATE_LIMITED, R.HINTED),
    "quota_exhausted": Kind(C.QUOTA_EXHAUSTED, R.NEVER),
    "auth": Kind(C.AUTH, R.NEVER),
    "model_unavailable": Kind(C.MODEL_UNAVAILABLE, R.NEVER),
    "upstream_busy": Kind(C.UPSTREAM_ERROR, R.BACKOFF),
    "upstream_unclear": Kind(C.UPSTREAM_ERROR, R.RERUN),
    "timeout": Kind(C.TIMEOUT, R.RERUN),
    "economy_late": Kind(C.TIMEOUT, R.ASK),
    "bad_output": Kind(C.BAD_OUTPUT, R.ASK),
    # a sound picture that is not what was asked for: kept, and marked for a person to judge
    "bad_output_blank": Kind(C.BAD_OUTPUT, R.ASK),
    "bad_output_unchanged": Kind(C.BAD_OUTPUT, R.ASK),
    "bad_output_ratio": Kind(C.BAD_OUTPUT, R.ASK),
    "bad_output_small": Kind(C.BAD_OUTPUT, R.ASK),
    "interrupted": Kind(C.INTERRUPTED, R.RERUN),
    "storage": Kind(C.STORAGE, R.BACKOFF),
    "budget": Kind(C.BUDGET, R.NEVER),
}


class Failure(NamedTuple):
    """One failed attempt. `detail` is the provider's own text, keys masked, at most 500 characters."""

    code: str
    charged: Charged
    retry_after_s: float | None = None
    detail: str = ""

    @property
    def category(self) -> Category:
        return KINDS[self.code].category

    @property
    def rule(self) -> Rule:
        return KINDS[self.code].rule


class ProviderFailure(Exception):
    """The only exception a provider raises. Holds no response, request or key."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def ending_of(outcome: str) -> str:
    """How an attempt ended, in the few words that are counted; `outcome`: a code, "succeeded" or empty."""
    return KINDS[outcome].category.value if outcome in KINDS else outcome or "cancelled"
