"""Every setting of the service. The only reader of the environment; imported by bootstrap only.

Each field is one variable in upper case; `env.example` lists them all (a test compares).
Provider keys are read through `config/api_keys.py`, never here.
"""

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
Positive = Annotated[int, Field(ge=1)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]


class Settings(BaseSettings):
    """Types and units are in the names: seconds, MB (MiB), minutes, counts."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", examples=["127.0.0.1"])
    port: int = Field(5001, ge=1, le=65535, examples=[5001])
    redis_url: str = Field("", examples=["redis://127.0.0.1:6379/0"])
    var_dir: Path = Field(ROOT / "var", examples=["./var"])
    public_url: str = Field("", examples=["https://images.example.com"])
    auth_mode: Literal["none"] = Field("none", examples=["none"])

    default_provider: str = Field("", examples=["gemini"])
    gemini_base_url: str = Field("", examples=["https://generativelanguage.googleapis.com"])
    doubao_base_url: str = Field("", examples=["https://ark.cn-beijing.volces.com/api/v3"])
    openai_base_url: str = Field("", examples=["https://api.openai.com/v1"])
    models_file: Path | None = Field(None, examples=["./models.toml"])
    model_probe_minutes: float = Field(60, ge=0, le=10_080, description="0: never")
    gemini_concurrency: Positive = 8
    doubao_concurrency: Positive = 8
    openai_concurrency: Positive = 8
    demo_concurrency: Positive = 32
    gemini_rate_per_minute: int = Field(0, ge=0, description="0: no limit of ours")
    doubao_rate_per_minute: int = Field(0, ge=0)
    openai_rate_per_minute: int = Field(0, ge=0)
    demo_rate_per_minute: int = Field(0, ge=0)
    rate_window_seconds: float = Field(60, gt=0, le=3600)
    breaker_failures: Positive = 10
    breaker_seconds: float = Field(30, gt=0, le=3600)
    demo_latency_seconds: float = Field(1.5, ge=0, le=600)
    provider_timeout_seconds: float = Field(180, gt=0, le=3600)
    max_attempts: int = Field(6, ge=1, le=20)

    economy_poll_seconds: float = Field(30, gt=0, le=600)
    economy_cancel_seconds: float = Field(60, gt=0, le=3600)
    economy_margin_seconds: float = Field(120, ge=0, le=86_400)
    economy_job_items: int = Field(200, ge=1, le=1000)
    economy_shortest_minutes: float = Field(60, ge=0, le=1440)

    worker_concurrency: Positive = 32
    web_workers: Positive = 1
    lease_seconds: int = Field(15, ge=1, le=30)

    max_upload_mb: Positive = 20
    max_megapixels: Positive = 50
    max_batch_items: int = Field(10_000, ge=1, le=100_000)
    generate_wait_seconds: int = Field(120, ge=1, le=3600)

    smtp_url: str = Field("", examples=["smtps://name:password@smtp.example.com:465"])
    smtp_from: str = Field("", examples=["batchgen@example.com"])
    notice_private_hosts: str = Field("", examples=["hooks.internal:8080"])
    team_timezone: str = Field("Asia/Shanghai", examples=["Asia/Shanghai"])
    team_budget_usd: Dollars = Field(Decimal(0), description="0: no cap")
    user_budget_usd: Dollars = Field(Decimal(0), description="0: no cap")
    batch_limit_usd: Dollars = Field(Decimal(0), description="0: no cap")
    display_currency: Literal["USD", "CNY"] = "USD"
    usd_cny_rate: Decimal = Field(Decimal("7.1"), gt=0, le=1000)

    cors_origins: str = Field("", examples=["http://127.0.0.1:3000"])
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator("var_dir", "models_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value if value is None or value.is_absolute() else (ROOT / value).resolve()

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_scheme(cls, value: str) -> str:
        if value and not (value.startswith(("smtp://", "smtps://", "smtp+starttls://")) and _host_of(value)):
            raise ValueError("must be smtp://, smtp+starttls:// or smtps:// with a host")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _mail_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
            raise ValueError("must be one e-mail address")
        return value

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.smtp_url and not self.smtp_from:
            raise ValueError("SMTP_URL needs SMTP_FROM, the sender's address; example: SMTP_FROM=batchgen@example.com")
        return self

    @field_validator("team_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("is no time zone's name") from None
        return value

    @model_validator(mode="after")
    def _no_open_door(self) -> Self:
        if self.auth_mode == "none" and self.host not in LOOPBACK:
            raise ValueError(
                f"AUTH_MODE=none lets anybody in, so HOST must be loopback, not {self.host}; example: HOST=127.0.0.1"
            )
        return self


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or "" if urlsplit(url).port != 0 else ""
    except ValueError:
        return ""


class SettingsError(Exception):
    """A wrong variable, told in one sentence that names it, the problem and an example."""


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings. Raises SettingsError; never prints a value that may be secret."""
    source = os.environ if environ is None else environ
    names = {name: source[name.upper()] for name in Settings.model_fields if source.get(name.upper())}
    try:
        return Settings.model_validate(names)
    except ValidationError as wrong:
        raise SettingsError("; ".join(_one_sentence(e) for e in wrong.errors(include_input=False))) from None


def _one_sentence(error: Mapping[str, object]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    place = error["loc"]
    if not isinstance(place, tuple) or not place:
        return message
    field = Settings.model_fields[str(place[0])]
    example = field.examples[0] if field.examples else field.default
    name = str(place[0]).upper()
    return f"{name} is wrong: {message}; example: {name}={example}"
