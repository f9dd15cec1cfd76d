"""The Flask app: blueprints with their services handed in."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Request

from batchgen.api import (
    acceptance,
    archives,
    auth,
    batches,
    estimates,
    events,
    files,
    guards,
    identity,
    items,
    keys,
    money,
    notices,
    openapi,
    problems,
    prompts,
    system,
    tokens,
    uploads,
    users,
)
from batchgen.api.cookies import Cookies
from batchgen.domain.models import Limits
from batchgen.domain.money import Display
from batchgen.services.acceptance import AcceptanceService
from batchgen.services.accounts import AccountServices
from batchgen.services.archives import ArchiveService
from batchgen.services.batches import BatchService
from batchgen.services.budgets import BudgetService
from batchgen.services.catalogue import CatalogueService
from batchgen.services.estimates import EstimateService
from batchgen.services.events import EventService
from batchgen.services.files import FileService
from batchgen.services.generate import GenerateService
from batchgen.services.health import HealthService
from batchgen.services.keys import KeyService
from batchgen.services.ledger import LedgerService
from batchgen.services.notices import NoticeService
from batchgen.services.prompts import PromptService
from batchgen.services.submissions import SubmissionService
from batchgen.services.tables import TableService
from batchgen.services.uploads import UploadService

_MIB = 2**20
_FORM_FILES = 100  # files of the largest size that one multipart submit may carry


@dataclass(frozen=True)
class Services:
    uploads: UploadService
    batches: BatchService
    estimates: EstimateService
    submissions: SubmissionService
    acceptance: AcceptanceService
    archives: ArchiveService
    events: EventService
    files: FileService
    health: HealthService
    catalogue: CatalogueService
    generate: GenerateService
    keys: KeyService
    prompts: PromptService
    tables: TableService
    notices: NoticeService
    budgets: BudgetService
    ledger: LedgerService
    display: Display
    accounts: AccountServices


class _Request(Request):
    max_form_parts = 1200
    max_form_memory_size = 1_000_000


def create_app(
    services: Services, limits: Limits, cookies: Cookies, *, spa: Path, public_url: str = "",
    cors_origins: frozenset[str] = frozenset(),
) -> Flask:  # fmt: skip
    """The whole HTTP face."""
    app = Flask("batchgen", static_folder=None)
    app.request_class = _Request
    app.json.sort_keys = False  # type: ignore[attr-defined]
    one_file = (limits.max_upload_mb + 1) * _MIB
    app.config["MAX_CONTENT_LENGTH"] = one_file
    guards.register(app, public_url=public_url, cors_origins=cors_origins, session_cookie=cookies.session)
    identity.register(app, services.accounts.identities, cookies)
    problems.register(app, max_body_mb=limits.max_upload_mb + 1, display=services.display)
    for blueprint in (
        uploads.blueprint(services.uploads, max_body_bytes=one_file),
        batches.blueprint(
            services.batches,
            services.submissions,
            services.catalogue,
            services.notices,
            max_form_bytes=_FORM_FILES * one_file,
        ),
        estimates.blueprint(services.estimates, services.display),
        notices.blueprint(services.notices),
        items.blueprint(services.batches, services.catalogue),
        acceptance.blueprint(services.acceptance, services.catalogue),
        prompts.blueprint(services.prompts, services.tables),
        archives.blueprint(services.archives),
        events.blueprint(services.events, services.catalogue),
        keys.blueprint(services.keys),
        money.blueprint(services.budgets, services.ledger, services.display),
        auth.blueprint(services.accounts, cookies),
        tokens.blueprint(services.accounts.tokens),
        users.blueprint(services.accounts),
        system.blueprint(services.catalogue, services.health, services.generate, limits, max_body_bytes=one_file),
        openapi.blueprint(),
        files.blueprint(services.files, spa),
    ):
        app.register_blueprint(blueprint)
    return app
