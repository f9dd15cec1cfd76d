"""The worker: `celery -A worker worker`."""

from batchgen.bootstrap.work import worker

celery = worker()
