"""The Flask app: blueprints with their services handed in."""

from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, Flask, Request
from werkzeug.middleware.proxy_fix import ProxyFix

from batchgen.api import (
    acceptance,
    archives,
    audit,
    auth,
    batches,
    duels,
    estimates,
    events,
    files,
    guards,
    history,
    identity,
    items,
    keys,
    metrics,
    money,
    notices,
    observed,
    openapi,
    pilots,
    problems,
    prompts,
    queue,
    rates,
    reviews,
    shared,
    sharing,
    system,
    templates,
    tokens,
    turns,
    uploads,
    users,
)
from batchgen.api.cookies import Cookies
from batchgen.api.rates import Rates
from batchgen.domain.models import Limits
from batchgen.domain.money import Display
from batchgen.services.acceptance import AcceptanceService
from batchgen.services.accounts import AccountServices
from batchgen.services.archives import ArchiveService
from batchgen.services.audit import AuditService
from batchgen.services.batches import BatchService
from batchgen.services.bin import BinService
from batchgen.services.budgets import BudgetService
from batchgen.services.catalogue import CatalogueService
from batchgen.services.duels import DuelService
from batchgen.services.estimates import EstimateService
from batchgen.services.events import EventService
from batchgen.services.files import FileService
from batchgen.services.generate import GenerateService
from batchgen.services.health import HealthService
from batchgen.services.history import HistoryService
from batchgen.services.keys import KeyService
from batchgen.services.ledger import LedgerService
from batchgen.services.metrics import MetricsService
from batchgen.services.notices import NoticeService
from batchgen.services.pilots import PilotService
from batchgen.services.prompts import PromptService
from batchgen.services.reuse import ReuseService
from batchgen.services.reviews import ReviewService
from batchgen.services.sharing import SharingService
from batchgen.services.standing import StandingService
from batchgen.services.submissions import SubmissionService
from batchgen.services.tables import TableService
from batchgen.services.templates import TemplateService
from batchgen.services.turns import TurnsService
from batchgen.services.uploads import UploadService
from batchgen.services.usage import UsageService

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
    standing: StandingService
    prompts: PromptService
    tables: TableService
    notices: NoticeService
    history: HistoryService
    deleting: BinService
    reuse: ReuseService
    usage: UsageService
    turns: TurnsService
    sharing: SharingService
    audit: AuditService
    accounts: AccountServices
    pilots: PilotService
    duels: DuelService
    budgets: BudgetService
    ledger: LedgerService
    display: Display
    metrics: MetricsService
    reviews: ReviewService
    templates: TemplateService


@dataclass(frozen=True)
class Edge:
    """What stands around the views. `public_url`: where people reach us, if not on loopback; `cors_origins`: other
    sites that may call us; `trusted_proxies`: how many proxies in front set X-Forwarded-*; 0: those are not read;
    `pictures_from`: another origin that pictures come from."""

    public_url: str = ""
    cors_origins: frozenset[str] = frozenset()
    trusted_proxies: int = 0
    pictures_from: str = ""
    rates: Rates = field(default_factory=Rates)


class _Request(Request):
    max_form_parts = 1200
    max_form_memory_size = 1_000_000


def create_app(services: Services, limits: Limits, cookies: Cookies, *, spa: Path, edge: Edge) -> Flask:
    """The whole HTTP face."""
    app = Flask("batchgen", static_folder=None)
    app.request_class = _Request
    app.json.sort_keys = False  # type: ignore[attr-defined]
    one_file = (limits.max_upload_mb + 1) * _MIB
    app.config["MAX_CONTENT_LENGTH"] = one_file
    if edge.trusted_proxies:  # the name we are asked by is never taken from a header that anybody can send
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=edge.trusted_proxies, x_proto=edge.trusted_proxies)  # type: ignore[method-assign]
    guards.register(
        app, public_url=edge.public_url, cors_origins=edge.cors_origins, session_cookie=cookies.session
    )  # fmt: skip
    identity.register(app, services.accounts.identities, cookies)
    audit.register(app)
    problems.register(app, max_body_mb=limits.max_upload_mb + 1, display=services.display)
    observed.register(app)
    for blueprint in _blueprints(services, limits, cookies, spa, one_file, edge):
        app.register_blueprint(blueprint)
    rates.register(app, edge.rates)
    return app


def _blueprints(
    services: Services, limits: Limits, cookies: Cookies, spa: Path, one_file: int, edge: Edge
) -> tuple[Blueprint, ...]:  # fmt: skip
    """`one_file`: the longest body that brings one image, in bytes."""
    return (
        uploads.blueprint(services.uploads, max_body_bytes=one_file),
        batches.blueprint(
            services.batches, services.history, services.submissions, services.catalogue, services.notices,
            max_form_bytes=_FORM_FILES * one_file,
        ),
        turns.blueprint(services.turns),
        history.blueprint(services.deleting, services.reuse, services.usage),
        estimates.blueprint(services.estimates, services.display),
        pilots.blueprint(services.pilots),
        duels.blueprint(services.duels, services.catalogue, services.notices),
        notices.blueprint(services.notices),
        items.blueprint(services.batches, services.catalogue),
        acceptance.blueprint(services.acceptance, services.catalogue),
        reviews.blueprint(services.reviews, services.catalogue),
        prompts.blueprint(services.prompts, services.tables),
        archives.blueprint(services.archives),
        events.blueprint(services.events, services.catalogue),
        keys.blueprint(services.keys),
        queue.blueprint(services.standing),
        auth.blueprint(services.accounts, services.budgets, cookies),
        tokens.blueprint(services.accounts.tokens),
        users.blueprint(services.accounts, services.budgets),
        money.blueprint(services.budgets, services.ledger, services.display),
        system.blueprint(services.catalogue, services.health, services.generate, limits, max_body_bytes=one_file),
        openapi.blueprint(),
        metrics.blueprint(services.metrics),
        files.blueprint(services.files, services.sharing, cookies, spa, pictures_from=edge.pictures_from),
        sharing.blueprint(services.sharing),
        templates.blueprint(services.templates),
        shared.blueprint(services.sharing, services.archives, cookies),
        audit.blueprint(services.audit),
    )  # fmt: skip
