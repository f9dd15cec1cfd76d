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

from limits import parse_many
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from batchgen.settings.storage import StorageSettings

ROOT = Path(__file__).resolve().parents[3]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SHORTEST_SECRET = 32
Positive = Annotated[int, Field(ge=1)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]


class Settings(StorageSettings):
    """Types and units are in the names: seconds, MB (MiB), minutes, counts."""

    model_config = SettingsConfigDict(env_file=None, env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", examples=["127.0.0.1"])
    port: int = Field(5001, ge=1, le=65535, examples=[5001])
    redis_url: str = Field("", examples=["redis://127.0.0.1:6379/0"])
    var_dir: Path = Field(ROOT / "var", examples=["./var"])
    x_accel_redirect: bool = False
    public_url: str = Field("", examples=["https://images.example.com"])
    trusted_proxies: int = Field(0, ge=0, le=2, examples=[1])
    auth_mode: Literal["", "password", "oidc", "none"] = Field("", examples=["password"])
    secret_key: str = Field("", repr=False, examples=["<64 random characters>"])
    admin_username: str = Field("", max_length=64, examples=["admin"])
    admin_password: str = Field("", repr=False, examples=["<a password of your own>"])
    session_idle_hours: float = Field(12, gt=0, le=8760)
    session_days: float = Field(14, gt=0, le=365)
    oidc_issuer: str = Field("", examples=["https://login.example.com/realms/team"])
    oidc_client_id: str = Field("", examples=["batchgen"])
    oidc_client_secret: str = Field("", repr=False, examples=["<from the identity provider>"])
    oidc_name: str = Field("SSO", max_length=40)
    oidc_admin_group: str = Field("", examples=["batchgen-admins"])
    oidc_groups_claim: str = Field("groups", min_length=1)
    oidc_scopes: str = Field("openid profile email", examples=["openid profile email"])

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
    max_queued_per_user: int = Field(50_000, ge=0, description="0: no limit")
    generate_wait_seconds: int = Field(120, ge=1, le=3600)

    max_upload_gb_per_user: float = Field(50, ge=0, description="0: no limit")
    max_uploads_per_user: int = Field(100_000, ge=0, description="0: no limit")
    max_streams_per_user: int = Field(6, ge=1, le=1000)
    rate_uploads: str = Field("3000/minute", examples=["3000/minute"])
    rate_batches: str = Field("120/minute", examples=["120/minute"])
    rate_estimates: str = Field("1200/minute", examples=["1200/minute"])
    rate_archives: str = Field("120/minute", examples=["120/minute"])
    rate_shared: str = Field("60/minute", examples=["60/minute"])
    rate_per_address: str = Field("12000/minute", examples=["12000/minute"])

    smtp_url: str = Field("", examples=["smtps://name:password@smtp.example.com:465"])
    smtp_from: str = Field("", examples=["batchgen@example.com"])
    notice_private_hosts: str = Field("", examples=["hooks.internal:8080"])
    team_timezone: str = Field("Asia/Shanghai", examples=["Asia/Shanghai"])
    team_budget_usd: Dollars = Field(Decimal(0), description="0: no cap")
    user_budget_usd: Dollars = Field(Decimal(0), description="0: no cap")
    batch_limit_usd: Dollars = Field(Decimal(0), description="0: no cap")
    display_currency: Literal["USD", "CNY"] = "USD"
    usd_cny_rate: Decimal = Field(Decimal("7.1"), gt=0, le=1000)

    undo_minutes: float = Field(10, ge=0.05, le=10_080)
    picture_metadata: bool = Field(True, description="words, model and date in the pictures' metadata")
    audit_max: int = Field(100_000, ge=1000, le=10_000_000)

    cors_origins: str = Field("", examples=["http://127.0.0.1:3000"])
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    metrics_token: str = Field("", examples=["a-long-random-word"])
    sentry_dsn: str = Field("", examples=["https://public@errors.example.com/1"])

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

    @field_validator(
        "rate_uploads", "rate_batches", "rate_estimates", "rate_archives", "rate_shared", "rate_per_address"
    )
    @classmethod
    def _rate(cls, value: str) -> str:
        try:
            parse_many(value)
        except ValueError:
            raise ValueError("must be a count per time, such as 100/minute") from None
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for origin in filter(None, (one.strip() for one in value.split(","))):
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}" or "*" in origin:
                raise ValueError("must be whole origins such as https://shop.example.com, without a path or a *")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _long_token(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("must have 16 characters or more")
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: str) -> str:
        if value and not (value.startswith(("http://", "https://")) and "@" in value and _host_of(value)):
            raise ValueError("must be the address that the error tracker shows")
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

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, value: str) -> str:
        if value and len(value) < _SHORTEST_SECRET:
            raise ValueError(f"must have at least {_SHORTEST_SECRET} random characters")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_is_safe(cls, value: str) -> str:
        if value and not (value.startswith("https://") or _host_of(value) in LOOPBACK):
            raise ValueError("must start with https://")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _scopes_hold_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("must hold openid")
        return value

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
        if self.auth_mode == "none" and not self._is_local():
            raise ValueError(
                "AUTH_MODE=none lets anybody in, so PUBLIC_URL must be empty or loopback; example: AUTH_MODE=password"
            )
        return self

    @model_validator(mode="after")
    def _admin_is_whole(self) -> Self:
        if bool(self.admin_username) != bool(self.admin_password):
            missing, example = ("ADMIN_PASSWORD", "<a password of your own>")
            if not self.admin_username:
                missing, example = ("ADMIN_USERNAME", "admin")
            raise ValueError(f"{missing} is missing: the first admin needs both; example: {missing}={example}")
        return self

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if self.mode != "oidc":
            return self
        for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_admin_group"):
            if not getattr(self, name):
                example = (Settings.model_fields[name].examples or [""])[0]
                raise ValueError(f"AUTH_MODE=oidc needs {name.upper()}; example: {name.upper()}={example}")
        return self

    @property
    def mode(self) -> Literal["password", "oidc", "none"]:
        """How people sign in: AUTH_MODE, else by password wherever others can reach us."""
        return self.auth_mode or ("none" if self._is_local() else "password")

    @property
    def secrets(self) -> list[str]:
        """What must not stand in a log."""
        urls = [_password_of(self.redis_url), _password_of(self.smtp_url)]
        own = [self.admin_password, self.oidc_client_secret, self.secret_key, self.metrics_token]
        return [*urls, *own, self.storage_secret_key]

    def _is_local(self) -> bool:
        return self.host in LOOPBACK and (not self.public_url or _host_of(self.public_url) in LOOPBACK)


def _password_of(url: str) -> str:
    return url.partition("@")[0].rpartition(":")[2] if "@" in url else ""


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
