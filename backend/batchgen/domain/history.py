"""What is known of earlier work besides the work itself: what it was made from, and the room that it takes."""

from collections.abc import Mapping
from typing import NamedTuple

from batchgen.domain.models import Upload


class Source(NamedTuple):
    """One item as it was submitted, its variants together. `prompt`: its own words; None: the batch's."""

    upload: Upload | None
    name: str
    prompt: str | None
    variables: Mapping[str, str]
    folder: str = ""


class Reusable(NamedTuple):
    """`left_out`: images that were somebody else's, or are gone."""

    items: list[Source]
    references: list[Upload]
    left_out: int


class Usage(NamedTuple):
    """Of one person. A limit of 0 is none. `made_bytes`: of the pictures that were made."""

    uploads: int
    upload_bytes: int
    made_bytes: int
    max_uploads: int
    max_bytes: int
