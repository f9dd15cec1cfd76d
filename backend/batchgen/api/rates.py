"""How often one person, and one address, may ask for what costs work; counted in Redis for all processes."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter, RateLimitExceeded

from batchgen.api.context import current_user
from batchgen.api.problems import answer
from batchgen.domain.addresses import network
from batchgen.errors import AppError

# endpoint -> the group that it is counted in
GROUPS = {
    "uploads.create_upload": "uploads",
    "prompts.read_table": "uploads",
    "batches.create_batch": "batches",
    "batches.retry_batch": "batches",
    "items.retry_item": "batches",
    "reviews.redo_item": "batches",
    "reviews.estimate_redo": "estimates",
    "system.generate_one": "batches",
    "notices.test_notice": "batches",
    "duels.create_duel": "batches",
    "pilots.approve_pilot": "batches",
    "pilots.repeat_pilot": "batches",
    "pilots.estimate_pilot": "estimates",
    "estimates.create_estimate": "estimates",
    "prompts.preview_prompts": "estimates",
    "prompts.preview_filenames": "estimates",
    "archives.download_archive": "archives",
    "shared.download_shared_archive": "archives",
    "shared.open_link": "shared",
    "auth.oidc_start": "shared",
    "money.download_ledger": "archives",
    "money.sum_ledger": "archives",
}


@dataclass(frozen=True)
class Rates:
    """`per_user`: group -> limit such as "100/minute"; `per_address`: of all groups together, for one address;
    `storage_uri`: the Redis that counts."""

    per_user: dict[str, str] = field(default_factory=dict)
    per_address: str = ""
    storage_uri: str = "memory://"


def register(app: Flask, rates: Rates) -> None:
    """Wrap the views named in GROUPS; to be called when all blueprints are in. Where Redis cannot be asked the request
    goes on, and the view says what is wrong."""
    options: dict[str, Any] = {"socket_timeout": 5, "socket_connect_timeout": 5}
    limiter = Limiter(
        _address, app=app, storage_uri=rates.storage_uri, strategy="sliding-window-counter", swallow_errors=True,
        storage_options=options if "redis" in rates.storage_uri else {},
    )  # fmt: skip
    for endpoint, group in GROUPS.items():
        view: Callable[..., Any] = app.view_functions[endpoint]
        if rates.per_address:
            view = limiter.shared_limit(rates.per_address, scope="all", key_func=_address)(view)
        if limit := rates.per_user.get(group):
            view = limiter.shared_limit(limit, scope=group, key_func=_user)(view)
        app.view_functions[endpoint] = view

    @app.errorhandler(RateLimitExceeded)
    def too_often(_error: RateLimitExceeded) -> Response:
        hit = limiter.current_limit
        seconds = max(1, math.ceil(hit.reset_at - time.time())) if hit else 1
        return answer(AppError("rate_limited", seconds=seconds))


def _address() -> str:
    """The caller's address, as the trusted proxy tells it."""
    return "address:" + network(request.remote_addr or "")


def _user() -> str:
    """Who asks; who is nobody is counted by address."""
    try:
        return "user:" + current_user().id
    except AppError:
        return _address()
