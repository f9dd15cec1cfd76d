"""Providers, health, the seed endpoint and the error shape."""

from typing import Literal

from pydantic import Field

from batchgen.schemas.base import Outgoing


class ModelOut(Outgoing):
    id: str
    name: str
    default: bool
    max_references: int
    aspect_ratios: list[str]
    sizes: list[str]
    text_to_image: bool
    price_micros: int
    batch: bool = Field(description="whether it has the economy lane")
    batch_price: float = Field(description="what that costs, as a part of the price")
    deprecated: str | None = None


class ProviderOut(Outgoing):
    id: str
    name: str
    available: bool
    default: bool
    reason: str | None = None
    models: list[ModelOut]


class LimitsOut(Outgoing):
    max_upload_mb: int
    max_megapixels: int
    max_batch_items: int
    max_prompt_characters: int


class HealthOut(Outgoing):
    status: Literal["ok", "degraded", "down"]
    version: str
    checks: dict[str, str]


class LiveOut(Outgoing):
    status: Literal["ok"]


class GeneratedOut(Outgoing):
    success: Literal[True] = True
    description: str
    generated_image_url: str
    item_id: str


class ErrorDetailOut(Outgoing):
    field: str
    code: str
    message: str


class ErrorBody(Outgoing):
    code: str
    message: str
    details: list[ErrorDetailOut]
    request_id: str


class ErrorOut(Outgoing):
    success: Literal[False] = False
    error: ErrorBody
