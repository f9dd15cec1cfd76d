"""The wiring of a worker."""

import os
import secrets
import socket

from celery import Celery, signals

from batchgen.bootstrap import Core, core_or_exit, removal_of
from batchgen.bootstrap.values import base_url
from batchgen.engine.bin import Bin
from batchgen.engine.celery_app import look_often
from batchgen.engine.economy import Economy, make_economy
from batchgen.engine.failover import Failover
from batchgen.engine.heart import Heart
from batchgen.engine.jobs import Pace
from batchgen.engine.model_watch import ModelWatch
from batchgen.engine.notices import Courier
from batchgen.engine.probes import Probes
from batchgen.engine.recovery import Recovery
from batchgen.engine.removal import UploadRemoval
from batchgen.engine.results import Results
from batchgen.engine.retention import Keep, Retention
from batchgen.engine.runner import Parts, Runner
from batchgen.engine.tasks import register
from batchgen.store.audit import Audit
from batchgen.store.connection import connect
from batchgen.store.retention import Ages


def worker() -> Celery:
    """The Celery app of a worker, from the environment: its task, its beats."""
    parts = core_or_exit()
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
        parts.queue, failover, ModelWatch(parts.models), Results(parts.storage, embed=settings.picture_metadata),
    )  # fmt: skip
    runner = Runner(rooms, timeout_s=settings.provider_timeout_seconds, max_attempts=settings.max_attempts)
    register(parts.celery, runner)
    economy = make_economy(
        parts.jobs, rooms,
        Pace(settings.economy_poll_seconds, settings.economy_cancel_seconds, settings.economy_margin_seconds),
        job_items=settings.economy_job_items, renew_s=settings.lease_seconds / 3,
        timeout_s=settings.provider_timeout_seconds, max_attempts=settings.max_attempts,
    )  # fmt: skip
    parts.celery.conf.update(worker_pool="threads", worker_concurrency=settings.worker_concurrency)
    courier = Courier(parts.notices, parts.batches, parts.items, parts.channels, base_url(settings))
    signals.worker_ready.connect(lambda **_: parts.shipper.start(), weak=False)
    look_often()
    bin_ = Bin(parts.batches, removal_of(parts))
    signals.worker_ready.connect(lambda **_: bin_.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: bin_.stop(), weak=False)
    _beat(heart, economy, Probes(parts.registry, parts.models, every_s=settings.model_probe_minutes * 60), courier)
    _retain(parts)
    return parts.celery


def _retain(parts: Core) -> None:
    settings, redis = parts.settings, connect(parts.redis_url)
    keep = Keep(settings.retention_uploads_days, settings.retention_results_days, settings.retention_batches_days)
    retention = Retention(
        Ages(redis, parts.batches, parts.uploads), parts.batches,
        removal_of(parts), UploadRemoval(parts.uploads, parts.storage),
        Audit(redis, settings.audit_max), keep, every_s=settings.retention_check_minutes * 60,
    )  # fmt: skip
    signals.worker_ready.connect(lambda **_: retention.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: retention.stop(), weak=False)


def _beat(heart: Heart, economy: Economy, probes: Probes, courier: Courier) -> None:
    """A worker has slots from when it listens until it is asked to stop; it beats until its last item is done."""
    signals.worker_ready.connect(lambda **_: heart.start(), weak=False)
    signals.worker_ready.connect(lambda **_: economy.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: economy.stop(), weak=False)
    signals.worker_ready.connect(lambda **_: probes.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: probes.stop(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: heart.leave(), weak=False)
    signals.worker_shutdown.connect(lambda **_: heart.stop(), weak=False)
    signals.worker_ready.connect(lambda **_: courier.start(), weak=False)
    signals.worker_shutdown.connect(lambda **_: courier.stop(), weak=False)
    signals.setup_logging.connect(lambda **_: None, weak=False)  # Celery sets up its own unless somebody listens
