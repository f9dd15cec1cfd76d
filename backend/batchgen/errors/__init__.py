"""The one error type. Its sentences stand in `messages`."""

from typing import NamedTuple

from batchgen.errors.messages import MESSAGES as MESSAGES
from batchgen.errors.warnings import WARNINGS as WARNINGS


class Micros(int):
    """An amount among an error's parameters: shown in the currency that the operator chose."""


class Detail(NamedTuple):
    """One field that is wrong, named as the caller wrote it: `items[3].upload_id`, `files[0]`."""

    field: str
    code: str
    params: dict[str, object]


class AppError(Exception):
    """Anything that a caller is told about. `code` is a row of MESSAGES; `params` fill its sentence."""

    def __init__(self, code: str, details: list[Detail] | None = None, /, **params: object) -> None:
        super().__init__(code)
        self.message, self.code, self.params = MESSAGES[code], code, params
        self.details = details or []

    @property
    def status(self) -> int:
        return self.message.status

    @classmethod
    def at(cls, place: str, code: str, /, **params: object) -> "AppError":
        """One wrong field: its own code is the answer's code, and the details name the field."""
        return cls(code, [Detail(place, code, params)], **params)


class NoRoom(AppError):
    """Nothing more of somebody's may be queued now."""


class OverBudget(NoRoom):
    """A cap would be passed: `budget_exceeded`, with the figures."""


class QueueFull(NoRoom):
    """`queue_full`: too much of theirs is still to be made."""


def sentence(code: str, language: str, **params: object) -> str:
    """The sentence of `code`, an error or a warning, in `language` ("zh-CN" or "en"), its placeholders filled."""
    row = MESSAGES.get(code) or WARNINGS[code]
    return (row.en if language == "en" else row.zh).format_map(_Forgiving(params))


class _Forgiving(dict[str, object]):
    """A missing parameter leaves its name rather than a second error while telling of the first."""

    def __missing__(self, key: str) -> str:
        return key
