"""What the settings say of edges and limits, as the parts take it. Imported by bootstrap only."""

from batchgen.api.app import Edge
from batchgen.api.rates import Rates
from batchgen.domain.pace import NO_KEY, Room
from batchgen.providers.base import key_ids
from batchgen.providers.catalogue import Section
from batchgen.providers.registry import ProviderConfig
from batchgen.settings import Settings
from batchgen.store.uploads import Quota


def edge(settings: Settings, redis_url: str) -> Edge:
    rates = Rates(
        {
            "uploads": settings.rate_uploads, "batches": settings.rate_batches, "estimates": settings.rate_estimates,
            "archives": settings.rate_archives, "shared": settings.rate_shared,
        },
        settings.rate_per_address,
        "redis+" + redis_url if redis_url.startswith("unix://") else redis_url,
    )  # fmt: skip
    origins = frozenset(o.strip() for o in settings.cors_origins.split(",") if o.strip())
    return Edge(settings.public_url, origins, settings.trusted_proxies, rates)


def quota(settings: Settings) -> Quota:
    return Quota(settings.max_uploads_per_user, int(settings.max_upload_gb_per_user * 2**30))


def quota_text(settings: Settings) -> str:
    """The quota in signs that every language reads."""
    files, size = settings.max_uploads_per_user, settings.max_upload_gb_per_user
    return " / ".join(part for part, limit in ((f"{size:g} GB", size), (f"{files:,}", files)) if limit)


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
