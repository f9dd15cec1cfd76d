"""The only wiring: settings -> clients -> stores -> services -> web app or worker. The only reader of settings."""

import os
import secrets
import socket
import sys
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from celery import Celery, signals
from flask import Flask

from batchgen import __version__
from batchgen.api.app import Services, create_app
from batchgen.bootstrap_accounts import account_services, cookies, let_the_first_in
from batchgen.bootstrap_edge import edge, quota, quota_text
from batchgen.bootstrap_providers import all_keys, configs_of, rooms_of
from batchgen.domain.models import Limits
from batchgen.domain.pace import Breaker
from batchgen.engine.celery_app import look_often, make_celery
from batchgen.engine.channels import Channels
from batchgen.engine.dispatcher import Dispatcher
from batchgen.engine.failover import Failover
from batchgen.engine.heart import Heart
from batchgen.engine.model_watch import ModelWatch
from batchgen.engine.notices import Courier
from batchgen.engine.probes import Probes
from batchgen.engine.recovery import Recovery
from batchgen.engine.runner import Parts, Runner
from batchgen.engine.tasks import register
from batchgen.engine.webhooks import Webhooks
from batchgen.media.decoders import DecoderPool
from batchgen.media.intake import Intake
from batchgen.media.storage import DiskStorage
from batchgen.observability.logging import set_up
from batchgen.observability.metrics import Shipper
from batchgen.observability.tracking import set_up_tracking
from batchgen.providers.catalogue import CatalogueError, load_catalogue
from batchgen.providers.guard import Guard
from batchgen.providers.registry import Registry
from batchgen.services.acceptance import AcceptanceService
from batchgen.services.archives import ArchiveService
from batchgen.services.audit import AuditService
from batchgen.services.batches import BatchService
from batchgen.services.catalogue import CatalogueService
from batchgen.services.checks import Checks
from batchgen.services.estimates import EstimateService
from batchgen.services.events import EventService
from batchgen.services.files import FileService
from batchgen.services.generate import GenerateService
from batchgen.services.health import HealthService
from batchgen.services.history import HistoryService
from batchgen.services.keys import KeyService
from batchgen.services.metrics import MetricsService
from batchgen.services.notices import NoticeService
from batchgen.services.people import PeopleService
from batchgen.services.prompts import PromptService
from batchgen.services.sharing import SharingService
from batchgen.services.submissions import SubmissionService
from batchgen.services.tables import TableService
from batchgen.services.uploads import UploadService
from batchgen.settings import ROOT, Settings, SettingsError, load
from batchgen.store.audit import Audit
from batchgen.store.batches import Batches
from batchgen.store.connection import Client, connect, is_up
from batchgen.store.events import Events
from batchgen.store.items import Items
from batchgen.store.load import Loads
from batchgen.store.metrics import Metrics
from batchgen.store.models import Models
from batchgen.store.notices import Notices
from batchgen.store.queue import Queue
from batchgen.store.sharing import Shares
from batchgen.store.streams import Streams
from batchgen.store.uploads import Uploads

_TABLE_S = 30.0  # the largest table takes seven seconds of an idle core
_REDIS_URL = "redis://127.0.0.1:6379/0"


@dataclass(frozen=True)
class Core:
    """What the web app and the worker both stand on."""

    settings: Settings
    redis_url: str
    limits: Limits
    rates: dict[str, int]  # provider -> starts per minute
    celery: Celery
    items: Items
    uploads: Uploads
    batches: Batches
    queue: Queue
    notices: Notices
    channels: Channels
    dispatcher: Dispatcher
    shipper: Shipper
    registry: Registry
    models: Models
    decoders: DecoderPool
    table_readers: DecoderPool
    intake: Intake
    storage: DiskStorage

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
    items, uploads = Items(redis), Uploads(redis, quota(settings))
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
        ),
        rates={name: room.per_minute for name, room in rooms.items()},
        celery=celery, items=items, uploads=uploads, batches=Batches(redis, items, uploads), queue=queue,
        notices=Notices(redis), channels=_channels(settings),
        dispatcher=Dispatcher(queue, celery), shipper=Shipper(Metrics(redis).add), decoders=decoders,
        table_readers=DecoderPool(1, deadline_s=_TABLE_S, wait_s=_TABLE_S),
        registry=Registry(configs, settings.default_provider, sections), models=Models(redis),
        intake=Intake(decoders, max_bytes=max_bytes, max_megapixels=settings.max_megapixels),
        storage=DiskStorage(settings.var_dir / "files", min_free_bytes=settings.min_free_mb * 2**20),
    )  # fmt: skip


def web() -> Flask:
    """The Flask app, from the environment."""
    parts = _core()
    parts.shipper.start()
    try:
        return make_web(parts)
    except SettingsError as wrong:
        _stop(str(wrong))


def make_web(parts: Core) -> Flask:
    redis = connect(parts.redis_url)
    catalogue = CatalogueService(parts.registry, parts.models)
    checks = Checks(catalogue, parts.uploads, parts.limits)
    prompts = PromptService(parts.uploads, parts.limits)
    audit, shares = _audit(redis, parts.settings), Shares(redis, parts.batches, parts.items)
    batches = BatchService(
        parts.batches, parts.items, parts.queue, parts.dispatcher, checks, prompts, parts.storage, audit
    )  # fmt: skip
    uploads = UploadService(parts.uploads, shares, parts.storage, parts.intake, parts.limits, audit)
    submissions = SubmissionService(uploads, batches)
    base_url = _base_url(parts.settings)
    accounts = account_services(parts.settings, redis, parts.channels, base_url, audit.write)
    let_the_first_in(parts.settings, accounts)
    events = Events(redis, connect(parts.redis_url, blocking_s=5.0), parts.batches, parts.items, parts.uploads)
    streams, loads = Streams(redis, parts.settings.max_streams_per_user), Loads(redis)
    services = Services(
        uploads=uploads, batches=batches, submissions=submissions, catalogue=catalogue, prompts=prompts,
        accounts=accounts, audit=audit,
        estimates=EstimateService(checks, parts.queue, loads, parts.rates),
        acceptance=AcceptanceService(batches, parts.items),
        archives=ArchiveService(batches, parts.batches, parts.storage),
        events=EventService(events, batches, streams),
        files=FileService(uploads, batches, parts.batches, parts.storage),
        health=HealthService(parts.queue, parts.storage, catalogue, partial(is_up, redis)),
        keys=KeyService(parts.registry, parts.queue),
        generate=GenerateService(submissions, batches, parts.limits),
        tables=TableService(parts.storage, parts.table_readers),
        notices=NoticeService(parts.notices, parts.batches, parts.channels, base_url),
        history=HistoryService(batches, parts.batches),
        sharing=SharingService(parts.batches, shares, audit, base_url),
        metrics=MetricsService(
            Metrics(redis), parts.queue, loads, streams, parts.shipper.ship, parts.settings.metrics_token
        ),
    )  # fmt: skip
    return create_app(
        services, parts.limits, cookies(parts.settings, base_url), spa=ROOT / "frontend" / "dist",
        edge=edge(parts.settings, parts.redis_url),
    )  # fmt: skip


def people() -> PeopleService:
    """Accounts, for a command on the server. Exits where a setting is wrong."""
    parts = _core()
    redis, base_url = connect(parts.redis_url), _base_url(parts.settings)
    return account_services(parts.settings, redis, parts.channels, base_url, _audit(redis, parts.settings).write).people


def worker() -> Celery:
    """The Celery app of a worker, from the environment: its task, its beats."""
    parts = _core()
    settings = parts.settings
    parts.storage.sweep_tmp(older_than_s=3600)  # what a killed process left half-written
    recovery = Recovery(parts.queue, parts.items, settings.max_attempts)
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    failover = Failover(parts.registry, parts.models, parts.queue, parts.batches, parts.items, parts.storage)
    heart = Heart(
        parts.queue, parts.dispatcher, recovery, failover, worker=name, slots=settings.worker_concurrency,
        lease_s=settings.lease_seconds,
    )  # fmt: skip
    rooms = Parts(
        parts.items, parts.batches, parts.uploads, parts.registry, parts.intake, parts.storage, parts.dispatcher, heart,
        parts.queue, failover, ModelWatch(parts.models),
    )  # fmt: skip
    runner = Runner(rooms, timeout_s=settings.provider_timeout_seconds, max_attempts=settings.max_attempts)
    register(parts.celery, runner)
    parts.celery.conf.update(worker_pool="threads", worker_concurrency=settings.worker_concurrency)
    courier = Courier(parts.notices, parts.batches, parts.items, parts.channels, _base_url(settings))
    signals.worker_ready.connect(lambda **_: parts.shipper.start(), weak=False)
    look_often()
    _beat(heart, Probes(parts.registry, parts.models, every_s=settings.model_probe_minutes * 60), courier)
    return parts.celery


def _beat(heart: Heart, probes: Probes, courier: Courier) -> None:
    """A worker has slots from when it listens until it is asked to stop; it beats until its last item is done."""

    signals.worker_ready.connect(lambda **_: heart.start(), weak=False)
    signals.worker_ready.connect(lambda **_: probes.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: probes.stop(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: heart.leave(), weak=False)
    signals.worker_shutdown.connect(lambda **_: heart.stop(), weak=False)
    signals.worker_ready.connect(lambda **_: courier.start(), weak=False)
    signals.worker_shutdown.connect(lambda **_: courier.stop(), weak=False)
    signals.setup_logging.connect(lambda **_: None, weak=False)  # Celery sets up its own unless somebody listens


def _channels(settings: Settings) -> Channels:
    private = Guard(_listed(settings.notice_private_hosts))
    return Channels(Webhooks(private), smtp_url=settings.smtp_url, smtp_from=settings.smtp_from)


def _audit(redis: Client, settings: Settings) -> AuditService:
    return AuditService(Audit(redis, settings.audit_max))


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _base_url(settings: Settings) -> str:
    """Where people reach us."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url.rstrip("/") or f"http://{host}:{settings.port}"


def _core() -> Core:
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
