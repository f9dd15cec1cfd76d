"""From a batch's last picture to whoever wants to know: once, and again while nobody is there."""

from collections.abc import Iterator
from typing import Any

import pytest

from batchgen.domain.notices import RETRY_AFTER_S, Kind, NoticeState, Preferences, Target
from batchgen.domain.states import ItemState
from batchgen.engine.channels import Channels
from batchgen.engine.notices import Courier
from batchgen.engine.webhooks import Webhooks
from batchgen.providers.guard import Guard
from batchgen.store.connection import Client
from batchgen.store.keys import key
from batchgen.store.notices import CLAIM_MS, Notices
from tests.fakes.receivers import WebReceiver
from tests.store.steps import World

MINUTE = 60_000


class Office:
    """A world with one courier, one receiver, and time given by the test."""

    def __init__(self, redis: Client, receiver: WebReceiver) -> None:
        self.redis, self.receiver, self.world = redis, receiver, World(redis)
        self.notices = Notices(redis)
        channels = Channels(Webhooks(Guard([f"127.0.0.1:{receiver.port}"])))
        self.courier = Courier(self.notices, self.world.batches, self.world.items, channels, "https://x.test")
        self.target = Target("n1", Kind.WEBHOOK, f"{receiver.url}/a", "en", secret="whsec_1")
        self.prefer(self.target)

    def prefer(self, *targets: Target, default: bool = True) -> None:
        self.notices.prefer("ann", Preferences(targets, default))

    def run(self, batch: str | None = None, *, count: int = 2, failed: int = 0, **more: Any) -> str:
        """Make all pictures of a batch, the first `failed` in vain."""
        batch = batch or self.world.submit(count, **({"notify": "default"} | more))
        for lease in self.world.lease():
            self.world.send(lease)
            self.world.settle(lease, ItemState.FAILED) if failed > 0 else self.world.succeed(lease)
            failed -= 1
        return batch

    def work(self, ms: int = 0) -> int:
        """Do all that is due `ms` from now; how many sends that was."""
        self.world.now += ms
        before = len(self.receiver.got)
        while self.courier.step(self.world.now):
            pass
        return len(self.receiver.got) - before

    def outcome(self, batch: str, finish: int = 1) -> list[tuple[NoticeState, int]]:
        return [(d.state, d.attempts) for d in self.notices.deliveries(batch, finish, [])]

    def waiting(self) -> list[str]:
        return [str(member) for member in self.redis.zrange(key("outbox"), 0, -1)]


@pytest.fixture
def office(redis: Client) -> Iterator[Office]:
    with WebReceiver() as receiver:
        yield Office(redis, receiver)


def test_the_end_of_a_batch_is_told_once_with_what_came_of_it(office: Office):
    batch = office.run(count=3, failed=1)

    assert (office.work(), office.work(MINUTE), office.work(3600 * 1000)) == (1, 0, 0)
    [got] = office.receiver.got
    assert got.is_signed_with("whsec_1")
    assert got.json["batch"]["counts"] == {"total": 3, "succeeded": 2, "failed": 1, "cancelled": 0}
    assert got.json["batch"]["failures"] == {"timeout": 1}
    assert got.json["batch"]["cost"]["settled_micros"] == 200
    assert got.json["url"] == f"https://x.test/batches/{batch}"
    assert office.outcome(batch) == [(NoticeState.SENT, 1)]
    assert office.waiting() == []


def test_a_retry_that_ends_is_a_finish_of_its_own(office: Office):
    batch = office.run(failed=1)
    office.work()
    office.world.items.requeue(batch, [0], {}, now_ms=office.world.now)
    office.run(batch)
    office.work()

    first, second = office.receiver.got
    assert (first.json["batch"]["counts"]["succeeded"], second.json["batch"]["counts"]["succeeded"]) == (1, 2)
    assert first.delivery != second.delivery


def test_a_finish_is_told_as_it_was_however_late(office: Office):
    batch = office.run(failed=1)
    office.world.items.requeue(batch, [0], {}, now_ms=office.world.now)
    office.run(batch)

    assert office.work() == 2
    assert [got.json["batch"]["counts"]["succeeded"] for got in office.receiver.got] == [1, 2]


def test_a_batch_that_was_cancelled_before_it_began_is_no_news(office: Office):
    batch = office.world.submit(3, notify="default")
    office.world.items.cancel(batch, now_ms=office.world.now)

    assert office.work() == 0


def test_a_batch_that_was_cancelled_half_way_is(office: Office):
    batch = office.world.submit(3, notify="default")
    [lease] = office.world.lease(1)
    office.world.items.cancel(batch, now_ms=office.world.now)
    office.world.succeed(lease)

    assert office.work() == 1
    assert office.receiver.got[0].json["batch"]["state"] == "cancelled"


@pytest.mark.parametrize(
    ("notify", "default", "told"),
    [("none", True, 0), ("default", False, 0), ("n1", False, 1), ("n1 n2", True, 2), ("default", True, 2),
     ("n9", True, 0)],
)  # fmt: skip
def test_a_batch_says_who_hears_of_it(office: Office, notify: str, default: bool, told: int):
    office.prefer(office.target, Target("n2", Kind.WEBHOOK, office.receiver.url, secret="s2"), default=default)
    office.run(notify=notify)

    assert office.work() == told


def test_a_receiver_that_is_down_is_tried_again_with_the_same_delivery(office: Office):
    office.receiver.answers = [503, 500]
    batch = office.run()

    assert (office.work(), office.work(5_000)) == (1, 0)
    assert office.outcome(batch) == [(NoticeState.WAITING, 1)]
    assert office.work(7_000) == 1
    assert office.work(40_000) == 1
    assert office.outcome(batch) == [(NoticeState.SENT, 3)]
    assert len({got.delivery for got in office.receiver.got}) == 1


def test_after_the_last_try_it_is_given_up_and_says_why(office: Office):
    office.receiver.answers = [503] * 20
    batch = office.run()
    sent = [office.work()] + [office.work(int(s * 1100) + 1) for s in RETRY_AFTER_S]

    assert sent == [1] * 8
    assert office.work(24 * 3600 * 1000) == 0
    [delivery] = office.notices.deliveries(batch, 1, [])
    assert (delivery.state, delivery.attempts) == (NoticeState.FAILED, 8)
    assert delivery.error == ("notice_answered", {"status": 503})


def test_a_receiver_that_is_gone_is_not_asked_again(office: Office):
    office.receiver.answers = [410]
    batch = office.run()
    office.work()

    assert office.outcome(batch) == [(NoticeState.FAILED, 1)]
    assert office.waiting() == []


def test_one_target_that_fails_does_not_keep_another_from_hearing(office: Office):
    office.prefer(Target("n0", Kind.WEBHOOK, "https://10.0.0.1/", secret="s"), office.target)
    batch = office.run()

    assert office.work() == 1
    [refused, sent] = office.notices.deliveries(batch, 1, [])
    assert (refused.state, refused.error) == (NoticeState.FAILED, ("host_private", {}))
    assert sent.state is NoticeState.SENT


@pytest.mark.parametrize("spread", [False, True], ids=["before it knew the targets", "while it sent"])
def test_what_a_killed_worker_had_claimed_is_done_by_another(office: Office, spread: bool):
    batch = office.run()
    if spread:
        office.courier.step(office.world.now)
    [claim] = office.notices.claim(now_ms=office.world.now)

    assert office.work(CLAIM_MS - 1) == 0
    assert office.work(2) == 1
    assert office.outcome(batch) == [(NoticeState.SENT, 2 if spread else 1)]
    office.courier._deliver(claim, None) if spread else office.courier._spread(claim, None)
    assert office.waiting() == []
    assert office.outcome(batch)[0][0] is NoticeState.SENT


def test_a_late_loser_does_not_take_back_what_was_delivered(office: Office):
    batch = office.run()
    office.courier.step(office.world.now)
    [slow] = office.notices.claim(now_ms=office.world.now)
    office.work(CLAIM_MS + 1)

    office.notices.settle(slow, NoticeState.WAITING, error=("notice_too_slow", {}), now_ms=office.world.now)

    assert office.outcome(batch) == [(NoticeState.SENT, 2)]
    assert office.waiting() == []


def test_a_target_that_was_removed_meanwhile_hears_nothing(office: Office):
    office.receiver.answers = [503]
    batch = office.run()
    office.work()
    office.prefer()

    assert office.work(MINUTE) == 0
    assert office.outcome(batch)[0][0] is NoticeState.FAILED


def test_a_deleted_batch_leaves_nothing_to_tell_and_nothing_behind(office: Office):
    office.receiver.answers = [503]
    found = office.world.batches.get(office.run())
    assert found is not None
    office.work()
    office.world.batches.forget(found)

    assert office.work(MINUTE) == 0
    assert office.waiting() == []
    assert not office.redis.exists(key("notice", found.id, 1))


def test_what_is_coming_can_be_seen_before_the_first_try(office: Office):
    batch = office.run()

    [coming] = office.notices.deliveries(batch, 1, [office.target])
    assert (coming.state, coming.attempts, coming.shown) == (NoticeState.WAITING, 0, f"{office.receiver.url}/…")
