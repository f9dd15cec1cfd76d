"""Whether a submission can be made at all, checked in full before anything is queued."""

from collections.abc import Callable
from typing import NamedTuple

from batchgen.domain.filenames import unknown_in
from batchgen.domain.models import BatchDraft, ItemDraft, Limits, Submission, Upload, User
from batchgen.domain.names import without_ending
from batchgen.domain.offers import image_fault, most_references, not_offered
from batchgen.domain.pictures import Capabilities, Options
from batchgen.domain.pilots import sample_of
from batchgen.domain.prompts import FILENAME
from batchgen.errors import AppError, Detail
from batchgen.observability.logging import bound_request
from batchgen.services.access import usable_uploads
from batchgen.services.catalogue import CatalogueService
from batchgen.services.economy import economy_agreement, economy_faults
from batchgen.services.prompts import Filled, fill, fill_faults, name_faults, variant_name
from batchgen.store.uploads import Uploads

_UNFINISHED = {"prompt_empty", "no_items", "needed_by_missing"}  # what a person has not come to yet


class Seen(NamedTuple):
    """A submission with what it means here."""

    provider: str
    model: Capabilities
    uploads: dict[str, Upload]  # those of the items and references


class Checks:
    """`require_room`: raises AppError where there is no room for the pictures of another batch."""

    def __init__(
        self, catalogue: CatalogueService, uploads: Uploads, limits: Limits,
        require_room: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._catalogue, self._uploads, self._limits = catalogue, uploads, limits
        self._require_room = require_room

    def draft(self, user: User, asked: Submission) -> BatchDraft:
        """The submission made complete with defaults and names. Raises AppError with every wrong field named, and
        storage_full."""
        self._require_room()
        provider, model, uploads = self.seen(user, asked)
        filled = list(fill(asked, uploads))
        if wrong := fill_faults(filled, self._limits.max_prompt_characters):
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        if wrong := _pattern_faults(asked.filename_pattern, filled):
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        images = _images_sent(asked)
        economy = economy_agreement(asked, model, images)
        price = economy.hold_micros if economy else model.price(asked.options.size, images)
        return BatchDraft(
            name=asked.name or first_words(asked.prompt), prompt=asked.prompt, provider=provider, model=model.id,
            items=tuple(_item_drafts(asked, filled)), options=asked.options, references=asked.references,
            variants=asked.variants, price_micros=price, policy=asked.policy, notify=asked.notify, economy=economy,
            sample=sample(asked), request_id=bound_request(),
            filename_pattern=asked.filename_pattern, embed_metadata=asked.embed_metadata,
        )  # fmt: skip

    def seen(self, user: User, asked: Submission, *, unfinished: bool = False) -> Seen:
        """What is asked for, checked in full; `unfinished`: words and images may still be missing. Raises AppError
        with every wrong field named."""
        provider, model = self.model(asked.provider, asked.model)
        wrong = self.prompt_faults("prompt", asked.prompt)
        wrong += self._count_faults(asked) or name_faults(asked.items) + _pilot_faults(asked)
        wrong += economy_faults(asked, model, self._limits)
        wrong = [fault for fault in wrong if not (unfinished and fault.code in _UNFINISHED)]
        uploads = self._uploads.get_many(_ids(asked)) if not wrong else {}
        uploads = usable_uploads(user, uploads)
        if not wrong:
            wrong += self._item_faults(asked, uploads, model) + option_faults(asked.options, model)
            wrong += _variant_faults(asked, model) + _reference_faults(asked, uploads, model)
            wrong = [fault for fault in wrong if not (unfinished and fault.code in _UNFINISHED)]
        if wrong:
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        return Seen(provider, model, uploads)

    def model(self, provider: str | None, model: str | None) -> tuple[str, Capabilities]:
        """The provider and model meant, defaults filled. Raises AppError: unknown_provider, provider_unavailable,
        models_gone, unknown_model, model_gone."""
        infos = {info.id: info for info in self._catalogue.infos(fresh=True)}
        info = infos.get(provider) if provider else next((i for i in infos.values() if i.default), None)
        if info is None:
            raise AppError.at("provider", "unknown_provider", provider=provider or "")
        if not info.available:
            raise AppError.at("provider", info.reason or "provider_unavailable", provider=info.id)
        wanted = model or info.default_model
        if gone := info.gone.get(wanted):
            raise AppError.at("model", "model_gone", model=wanted, since=gone.since, successor=gone.successor or "")
        found = next((m for m in info.models if m.id == wanted), None)
        if found is None:
            raise AppError.at("model", "unknown_model", provider=info.id, model=wanted)
        return info.id, found

    def prompt_faults(self, field: str, prompt: str) -> list[Detail]:
        limit = self._limits.max_prompt_characters
        if not prompt.strip():
            return [Detail(field, "prompt_empty", {})]
        return [Detail(field, "prompt_too_long", {"limit": limit})] if len(prompt) > limit else []

    def _count_faults(self, asked: Submission) -> list[Detail]:
        count, limit = len(asked.items) * asked.variants, self._limits.max_batch_items
        if not count:
            return [Detail("items", "no_items", {})]
        return [Detail("items", "too_many_items", {"limit": limit, "count": count})] if count > limit else []

    def _item_faults(self, asked: Submission, uploads: dict[str, Upload], model: Capabilities) -> list[Detail]:
        wrong: list[Detail] = []
        for i, item in enumerate(asked.items):
            if item.prompt is not None:
                wrong += self.prompt_faults(f"items[{i}].prompt", item.prompt)
            if item.upload_id is None and not model.text_to_image:
                wrong.append(Detail(f"items[{i}].upload_id", "text_only_not_offered", {}))
            if item.upload_id is not None and item.upload_id not in uploads:
                wrong.append(Detail(f"items[{i}].upload_id", "unknown_upload", {"id": item.upload_id}))
            elif item.upload_id is not None:
                wrong += _image_faults(f"items[{i}].upload_id", uploads[item.upload_id], model)
        return wrong


def _ids(asked: Submission) -> set[str]:
    return {i.upload_id for i in asked.items if i.upload_id} | set(asked.references)


def _images_sent(asked: Submission) -> int:
    """Images that go out with one call: what an input costs is part of the price."""
    return len(asked.references) + int(any(item.upload_id for item in asked.items))


def option_faults(options: Options, model: Capabilities) -> list[Detail]:
    """Every option that the model would not hold to."""
    return [
        Detail(f"options.{name}", "option_not_offered", {"option": name, "value": value})
        for name, value in not_offered(model, options)
    ]


def _pattern_faults(pattern: str, filled: list[Filled]) -> list[Detail]:
    found = unknown_in(pattern, {name for one in filled for name in one.words.used})
    return [Detail("filename_pattern", "filename_pattern_unknown", {"name": name}) for name in found[:1]]


def sample(asked: Submission) -> tuple[int, ...]:
    """The indexes of the items that are made first; empty where all are alike."""
    return sample_of(asked.pilot, len(asked.items), asked.variants) if asked.pilot else ()


def _pilot_faults(asked: Submission) -> list[Detail]:
    if asked.pilot and asked.lane == "economy":  # a person waits for the sample, a job takes as long as it may
        return [Detail("lane", "pilot_in_economy", {})]
    count = len(asked.items) * asked.variants
    if not asked.pilot or max(asked.pilot.indexes, default=-1) < count:
        return []
    return [Detail("pilot.indexes", "field_invalid", {"field": "pilot.indexes", "reason": f"< {count}"})]


def _variant_faults(asked: Submission, model: Capabilities) -> list[Detail]:
    limit = model.max_variants
    return [Detail("variants", "too_many_variants", {"limit": limit})] if asked.variants > limit else []


def _reference_faults(asked: Submission, uploads: dict[str, Upload], model: Capabilities) -> list[Detail]:
    limit = most_references(model, with_base=any(item.upload_id for item in asked.items))
    if len(asked.references) > limit:
        return [Detail("references", "too_many_references", {"limit": limit})]
    wrong: list[Detail] = []
    for i, one in enumerate(asked.references):
        known = uploads.get(one)
        unknown = [Detail(f"references[{i}]", "unknown_upload", {"id": one})]
        wrong += _image_faults(f"references[{i}]", known, model) if known else unknown
    return wrong


def _image_faults(field: str, upload: Upload, model: Capabilities) -> list[Detail]:
    code = image_fault(model, upload.width, upload.height)
    limit = f"{model.widest_input:g}" if code == "image_ratio_refused" else model.min_input_side
    return [Detail(field, code, {"name": upload.filename, "limit": limit})] if code else []


def first_words(prompt: str) -> str:
    """The name of a batch that was given none."""
    line = prompt.strip().splitlines()[0]
    return line if len(line) <= 60 else line[:59] + "…"


def _item_drafts(asked: Submission, filled: list[Filled]) -> list[ItemDraft]:
    drafts = []
    for item, one in zip(asked.items, filled, strict=True):
        own = without_ending(one.name)  # what a retry finds by itself
        kept = {name: value for name, value in one.words.used.items() if (name, value) != (FILENAME, own)}
        for k in range(asked.variants):
            name = variant_name(one.name, k, asked.variants)
            drafts.append(ItemDraft(name, one.words.prompt or "", item.upload_id, kept, item.folder))
    return drafts
