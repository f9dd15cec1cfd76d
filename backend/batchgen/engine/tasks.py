"""The one task. It decides nothing."""

from celery import Celery

from batchgen.engine.names import RUN_ITEM
from batchgen.engine.runner import Runner
from batchgen.store.queue import Lease


def register(celery: Celery, runner: Runner) -> None:
    @celery.task(name=RUN_ITEM, ignore_result=True, max_retries=0)
    def run_item(item_id: str, token: str, lane: str, key: str = "") -> None:
        runner.run_attempt(Lease(item_id, token, lane, key))
