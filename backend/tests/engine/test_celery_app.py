from celery import signals
from kombu.asynchronous import Hub

from batchgen.engine.celery_app import TICK_S, look_often


class Consumer:
    def __init__(self) -> None:
        self.hub = Hub()


def test_a_worker_s_loop_ticks_often_enough_to_see_a_freed_slot_and_once_however_often_it_connects(request):
    before = list(signals.worker_ready.receivers)
    request.addfinalizer(lambda: setattr(signals.worker_ready, "receivers", before))
    consumer = Consumer()
    request.addfinalizer(consumer.hub.close)
    look_often()

    for _ in range(3):
        signals.worker_ready.send(sender=consumer)

    waiting = [timer.entry for timer in consumer.hub.timer.queue if not timer.entry.canceled]
    assert len(waiting) == 1
    delay, _ = next(consumer.hub.scheduler)
    assert delay <= TICK_S
