"""Finish notices on the real stack: a real mail server and a real web server hear of a real batch's end."""

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from batchgen.store.connection import connect
from batchgen.store.keys import key
from tests.api.test_bad_input import png
from tests.conftest import RedisServer
from tests.fakes.receivers import MailReceiver, WebReceiver
from tests.stack import Stack, running

SECRET = "whsec_of_the_test"


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with WebReceiver() as found:
        yield found


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with MailReceiver() as found:
        yield found


@pytest.fixture
def stack(tmp_path: Path, own_redis: RedisServer, receiver: WebReceiver, mail: MailReceiver) -> Iterator[Stack]:
    with running(
        tmp_path, own_redis, SMTP_URL=f"smtp://127.0.0.1:{mail.port}", SMTP_FROM="batchgen@example.com",
        NOTICE_PRIVATE_HOSTS=f"127.0.0.1:{receiver.port}", PUBLIC_URL="http://localhost:8443",
    ) as found:  # fmt: skip
        yield found


def tell(stack: Stack, *targets: dict[str, Any]) -> list[Any]:
    answer = stack.http.put(f"{stack.url}/api/me/notices", json={"targets": targets, "default": True}, timeout=30)
    answer.raise_for_status()
    return list(answer.json()["targets"])


def hook(receiver: WebReceiver) -> dict[str, Any]:
    return {"kind": "webhook", "address": f"{receiver.url}/hidden-path", "secret": SECRET, "language": "en"}


def states(stack: Stack, batch: str) -> list[tuple[str, str]]:
    return [(n["kind"], n["state"]) for n in stack.get(f"/api/batches/{batch}/notices")["notices"]]


def let_time_pass(stack: Stack) -> None:
    """Everything in the outbox is due now."""
    client = connect(stack.redis.url)
    for member in client.zrange(key("outbox"), 0, -1):
        client.zadd(key("outbox"), {member: 1}, xx=True)
    client.close()


def test_a_mail_server_and_a_webhook_hear_of_the_end(stack: Stack, receiver: WebReceiver, mail: MailReceiver):
    tell(stack, hook(receiver), {"kind": "email", "address": "ann@example.org", "language": "zh-CN"})
    batch = stack.submit(3, "a cat [fail:blocked]")["id"]
    stack.until_done(batch)
    stack.until(lambda: states(stack, batch) == [("webhook", "sent"), ("email", "sent")], "both notices")

    [got], [letter] = receiver.got, mail.mails
    assert got.is_signed_with(SECRET)
    assert got.headers["X-BatchGen-Event"] == got.json["event"] == "batch.finished"
    assert got.json["url"] == f"http://localhost:8443/batches/{batch}"
    assert got.json["batch"]["counts"] == {"total": 3, "succeeded": 0, "failed": 3, "cancelled": 0}
    assert got.json["batch"]["failures"] == {"blocked": 3}
    assert "0 of 3 pictures are ready" in got.json["text"]
    assert (letter["To"], letter["From"]) == ("ann@example.org", "BatchGen Pro <batchgen@example.com>")
    assert str(letter["Subject"]).startswith("0/3 张图片已完成")
    body = letter.get_body(("plain",))
    assert body is not None
    assert "失败原因：未通过审核 3。" in body.get_content()
    assert f"http://localhost:8443/batches/{batch}" in body.get_content()
    for secret in (SECRET, "hidden-path", "ann@example.org"):
        assert secret not in stack.logs()
        assert secret not in stack.http.get(f"{stack.url}/api/batches/{batch}/notices").text


def test_a_receiver_that_is_down_hears_when_it_is_back(stack: Stack, receiver: WebReceiver):
    receiver.answers = [503, 500]
    tell(stack, hook(receiver))
    batch = stack.submit(1)["id"]
    for tries, said in ((1, "with 503."), (2, "with 500."), (3, "sent")):
        stack.until(partial(_has_said, stack, batch, said), f"try {tries}")
        let_time_pass(stack)

    assert states(stack, batch) == [("webhook", "sent")]
    assert len({got.delivery for got in receiver.got}) == 1
    assert all(got.is_signed_with(SECRET) for got in receiver.got)


def _has_said(stack: Stack, batch: str, said: str) -> bool:
    [notice] = stack.get(f"/api/batches/{batch}/notices")["notices"]
    return said in (notice["error"] or {"message": notice["state"]})["message"]


def test_a_worker_that_is_killed_while_it_sends_loses_no_notice(stack: Stack, receiver: WebReceiver):
    receiver.answers = ["hang"]
    tell(stack, hook(receiver))
    batch = stack.submit(1)["id"]
    stack.until(lambda: len(receiver.got) == 1, "a send under way")
    stack.kill_worker(signal.SIGKILL)
    assert states(stack, batch) == [("webhook", "waiting")]

    stack.start_worker()
    let_time_pass(stack)
    stack.until(lambda: states(stack, batch) == [("webhook", "sent")], "the notice")

    assert [got.delivery for got in receiver.got] == [receiver.got[0].delivery] * 2


def test_a_worker_that_is_asked_to_stop_finishes_what_it_sends(stack: Stack, receiver: WebReceiver):
    tell(stack, hook(receiver))
    batches = [stack.submit(1)["id"] for _ in range(5)]
    for batch in batches:
        stack.until_done(batch)
    stack.kill_worker(signal.SIGTERM)
    stack.start_worker()
    for batch in batches:
        stack.until(partial(_has_said, stack, batch, "sent"), "each notice")

    deliveries = [got.delivery for got in receiver.got]
    assert len(deliveries) == len(set(deliveries)) == 5


def test_the_one_shot_call_is_no_batch_to_be_told_of(stack: Stack, receiver: WebReceiver):
    tell(stack, hook(receiver))
    answer = stack.http.post(
        f"{stack.url}/api/generate", files={"file": ("a.png", png())}, data={"prompt": "p"}, timeout=60
    )
    answer.raise_for_status()
    batch = stack.submit(1)["id"]
    stack.until(lambda: states(stack, batch) == [("webhook", "sent")], "the batch's notice")

    assert [got.json["batch"]["id"] for got in receiver.got] == [batch]
