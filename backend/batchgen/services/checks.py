"""Whether a submission can be made at all, checked in full before anything is queued."""

from batchgen.domain.models import BatchDraft, ItemDraft, Limits, Submission, SubmittedItem, Upload, User
from batchgen.domain.pictures import Capabilities, Options
from batchgen.errors import AppError, Detail
from batchgen.providers.registry import Registry
from batchgen.services.economy import economy_faults, economy_terms
from batchgen.store.uploads import Uploads


class Checks:
    def __init__(self, registry: Registry, uploads: Uploads, limits: Limits) -> None:
        self._registry, self._uploads, self._limits = registry, uploads, limits

    def draft(self, user: User, asked: Submission) -> BatchDraft:
        """The submission made complete with defaults and names. Raises AppError with every wrong field named."""
        provider, model = self.model(asked.provider, asked.model)
        wrong = self.prompt_faults("prompt", asked.prompt)
        wrong += self._count_faults(asked) + economy_faults(asked, model, self._limits)
        uploads = self._uploads.get_many(_ids(asked)) if not wrong else {}
        uploads = {i: u for i, u in uploads.items() if u.owner == user.id}
        if not wrong:
            wrong += self._item_faults(asked, uploads, model) + _option_faults(asked.options, model)
            wrong += _reference_faults(asked.references, uploads, model)
        if wrong:
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        images = _images_sent(asked)
        economy = economy_terms(asked, model, images)
        price = (model.economy_price if economy else model.price)(asked.options.size, images)
        return BatchDraft(
            name=asked.name or _first_words(asked.prompt), prompt=asked.prompt, provider=provider, model=model.id,
            items=tuple(_item_drafts(asked, uploads)), options=asked.options, references=asked.references,
            variants=asked.variants, price_micros=price, policy=asked.policy, economy=economy,
        )  # fmt: skip

    def model(self, provider: str | None, model: str | None) -> tuple[str, Capabilities]:
        """The provider and model meant, defaults filled. Raises AppError: unknown_provider, provider_unavailable,
        unknown_model."""
        infos = {info.id: info for info in self._registry.infos()}
        info = infos.get(provider) if provider else next((i for i in infos.values() if i.default), None)
        if info is None:
            raise AppError.at("provider", "unknown_provider", provider=provider or "")
        if not info.available:
            raise AppError.at("provider", "provider_unavailable", provider=info.id)
        wanted = model or info.default_model
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
        return wrong


def _ids(asked: Submission) -> set[str]:
    return {i.upload_id for i in asked.items if i.upload_id} | set(asked.references)


def _images_sent(asked: Submission) -> int:
    """Images that go out with one call: what an input costs is part of the price."""
    return len(asked.references) + int(any(item.upload_id for item in asked.items))


def _option_faults(options: Options, model: Capabilities) -> list[Detail]:
    offered = (
        ("aspect_ratio", options.aspect_ratio, model.aspect_ratios),
        ("size", options.size, model.sizes),
        ("format", options.format, model.formats),
    )
    return [
        Detail(f"options.{name}", "option_not_offered", {"option": name, "value": value})
        for name, value, choices in offered
        if value is not None and value not in choices
    ]


def _reference_faults(references: tuple[str, ...], uploads: dict[str, Upload], model: Capabilities) -> list[Detail]:
    if len(references) > model.max_references:
        return [Detail("references", "too_many_references", {"limit": model.max_references})]
    return [
        Detail(f"references[{i}]", "unknown_upload", {"id": one})
        for i, one in enumerate(references)
        if one not in uploads
    ]


def _first_words(prompt: str) -> str:
    line = prompt.strip().splitlines()[0]
    return line if len(line) <= 60 else line[:59] + "…"


def _item_drafts(asked: Submission, uploads: dict[str, Upload]) -> list[ItemDraft]:
    drafts = []
    for i, item in enumerate(asked.items):
        name = item.name or (uploads[item.upload_id].filename if item.upload_id else f"image-{i + 1}")
        for k in range(asked.variants):
            drafts.append(ItemDraft(_variant(name, k, asked.variants), _prompt(asked, item), item.upload_id))
    return drafts


def _prompt(asked: Submission, item: SubmittedItem) -> str:
    return asked.prompt if item.prompt is None else item.prompt


def _variant(name: str, k: int, of: int) -> str:
    if of == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{k + 1}.{ending}" if dot and stem else f"{name}-{k + 1}"
