"""Providers, health, the seed endpoint and the error shape."""

from typing import Literal

from pydantic import Field

from batchgen.schemas.base import Outgoing


class SizePriceOut(Outgoing):
    size: str
    price_micros: int


class ModelOut(Outgoing):
    id: str
    name: str
    default: bool
    max_references: int
    aspect_ratios: list[str]
    sizes: list[str]
    formats: list[str] = Field(description="empty: the provider's own choice")
    max_variants: int
    text_to_image: bool
    takes_seed: bool
    takes_watermark: bool
    price_micros: int = Field(description="of the default size")
    prices: list[SizePriceOut] = Field(description="by size; empty: one price for all")
    input_price_micros: int = Field(description="for each image that is sent along")
    batch: bool = Field(description="whether it has the economy lane")
    batch_price: float = Field(description="what that costs, as a part of the price")
    deprecated: str | None = Field(None, description="the day that its provider announced for its end")
    available: bool = True
    reason: str | None = Field(None, description="why it is not available")
    successor: str | None = Field(None, description="the model to use instead, where it is not available")


class ProviderOut(Outgoing):
    id: str
    name: str
    available: bool
    default: bool
    reason: str | None = None
    default_model: str
    moved_from: str | None = Field(None, description="the model that was the default until it went offline")
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
