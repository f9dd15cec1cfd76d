"""The one task. It decides nothing."""

from celery import Celery

from batchgen.engine.names import RUN_ITEM
from batchgen.engine.runner import Runner


def register(celery: Celery, runner: Runner) -> None:
    @celery.task(name=RUN_ITEM, ignore_result=True, max_retries=0)
    def run_item(item_id: str, token: str, lane: str) -> None:
        runner.run_attempt(item_id, token, lane)
