"""Providers, limits, health, the seed endpoint."""

from typing import Any

from flask import Blueprint, request

from batchgen import __version__
from batchgen.api.batches import idempotency_key
from batchgen.api.context import current_user, language
from batchgen.api.contract import operation
from batchgen.api.parsing import checked, strict_json
from batchgen.api.uploads import FILE, one_file
from batchgen.domain.models import Limits
from batchgen.errors import AppError, sentence
from batchgen.schemas.batches import OptionsIn
from batchgen.schemas.misc import GeneratedOut, HealthOut, LimitsOut, LiveOut, ModelOut, ProviderOut
from batchgen.services.catalogue import CatalogueService, ProviderInfo
from batchgen.services.generate import GenerateService
from batchgen.services.health import HealthService

_TEXT = {"type": "string"}
_FORM = {"file": FILE, "prompt": _TEXT, "provider": _TEXT, "model": _TEXT, "options": _TEXT | {"description": "JSON"}}


def _provider_out(info: ProviderInfo, said: str) -> ProviderOut:
    models = [
        ModelOut(
            id=m.id, name=m.name_en if said == "en" else m.name_zh, default=m.default, max_references=m.max_references,
            aspect_ratios=list(m.aspect_ratios), sizes=list(m.sizes), text_to_image=m.text_to_image,
            price_micros=m.price_micros, batch=m.batch, batch_price=m.batch_price, deprecated=m.deprecated,
        )
        for m in info.models
    ]  # fmt: skip
    name = info.name_en if said == "en" else info.name_zh
    reason = None if info.available else sentence(info.reason or "provider_unavailable", said, provider=name)
    return ProviderOut(
        id=info.id, name=name, available=info.available, default=info.default, reason=reason, models=models
    )


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
        return [_provider_out(info, language()) for info in catalogue.providers()]

    @bp.get("/api/limits")
    @operation("What this server accepts", {200: LimitsOut})
    def get_limits() -> Any:
        return LimitsOut(
            max_upload_mb=limits.max_upload_mb, max_megapixels=limits.max_megapixels,
            max_batch_items=limits.max_batch_items, max_prompt_characters=limits.max_prompt_characters,
        )  # fmt: skip

    @bp.get("/health")
    @operation("Whether the parts work", {200: HealthOut, 503: HealthOut})
    def get_health() -> Any:
        status, checks = health.look()
        return HealthOut.model_validate({"status": status, "version": __version__, "checks": checks}), (
            503 if status == "down" else 200
        )

    @bp.get("/health/live")
    @operation("Whether the process answers", {200: LiveOut})
    def get_live() -> Any:
        return LiveOut(status="ok")

    @bp.post("/api/generate")
    @operation("Make one picture and wait for it", {200: GeneratedOut}, form=_FORM, headers=("Idempotency-Key",))
    def generate_one() -> Any:
        request.max_content_length = max_body_bytes
        file = one_file()
        fields = dict(request.form)
        unknown = sorted((set(fields) | set(request.files)) - set(_FORM))
        if unknown:
            raise AppError.at(unknown[0][:80], "field_unknown", field=unknown[0][:80])
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
