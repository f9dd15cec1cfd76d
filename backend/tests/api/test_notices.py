"""A user's targets by HTTP: kept, masked, tried out; and what is wrong named at its field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.bootstrap import core, make_web
from batchgen.settings import load
from batchgen.store.connection import Client
from tests.api.test_bad_input import EN, GOOD, told
from tests.conftest import RedisServer
from tests.fakes.receivers import MailReceiver, WebReceiver

DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=" + "0a1b2c3d" * 8
TELL: dict[str, Any] = {"kind": "dingtalk", "address": DINGTALK, "secret": "SEC12345678"}


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with WebReceiver() as found:
        yield found


@pytest.fixture
def web(redis: Client, redis_server: RedisServer, var: Path, receiver: WebReceiver) -> Iterator[FlaskClient]:
    """The web app where the receiver's host is allowed and there is a mail server."""
    with MailReceiver() as mail:
        settings = {
            "REDIS_URL": redis_server.url, "VAR_DIR": str(var), "SMTP_URL": mail.url, "SMTP_FROM": "b@example.com",
            "NOTICE_PRIVATE_HOSTS": f"127.0.0.1:{receiver.port}", "PUBLIC_URL": "http://localhost:8443/",
        }  # fmt: skip
        parts = core(load(settings))
        app = make_web(parts)
        app.testing = False
        yield app.test_client()
        parts.close()


def put(web: FlaskClient, *targets: dict[str, Any], default: bool = False) -> Any:
    return web.put("/api/me/notices", json={"targets": list(targets), "default": default}, headers=EN)


def hook(receiver: WebReceiver, **more: Any) -> dict[str, Any]:
    return {"kind": "webhook", "address": f"{receiver.url}/in/secret-path", **more}


def test_without_any_target_there_is_a_list_of_what_is_offered(client: FlaskClient, web: FlaskClient):
    assert client.get("/api/me/notices").get_json() == {
        "targets": [], "default": False, "kinds": ["webhook", "dingtalk", "wecom", "feishu", "slack"],
    }  # fmt: skip
    assert "email" in web.get("/api/me/notices").get_json()["kinds"]


def test_a_webhook_s_secret_is_made_and_shown_once(web: FlaskClient, receiver: WebReceiver):
    made = put(web, hook(receiver), default=True).get_json()

    [target] = made["targets"]
    assert target["secret"].startswith("whsec_")
    assert (target["signed"], target["address"]) == (True, f"{receiver.url}/…")
    again = web.get("/api/me/notices").get_json()
    assert again["default"] is True
    assert again["targets"][0]["secret"] is None
    assert put(web, {"id": target["id"], "kind": "webhook"}).get_json()["targets"][0]["secret"] is None
    assert web.post("/api/me/notices/test", json={"id": target["id"]}).get_json() == {"ok": True, "error": None}
    [got] = receiver.got
    assert got.is_signed_with(target["secret"])
    assert got.path == "/in/secret-path"
    assert got.json["url"] == "http://localhost:8443"


def test_an_address_and_a_secret_are_never_shown_again(web: FlaskClient, receiver: WebReceiver):
    made = put(web, TELL, hook(receiver, secret="my own secret"), {"kind": "email", "address": "ann@example.com"})

    for answer in (made, web.get("/api/me/notices")):
        for secret in ("0a1b2c3d0a1b", "SEC12345678", "my own secret", "secret-path", "ann@"):
            assert secret not in answer.get_data(as_text=True)


def test_a_target_keeps_what_is_left_out_and_its_id(web: FlaskClient, receiver: WebReceiver):
    [before] = put(web, hook(receiver, secret="my own secret")).get_json()["targets"]
    [after] = put(web, {"id": before["id"], "kind": "webhook", "label": "ops", "language": "en"}).get_json()["targets"]
    web.post("/api/me/notices/test", json={"id": after["id"]})

    assert (after["id"], after["label"], after["language"]) == (before["id"], "ops", "en")
    assert receiver.got[0].is_signed_with("my own secret")
    assert receiver.got[0].json["text"].startswith("Test notice\n")


def test_what_is_left_out_of_the_list_is_gone(web: FlaskClient):
    put(web, TELL, default=True)

    assert put(web).get_json()["targets"] == web.get("/api/me/notices").get_json()["targets"] == []


@pytest.mark.parametrize(
    ("target", "code", "field"),
    [
        ({"kind": "webhook"}, "field_required", "address"),
        ({"kind": "webhook", "address": "http://example.com/"}, "url_not_https", "address"),
        ({"kind": "webhook", "address": "https://127.0.0.1/"}, "host_private", "address"),
        ({"kind": "webhook", "address": "https://2130706433/"}, "host_private", "address"),
        ({"kind": "webhook", "address": "https://169.254.169.254/latest/meta-data"}, "host_private", "address"),
        ({"kind": "webhook", "address": "nonsense"}, "url_invalid", "address"),
        ({"kind": "webhook", "address": "https://8.8.8.8/", "secret": "short"}, "field_invalid", "secret"),
        ({"kind": "email", "address": "nonsense"}, "mail_address_invalid", "address"),
        ({"kind": "email", "address": "a@example.com", "secret": "x" * 20}, "field_invalid", "secret"),
        ({"kind": "slack", "address": DINGTALK}, "chat_address_invalid", "address"),
        (TELL | {"secret": "not a secret"}, "chat_secret_invalid", "secret"),
        (TELL | {"id": "n0"}, "unknown_notice_target", "id"),
        (TELL | {"language": "fr"}, "field_invalid", "language"),
        (TELL | {"kind": "pager"}, "field_invalid", "kind"),
        (TELL | {"label": "x" * 61}, "field_invalid", "label"),
        (TELL | {"colour": "x"}, "field_unknown", "colour"),
    ],
)
def test_a_wrong_target_is_refused_with_its_field_named_and_nothing_is_kept(
    web: FlaskClient, target: dict[str, Any], code: str, field: str
):
    answer = put(web, TELL, target, default=True)

    assert told(answer) == (422, code, [f"targets[1].{field}"])
    assert web.get("/api/me/notices").get_json()["targets"] == []


def test_the_kind_of_a_target_stays(web: FlaskClient):
    [made] = put(web, TELL).get_json()["targets"]

    answer = put(web, {"id": made["id"], "kind": "webhook", "address": "https://8.8.8.8/"})
    assert told(answer) == (422, "field_invalid", ["targets[0].kind"])


def test_mail_is_refused_where_there_is_no_mail_server(client: FlaskClient):
    answer = put(client, {"kind": "email", "address": "a@example.com"})

    assert told(answer) == (422, "notice_kind_not_offered", ["targets[0].kind"])


@pytest.mark.parametrize("body", [{}, {"targets": []}, {"targets": [TELL] * 11, "default": True}, {"default": True}])
def test_a_wrong_list_is_refused(web: FlaskClient, body: dict[str, Any]):
    assert told(web.put("/api/me/notices", json=body, headers=EN))[0] == 422


def test_a_test_says_why_it_did_not_arrive(web: FlaskClient, receiver: WebReceiver):
    receiver.answers = [500]
    [made] = put(web, hook(receiver)).get_json()["targets"]

    answer = web.post("/api/me/notices/test", json={"id": made["id"]}, headers=EN)
    assert (answer.status_code, answer.get_json()) == (
        200, {"ok": False, "error": {"code": "notice_answered", "message": "The receiver refused it with 500."}},
    )  # fmt: skip


def test_tests_are_few(web: FlaskClient, receiver: WebReceiver):
    [made] = put(web, hook(receiver)).get_json()["targets"]
    answers = [web.post("/api/me/notices/test", json={"id": made["id"]}, headers=EN) for _ in range(11)]

    assert [a.status_code for a in answers[:10]] == [200] * 10
    assert told(answers[10])[:2] == (429, "too_many_tests")
    assert len(receiver.got) == 10
    assert told(web.post("/api/me/notices/test", json={"id": "n0"}, headers=EN))[:2] == (422, "unknown_notice_target")


@pytest.mark.parametrize("notify", ["all", "default", ["n0"], [""], ["n" + "0" * 20], [1], {}, True, ["n"] * 11])
def test_a_batch_cannot_name_a_target_that_is_not_there(web: FlaskClient, redis: Client, notify: object):
    answer = web.post("/api/batches", json=GOOD | {"notify": notify}, headers=EN)

    assert told(answer)[0] == 422
    assert web.get("/api/batches").get_json()["total"] == 0


def test_a_batch_may_choose(web: FlaskClient):
    [made] = put(web, TELL).get_json()["targets"]
    for notify in (None, [made["id"]], []):
        answer = web.post("/api/batches", json=GOOD | {"notify": notify}, headers=EN)
        assert answer.status_code == 202
        assert web.get(f"/api/batches/{answer.get_json()['id']}/notices").get_json() == {"notices": []}


def test_the_notices_of_a_batch_that_is_not_there_are_not_found(web: FlaskClient):
    assert told(web.get("/api/batches/bnope/notices", headers=EN))[:2] == (404, "not_found")
