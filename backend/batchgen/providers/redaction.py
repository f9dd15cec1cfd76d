"""Makes a provider's own words fit to be stored and shown: no key, no signature, no line breaks, 500 characters."""

import re
from collections.abc import Iterable

MAX_CHARACTERS = 500
_MASK = "***"
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# what keys look like, ours or not: a provider echoes what it was sent, a relay what it sends on
_SECRETS = (
    re.compile(r"AIza[\w-]{6,}"),
    re.compile(r"\bAQ\.[\w-]{12,}"),
    re.compile(r"\b(?:sk|ark)-[\w*.-]{4,}"),
    re.compile(r"(?i)\b(bearer\s+)[^\s\"',;<>]+"),
    re.compile(r"(?i)\b((?:x-tos-|x-amz-)?(?:signature|security-token|credential)=)[^&\s\"'<>]+"),
    re.compile(r"(?i)([?&](?:key|api_key|access_token)=)[^&\s\"'<>]+"),
)


def redact(text: str, keys: Iterable[str] = ()) -> str:
    """`text` on one line with every secret masked, then cut: a key that is cut in two is no longer recognised."""
    for key in sorted(filter(None, keys), key=len, reverse=True):
        text = text.replace(key, _MASK)
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: (found[1] if found.re.groups else "") + _MASK, text)
    return _BLANK.sub(" ", text).strip()[:MAX_CHARACTERS]


def redact_page(html: str, keys: Iterable[str] = ()) -> str:
    """The words of a proxy's page, as `redact`."""
    return redact(_TAGS.sub(" ", html), keys)
