"""What the settings say, as the values that the rooms take."""

import sys
from decimal import Decimal
from zoneinfo import ZoneInfo

from batchgen.domain.budgets import Caps, Terms
from batchgen.domain.money import to_micros
from batchgen.domain.pace import NO_KEY, Room
from batchgen.engine.channels import Channels
from batchgen.engine.webhooks import Webhooks
from batchgen.providers.base import key_ids
from batchgen.providers.catalogue import Section
from batchgen.providers.guard import Guard
from batchgen.providers.registry import ProviderConfig
from batchgen.settings import ROOT, Settings

sys.path.append(str(ROOT))  # `config/` stands beside `backend/`, not in it
from config.api_keys import keys_for, keys_in


def terms_of(settings: Settings) -> Terms:
    def cap(dollars: Decimal) -> int | None:
        return to_micros(dollars) or None

    caps = Caps(cap(settings.user_budget_usd), cap(settings.team_budget_usd), cap(settings.batch_limit_usd))
    return Terms(caps, ZoneInfo(settings.team_timezone), settings.max_queued_per_user or None)


def channels_of(settings: Settings) -> Channels:
    private = Guard(listed(settings.notice_private_hosts))
    return Channels(Webhooks(private), smtp_url=settings.smtp_url, smtp_from=settings.smtp_from)


def listed(text: str) -> list[str]:
    """What stands between commas."""
    return [one.strip() for one in text.split(",") if one.strip()]


def base_url(settings: Settings) -> str:
    """Where people reach us."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url.rstrip("/") or f"http://{host}:{settings.port}"


def rooms_of(settings: Settings, sections: dict[str, Section], configs: dict[str, ProviderConfig]) -> dict[str, Room]:
    """The limits of each provider, which hold for each of its keys in each of its models."""
    limits = {
        "gemini": (settings.gemini_concurrency, settings.gemini_rate_per_minute),
        "doubao": (settings.doubao_concurrency, settings.doubao_rate_per_minute),
        "openai": (settings.openai_concurrency, settings.openai_rate_per_minute),
        "demo": (settings.demo_concurrency, settings.demo_rate_per_minute),
    }
    for name, section in sections.items():
        if server := section.server:
            at_once, a_minute = limits["openai"]
            given = server.rate_per_minute
            limits[name] = (server.concurrency or at_once, a_minute if given is None else given)
    keyless = {name for name, section in sections.items() if section.server and not section.server.key_variable}
    return {
        name: Room(
            at_once, a_minute, NO_KEY if name in keyless | {"demo"} else key_ids(configs[name]),
            settings.rate_window_seconds,
        )
        for name, (at_once, a_minute) in limits.items()
    }  # fmt: skip


def configs_of(settings: Settings, sections: dict[str, Section]) -> dict[str, ProviderConfig]:
    configs = {
        "gemini": ProviderConfig(keys=tuple(keys_for("gemini")), base_url=settings.gemini_base_url),
        "doubao": ProviderConfig(keys=tuple(keys_for("doubao")), base_url=settings.doubao_base_url),
        "openai": ProviderConfig(keys=tuple(keys_for("openai")), base_url=settings.openai_base_url),
        "demo": ProviderConfig(latency_s=settings.demo_latency_seconds),
    }
    for name, section in sections.items():
        if server := section.server:
            configs[name] = ProviderConfig(keys=tuple(keys_in(server.key_variable)), base_url=server.base_url)
    return configs
