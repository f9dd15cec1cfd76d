"""The words of each item: templates filled with its values, whatever is missing named with its row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from batchgen.domain.models import Batch, Limits, Submission, SubmittedItem, Upload, User
from batchgen.domain.names import base_name, without_ending
from batchgen.domain.prompts import FILENAME, Resolved, clean_name, is_name, resolve, variables_of
from batchgen.errors import AppError, Detail
from batchgen.services.access import usable_uploads
from batchgen.store.items import variables_in
from batchgen.store.uploads import Uploads

_MOST_FAULTS = 100  # nobody reads more, and a table may lack a column in ten thousand rows


class Filled(NamedTuple):
    """An item as it will be: its name, and its words or what they lack."""

    place: int  # from 0
    name: str
    words: Resolved


class Preview(NamedTuple):
    items: list[Filled]
    variables: tuple[str, ...]
    missing_rows: int
    first_missing: Filled | None


class PromptService:
    def __init__(self, uploads: Uploads, limits: Limits) -> None:
        self._uploads, self._limits = uploads, limits

    def preview(
        self, user: User, prompt: str, items: Sequence[SubmittedItem], *, index: int | None, first: int
    ) -> Preview:
        """The words of item `index`, or of the `first` items, and what the whole lacks. Raises AppError: field_invalid,
        too_many_items, variable_invalid."""
        limit = self._limits.max_batch_items
        if len(items) > limit:
            raise AppError.at("items", "too_many_items", limit=limit, count=len(items))
        if index is not None and index >= len(items):
            raise AppError.at("index", "field_invalid", field="index", reason=f"< {len(items)}")
        if wrong := name_faults(items):
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        asked = Submission(prompt, tuple(items))
        found = self._uploads.get_many({i.upload_id for i in items if i.upload_id and not i.name})
        filled = list(fill(asked, usable_uploads(user, found)))
        lacking = [one for one in filled if one.words.missing]
        shown = filled[:first] if index is None else [filled[index]]
        variables = dict.fromkeys(v for item in items for v in variables_of(item.prompt or ""))
        names = tuple(dict.fromkeys([*variables_of(prompt), *variables]))
        return Preview(shown, names, len(lacking), lacking[0] if lacking else None)

    def again(self, batch: Batch, raws: Mapping[int, Mapping[str, str]], prompt: str) -> dict[int, str]:
        """Another `prompt` for items that were stored, by index: filled with the values that they keep.

        Raises AppError: variable_missing, row_too_long.
        """
        words: dict[int, str] = {}
        faults: list[Detail] = []
        for n, raw in raws.items():
            if not raw:
                continue  # deleted meanwhile
            row, k = divmod(n, batch.variants)
            own = {FILENAME: without_ending(base_name(raw["name"], k, batch.variants))}
            filled = resolve(prompt, own | variables_in(raw))
            faults += _faults(row, filled, self._limits.max_prompt_characters)
            words[n] = filled.prompt or ""
        if faults:
            raise AppError(faults[0].code, faults[:_MOST_FAULTS], **faults[0].params)
        return words


def fill(asked: Submission, uploads: Mapping[str, Upload]) -> Iterator[Filled]:
    """Every item of `asked` with its name and words; `uploads` name those that have no name of their own."""
    for i, item in enumerate(asked.items):
        upload = uploads.get(item.upload_id or "")
        name = item.name or (upload.filename if upload else f"image-{i + 1}")
        given = {clean_name(k): v for k, v in item.variables.items() if v.strip()}
        template = asked.prompt if item.prompt is None else item.prompt
        yield Filled(i, name, resolve(template, {FILENAME: without_ending(name)} | given))


def fill_faults(filled: Iterable[Filled], limit: int) -> list[Detail]:
    """What the words of each lack, or that they are too long; the first hundred."""
    return list(islice((fault for one in filled for fault in _faults(one.place, one.words, limit)), _MOST_FAULTS))


def name_faults(items: Iterable[SubmittedItem]) -> list[Detail]:
    """Variables with names that no prompt can mean; columns that a prompt does not use are none of these."""
    wrong = ((i, name) for i, item in enumerate(items) for name in item.variables if not is_name(clean_name(name)))
    found = (Detail(f"items[{i}].variables", "variable_invalid", {"name": name}) for i, name in wrong)
    return list(islice(found, _MOST_FAULTS))


def variant_name(name: str, k: int, of: int) -> str:
    """The name of an item's variant `k`: `photo-2.jpg`."""
    if of == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{k + 1}.{ending}" if dot and stem else f"{name}-{k + 1}"


def _faults(row: int, filled: Resolved, limit: int) -> Iterator[Detail]:
    for name in filled.missing:
        yield Detail(f"items[{row}].variables.{name}", "variable_missing", {"row": row + 1, "name": name})
    if len(filled.prompt or "") > limit:
        yield Detail(f"items[{row}].prompt", "row_too_long", {"row": row + 1, "limit": limit})
