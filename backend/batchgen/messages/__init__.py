"""The sentences of errors, one module per area; `errors` joins them into its one table."""

from typing import NamedTuple


class Message(NamedTuple):
    status: int
    zh: str
    en: str
