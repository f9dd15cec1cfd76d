"""The worker: `celery -A worker worker`."""

from batchgen.bootstrap import worker

celery = worker()
