"""The wiring of the edges, a part of bootstrap: settings -> rates, quotas, whom to believe."""

from batchgen.api.app import Edge
from batchgen.api.rates import Rates
from batchgen.bootstrap.values import listed
from batchgen.settings import Settings
from batchgen.store.uploads import Quota


def edge(settings: Settings, redis_url: str, pictures_from: str) -> Edge:
    rates = Rates(
        {
            "uploads": settings.rate_uploads, "batches": settings.rate_batches, "estimates": settings.rate_estimates,
            "archives": settings.rate_archives, "shared": settings.rate_shared,
        },
        settings.rate_per_address,
        "redis+" + redis_url if redis_url.startswith("unix://") else redis_url,
    )  # fmt: skip
    origins = frozenset(listed(settings.cors_origins))
    return Edge(settings.public_url, origins, settings.trusted_proxies, pictures_from, rates)


def quota(settings: Settings) -> Quota:
    return Quota(settings.max_uploads_per_user, int(settings.max_upload_gb_per_user * 2**30))


def quota_text(settings: Settings) -> str:
    """The quota in signs that every language reads."""
    files, size = settings.max_uploads_per_user, settings.max_upload_gb_per_user
    return " / ".join(part for part, limit in ((f"{size:g} GB", size), (f"{files:,}", files)) if limit)
