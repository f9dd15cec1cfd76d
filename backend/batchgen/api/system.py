"""Providers, limits, health, the seed endpoint."""

from typing import Any

from flask import Blueprint, request

from batchgen import __version__
from batchgen.api.batches import idempotency_key
from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.api.identity import public
from batchgen.api.parsing import checked, only_parts, strict_json
from batchgen.api.uploads import FILE, one_file
from batchgen.domain.models import Limits
from batchgen.domain.pictures import Capabilities
from batchgen.errors import sentence
from batchgen.schemas.batches import OptionsIn
from batchgen.schemas.misc import GeneratedOut, HealthOut, LimitsOut, LiveOut, ModelOut, ProviderOut, SizePriceOut
from batchgen.services.catalogue import CatalogueService, ProviderInfo
from batchgen.services.generate import GenerateService
from batchgen.services.health import HealthService

_TEXT = {"type": "string"}
_FORM = {"file": FILE, "prompt": _TEXT, "provider": _TEXT, "model": _TEXT, "options": _TEXT | {"description": "JSON"}}


def _provider_out(info: ProviderInfo, said: str) -> ProviderOut:
    models = [
        ModelOut(
            id=m.id, name=_name(m, said), default=m.id == info.default_model, max_references=m.max_references,
            aspect_ratios=list(m.aspect_ratios), sizes=list(m.sizes), text_to_image=m.text_to_image,
            formats=list(m.formats), max_variants=m.max_variants, takes_seed=m.takes_seed,
            takes_watermark=m.takes_watermark, price_micros=m.price_micros, deprecated=m.deprecated,
            prices=[SizePriceOut(size=size, price_micros=price) for size, price in m.prices],
            input_price_micros=m.input_price_micros, batch=m.batch, batch_price=m.batch_price,
            **_gone(info, m.id, said),
        )
        for m in info.models
    ]  # fmt: skip
    name = _name(info, said)
    reason = None if info.available else sentence(info.reason or "provider_unavailable", said, provider=name)
    return ProviderOut(
        id=info.id, name=name, available=info.available, default=info.default, reason=reason,
        default_model=info.default_model, moved_from=info.moved_from, models=models,
    )  # fmt: skip


def _gone(info: ProviderInfo, model: str, said: str) -> dict[str, Any]:
    """Why a model is not available; empty where it is."""
    gone = info.gone.get(model)
    if gone is None:
        return {}
    named = {m.id: _name(m, said) for m in info.models}
    told = {"model": named[model], "since": gone.since, "successor": named.get(gone.successor or "", "")}
    code = "model_gone" if gone.successor else "models_gone"
    reason = sentence(code, said, provider=_name(info, said), **told)
    return {"available": False, "reason": reason, "successor": gone.successor}


def _name(of: ProviderInfo | Capabilities, said: str) -> str:
    return of.name_en if said == "en" else of.name_zh


def blueprint(
    catalogue: CatalogueService,
    health: HealthService,
    generate: GenerateService,
    limits: Limits,
    *,
    max_body_bytes: int,
) -> Blueprint:
    bp = Blueprint("system", __name__)

    @bp.get("/api/providers")
    @operation("Providers and their models", {200: ProviderOut}, many=True)
    def list_providers() -> Any:
        return [_provider_out(info, language()) for info in catalogue.infos(fresh=True)]

    @bp.get("/api/limits")
    @operation("What this server accepts", {200: LimitsOut})
    def get_limits() -> Any:
        return LimitsOut(
            max_upload_mb=limits.max_upload_mb, max_megapixels=limits.max_megapixels,
            max_batch_items=limits.max_batch_items, max_prompt_characters=limits.max_prompt_characters,
        )  # fmt: skip

    @bp.get("/health")
    @public
    @operation("Whether the parts work", {200: HealthOut, 503: HealthOut})
    def get_health() -> Any:
        status, checks = health.look()
        return HealthOut.model_validate({"status": status, "version": __version__, "checks": checks}), (
            503 if status == "down" else 200
        )

    @bp.get("/health/live")
    @public
    @operation("Whether the process answers", {200: LiveOut})
    def get_live() -> Any:
        return LiveOut(status="ok")

    @bp.post("/api/generate")
    @operation("Make one picture and wait for it", {200: GeneratedOut}, form=_FORM, headers=("Idempotency-Key",))
    def generate_one() -> Any:
        request.max_content_length = max_body_bytes
        file = one_file()
        only_parts(_FORM)
        fields = dict(request.form)
        options = checked(OptionsIn, strict_json(fields.get("options", "{}").encode())).to_options()
        item = generate.generate(
            current_user(), (file.stream, file.filename), prompt=fields.get("prompt", ""),
            provider=fields.get("provider"), model=fields.get("model"), options=options,
            key=idempotency_key(),
        )  # fmt: skip
        assert item.result is not None  # noqa: S101 - generate returns succeeded items only
        url = f"/static/results/{item.result.name}"
        return GeneratedOut(description=item.result.description, generated_image_url=url, item_id=item.id)

    return bp
