"""The only wiring: settings -> clients -> stores -> services -> web app or worker. The only reader of settings."""

import sys
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from celery import Celery
from flask import Flask

from batchgen import __version__
from batchgen.api.app import Services, create_app
from batchgen.bootstrap.accounts import account_services, cookies, let_the_first_in
from batchgen.bootstrap.edge import edge, quota, quota_text
from batchgen.bootstrap.files import storage_of
from batchgen.bootstrap.values import base_url, channels_of, configs_of, rooms_of, terms_of
from batchgen.domain.budgets import Terms
from batchgen.domain.models import Limits
from batchgen.domain.money import Display
from batchgen.domain.pace import Breaker
from batchgen.engine.celery_app import make_celery
from batchgen.engine.channels import Channels
from batchgen.engine.dispatcher import Dispatcher
from batchgen.engine.removal import BatchRemoval
from batchgen.media.decoders import DecoderPool
from batchgen.media.intake import Intake
from batchgen.media.storage import Storage
from batchgen.observability.logging import set_up
from batchgen.observability.metrics import Shipper
from batchgen.observability.tracking import set_up_tracking
from batchgen.providers.catalogue import CatalogueError, load_catalogue
from batchgen.providers.registry import Registry
from batchgen.services.acceptance import AcceptanceService
from batchgen.services.archives import ArchiveService
from batchgen.services.audit import AuditService
from batchgen.services.batches import BatchService
from batchgen.services.bin import BinService
from batchgen.services.budgets import BudgetService
from batchgen.services.catalogue import CatalogueService
from batchgen.services.checks import Checks
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
from batchgen.settings import ROOT, Settings, SettingsError, load
from batchgen.store.accounts import Accounts
from batchgen.store.audit import Audit
from batchgen.store.batches import Batches
from batchgen.store.books import Books
from batchgen.store.budgets import Budgets
from batchgen.store.connection import Client, connect, is_up
from batchgen.store.events import Events
from batchgen.store.items import Items
from batchgen.store.jobs import Jobs
from batchgen.store.ledger import Ledger
from batchgen.store.load import Loads
from batchgen.store.metrics import Metrics
from batchgen.store.models import Models
from batchgen.store.notices import Notices
from batchgen.store.pilots import Pilots
from batchgen.store.queue import Queue
from batchgen.store.reviews import Reviews
from batchgen.store.sharing import Shares
from batchgen.store.standing import Standings
from batchgen.store.streams import Streams
from batchgen.store.templates import Templates
from batchgen.store.uploads import Uploads

sys.path.append(str(ROOT))  # `config/` stands beside `backend/`, not in it
from config.api_keys import all_keys

_TABLE_S = 30.0  # the largest table takes seven seconds of an idle core
_REDIS_URL = "redis://127.0.0.1:6379/0"


@dataclass(frozen=True)
class Core:
    """What the web app and the worker both stand on."""

    settings: Settings
    redis_url: str
    limits: Limits
    rates: dict[str, int]  # provider -> starts per minute
    terms: Terms
    celery: Celery
    items: Items
    uploads: Uploads
    batches: Batches
    queue: Queue
    notices: Notices
    channels: Channels
    jobs: Jobs
    dispatcher: Dispatcher
    shipper: Shipper
    registry: Registry
    models: Models
    decoders: DecoderPool
    table_readers: DecoderPool
    intake: Intake
    storage: Storage

    def close(self) -> None:
        """Let go of children and connections."""
        self.decoders.close()
        self.table_readers.close()
        self.registry.close()
        self.celery.close()


def core(settings: Settings) -> Core:
    """Clients and stores; nothing is connected to before it is used. Raises CatalogueError."""
    url = settings.redis_url or _REDIS_URL
    sections = load_catalogue(settings.models_file)
    configs = configs_of(settings, sections)
    keys = {key for config in configs.values() for key in config.keys}
    clean = set_up(settings.log_level, settings.log_format, [*keys.union(all_keys()), *settings.secrets])
    set_up_tracking(settings.sentry_dsn, __version__, clean)
    redis = connect(url)
    terms = terms_of(settings)
    items, uploads = Items(redis, terms), Uploads(redis, quota(settings))
    breaker = Breaker(settings.breaker_failures, settings.breaker_seconds, settings.breaker_seconds * 10)
    rooms = rooms_of(settings, sections, configs)
    queue, celery = Queue(redis, rooms, settings.lease_seconds * 1000, breaker), make_celery(url)
    decoders = DecoderPool()
    max_bytes = settings.max_upload_mb * 2**20
    return Core(
        settings=settings, redis_url=url,
        limits=Limits(
            settings.max_upload_mb, settings.max_megapixels, settings.max_batch_items,
            generate_wait_s=settings.generate_wait_seconds, quota_text=quota_text(settings),
            economy_shortest_s=settings.economy_shortest_minutes * 60,
        ),
        rates={name: room.per_minute for name, room in rooms.items()},
        terms=terms, celery=celery, items=items, uploads=uploads, batches=Batches(redis, items, uploads, terms),
        queue=queue, notices=Notices(redis), channels=channels_of(settings),
        jobs=Jobs(redis, settings.lease_seconds * 1000),
        dispatcher=Dispatcher(queue, celery), shipper=Shipper(Metrics(redis).add), decoders=decoders,
        table_readers=DecoderPool(1, deadline_s=_TABLE_S, wait_s=_TABLE_S),
        registry=Registry(configs, settings.default_provider, sections), models=Models(redis),
        intake=Intake(decoders, max_bytes=max_bytes, max_megapixels=settings.max_megapixels),
        storage=storage_of(settings),
    )  # fmt: skip


def web() -> Flask:
    """The Flask app, from the environment."""
    parts = core_or_exit()
    parts.shipper.start()
    try:
        return make_web(parts)
    except SettingsError as wrong:
        _stop(str(wrong))


def make_web(parts: Core) -> Flask:
    settings = parts.settings
    services = _services(parts)
    let_the_first_in(settings, services.accounts)
    return create_app(
        services, parts.limits, cookies(settings, base_url(settings)), spa=ROOT / "frontend" / "dist",
        edge=edge(settings, parts.redis_url, parts.storage.origin),
    )  # fmt: skip


def _services(parts: Core) -> Services:
    redis, url = connect(parts.redis_url), base_url(parts.settings)
    catalogue = CatalogueService(parts.registry, parts.models)
    checks = Checks(catalogue, parts.uploads, parts.limits, parts.storage.require_room)
    prompts = PromptService(parts.uploads, parts.limits)
    audit, shares = audit_of(redis, parts.settings), Shares(redis, parts.batches, parts.items)
    batches = BatchService(
        parts.batches, parts.items, parts.queue, parts.dispatcher, checks, prompts, audit, parts.jobs
    )  # fmt: skip
    uploads = UploadService(parts.uploads, shares, parts.storage, parts.intake, parts.limits, audit)
    submissions, pilots = SubmissionService(uploads, batches), Pilots(redis, parts.terms)
    accounts = account_services(parts.settings, redis, parts.channels, url, audit.write)
    budgets = BudgetService(Budgets(redis, parts.terms), Accounts(redis), parts.terms, audit)
    events = Events(redis, connect(parts.redis_url, blocking_s=5.0), parts.batches, parts.items, parts.uploads)
    streams, loads = Streams(redis, parts.settings.max_streams_per_user), Loads(redis)
    return Services(
        uploads=uploads, batches=batches, submissions=submissions, catalogue=catalogue, prompts=prompts,
        accounts=accounts, audit=audit, budgets=budgets, templates=TemplateService(Templates(redis), checks, audit),
        estimates=EstimateService(checks, budgets, parts.queue, loads, parts.rates),
        acceptance=AcceptanceService(batches, parts.items),
        reviews=ReviewService(batches, Reviews(redis), parts.items, prompts, parts.dispatcher),
        archives=ArchiveService(batches, parts.batches, parts.storage),
        events=EventService(events, batches, streams),
        files=FileService(uploads, batches, parts.batches, parts.storage, accel=parts.settings.x_accel_redirect),
        health=HealthService(parts.queue, parts.storage, catalogue, partial(is_up, redis)),
        keys=KeyService(parts.registry, parts.queue), standing=StandingService(Standings(redis)),
        generate=GenerateService(submissions, batches, parts.limits),
        tables=TableService(parts.storage, parts.table_readers),
        notices=NoticeService(parts.notices, parts.batches, parts.channels, url),
        history=HistoryService(batches, parts.batches), turns=TurnsService(parts.queue, loads, parts.batches),
        deleting=BinService(batches, parts.batches, removal_of(parts), int(parts.settings.undo_minutes * 60_000)),
        reuse=ReuseService(batches, parts.items, parts.uploads), usage=UsageService(parts.uploads),
        sharing=SharingService(parts.batches, shares, audit, url),
        ledger=ledger_of(parts), display=Display(parts.settings.display_currency, parts.settings.usd_cny_rate),
        metrics=MetricsService(
            Metrics(redis), parts.queue, loads, streams, parts.shipper.ship, parts.settings.metrics_token
        ),
        pilots=PilotService(batches, pilots, parts.items, prompts, parts.dispatcher),
        duels=DuelService(pilots, batches, parts.batches, parts.items, checks, parts.dispatcher),
    )  # fmt: skip


def removal_of(parts: Core) -> BatchRemoval:
    return BatchRemoval(parts.batches, parts.items, parts.storage)


def ledger_of(parts: Core) -> LedgerService:
    redis = connect(parts.redis_url, timeout_s=30.0)  # the check reads much at once
    ledger = Ledger(redis)
    return LedgerService(ledger, Budgets(redis, parts.terms), Books(redis, ledger, parts.terms), parts.terms)


def audit_of(redis: Client, settings: Settings) -> AuditService:
    return AuditService(Audit(redis, settings.audit_max))


def core_or_exit() -> Core:
    try:
        return core(_settings())
    except CatalogueError as wrong:
        _stop(str(wrong))


def _settings() -> Settings:
    try:
        return load()
    except SettingsError as wrong:
        _stop(str(wrong))


def _stop(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(2)


def serve(app: Flask, *, reload: bool) -> None:
    """The development server, where `python app.py` was typed."""
    settings = _settings()
    app.run(settings.host, settings.port, threaded=True, use_reloader=reload)
