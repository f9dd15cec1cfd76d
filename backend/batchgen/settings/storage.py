"""Where files lie, how much room they need, and how long they stay."""

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

_STORE = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")
_WEEK_S = 604_800  # S3 signs for no longer


class StorageSettings(BaseSettings):
    storage_url: str = Field("", examples=["s3://batchgen/prod"])
    storage_endpoint: str = Field("", examples=["http://minio:9000"])
    storage_region: str = Field("us-east-1", min_length=1)
    storage_access_key: str = Field("", repr=False, examples=["<access key id>"])
    storage_secret_key: str = Field("", repr=False, examples=["<secret access key>"])
    storage_addressing: Literal["", "path", "virtual"] = Field("", examples=["path"])
    storage_public_endpoint: str = Field("", examples=["https://pictures.example.com"])
    storage_link_seconds: int = Field(300, ge=0, le=_WEEK_S, description="0: files go through the web server")

    min_free_mb: int = Field(200, ge=0)
    low_free_mb: int = Field(500, ge=0)

    retention_uploads_days: float = Field(0, ge=0, le=36_500, description="0: for ever")
    retention_results_days: float = Field(0, ge=0, le=36_500)
    retention_batches_days: float = Field(0, ge=0, le=36_500)
    retention_check_minutes: float = Field(60, gt=0, le=1440)

    @field_validator("storage_url")
    @classmethod
    def _store(cls, value: str) -> str:
        if value and not _STORE.fullmatch(value):
            raise ValueError("must be s3://<bucket> or s3://<bucket>/<prefix>; empty: the disk under VAR_DIR")
        return value

    @field_validator("storage_endpoint", "storage_public_endpoint")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/@?#]+", value.rstrip("/")):
            raise ValueError("must be http:// or https:// and a host, without a path")
        return value.rstrip("/")

    @field_validator("retention_uploads_days", "retention_results_days", "retention_batches_days")
    @classmethod
    def _a_day_at_least(cls, value: float) -> float:
        if 0 < value < 1:  # a submit that is sent again within a day must find its batch
            raise ValueError("must be 0, for ever, or at least 1")
        return value

    @model_validator(mode="after")
    def _keys_are_whole(self) -> Self:
        if bool(self.storage_access_key) != bool(self.storage_secret_key):
            missing = "STORAGE_SECRET_KEY" if self.storage_access_key else "STORAGE_ACCESS_KEY"
            raise ValueError(f"{missing} is missing: a key has two parts; example: {missing}=<from the store>")
        return self
