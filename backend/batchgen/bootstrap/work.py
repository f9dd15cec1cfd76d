"""The wiring of a worker."""

import os
import secrets
import socket

from celery import Celery, signals

from batchgen.bootstrap import core_or_exit
from batchgen.bootstrap.values import base_url
from batchgen.engine.celery_app import look_often
from batchgen.engine.economy import Economy, make_economy
from batchgen.engine.failover import Failover
from batchgen.engine.heart import Heart
from batchgen.engine.jobs import Pace
from batchgen.engine.model_watch import ModelWatch
from batchgen.engine.notices import Courier
from batchgen.engine.probes import Probes
from batchgen.engine.recovery import Recovery
from batchgen.engine.results import Results
from batchgen.engine.runner import Parts, Runner
from batchgen.engine.tasks import register


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
    _beat(heart, economy, Probes(parts.registry, parts.models, every_s=settings.model_probe_minutes * 60), courier)
    return parts.celery


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
