"""What a row of the tables of sentences says."""

from typing import NamedTuple


class Message(NamedTuple):
    status: int
    zh: str
    en: str
