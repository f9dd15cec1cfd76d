"""Each kind of target: which addresses it takes, and what arrives where it is sent."""

import base64
import hashlib
import hmac
import textwrap
from typing import Any

import pytest

from batchgen.domain.notices import Kind, NoticeError, Target
from batchgen.engine.channels import Channels
from batchgen.engine.messages import Message, trial
from batchgen.engine.webhooks import Webhooks
from batchgen.providers.guard import Guard
from tests.conftest import BACKEND
from tests.fakes.receivers import MailReceiver, WebReceiver

TOKEN = "a1b2c3d4" * 8
URLS = {
    Kind.DINGTALK: f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}",
    Kind.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa",
    Kind.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/2c4bd7a9-0d3e-4b1f-8a7e-5f2f1c0a9b8d",
    Kind.SLACK: "https://hooks.slack.com/services/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",
}
MESSAGE = Message(
    "batch.finished", "2 of 3 pictures are ready: 猫", "Cost $0.08.", "https://x/batches/b1", {"id": "b1"}
)


@pytest.fixture
def channels() -> Channels:
    return Channels(Webhooks(Guard(["127.0.0.1"])), smtp_url="smtp://mail.example.com", smtp_from="a@example.com")


def wrong(channels: Channels, kind: Kind, address: str) -> str:
    with pytest.raises(NoticeError) as caught:
        channels.check(kind, address)
    return caught.value.code


# which addresses


def test_a_tool_s_own_webhook_url_is_taken(channels: Channels):
    for kind, url in URLS.items():
        channels.check(kind, url)
    channels.check(Kind.EMAIL, "ann.li+x@mail.example.com")


@pytest.mark.parametrize("kind", list(URLS))
def test_what_is_not_that_tool_s_url_is_refused(channels: Channels, kind: Kind):
    good = URLS[kind]
    for bad in (
        "", good.replace("https", "http"), good.replace("https://", "https://evil.test/"), f"{good}&x=1", f" {good}",
        good.replace(".com", ".com.evil.test").replace(".cn", ".cn.evil.test"), good.partition("?")[0] + "?",
        good.replace("https://", "https://x@"), f"{good}\r\nHost: evil.test",
    ):  # fmt: skip
        assert wrong(channels, kind, bad) == "chat_address_invalid"


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@example.com", "a@b@example.com", "a@example.com,b@example.com", "a@example.com\nBcc: b@x.com",
     "Ann <a@example.com>", "a b@example.com", "a@-example.com", "a@example"],
)  # fmt: skip
def test_one_mail_address_is_taken_and_nothing_around_it(channels: Channels, address: str):
    assert wrong(channels, Kind.EMAIL, address) == "mail_address_invalid"


def test_mail_is_not_offered_without_a_mail_server():
    channels = Channels(Webhooks(Guard()))

    assert Kind.EMAIL not in channels.kinds()
    assert wrong(channels, Kind.EMAIL, "a@example.com") == "notice_kind_not_offered"


# what arrives


def test_a_mail_arrives_with_its_words():
    with MailReceiver() as server:
        channels = Channels(Webhooks(Guard()), smtp_url=server.url, smtp_from="batchgen@example.com")
        channels.send(Target("n1", Kind.EMAIL, "ann@example.org"), MESSAGE, "d1")

    [mail] = server.mails
    assert (mail["Subject"], mail["To"]) == (MESSAGE.title, "ann@example.org")
    assert mail["From"] == "BatchGen Pro <batchgen@example.com>"
    body = mail.get_body(("plain",))
    assert body is not None
    assert MESSAGE.text in body.get_content()


def test_a_mail_server_that_is_away_is_told():
    with MailReceiver() as server:
        url = server.url
    channels = Channels(Webhooks(Guard()), smtp_url=url, smtp_from="batchgen@example.com")

    with pytest.raises(NoticeError) as caught:
        channels.send(Target("n1", Kind.EMAIL, "ann@example.org"), MESSAGE, "d1")
    assert (caught.value.code, caught.value.final) == ("mail_refused", False)


@pytest.mark.parametrize(
    ("url", "mode", "port", "user"),
    [
        ("smtp://mail.example.com", "insecure", 25, None),
        ("smtp+starttls://ann:p%40ss@mail.example.com:2525", "starttls", 2525, "ann"),
        ("smtps://ann%40example.com:word@mail.example.com", "ssl", 465, "ann@example.com"),
    ],
)
def test_the_mail_server_is_the_admins_whatever_the_recipient(url: str, mode: str, port: int, user: str | None):
    channels = Channels(Webhooks(Guard()), smtp_url=url, smtp_from="batchgen@gmail.com")
    made = channels.plugin(Target("n1", Kind.EMAIL, "ann@gmail.com"))

    assert (made.smtp_host, made.port, made.secure_mode, made.user) == ("mail.example.com", port, mode, user)
    assert made.password == {None: None, "ann": "p@ss", "ann@example.com": "word"}[user]
    assert made.from_addr[1] == "batchgen@gmail.com"


def plugin_to(receiver: WebReceiver, target: Target):
    """The real sender, with only the tool's host replaced."""
    made = Channels(Webhooks(Guard())).plugin(target)
    for name in ("notify_url", "api_url", "webhook_url"):
        if hasattr(made, name):
            setattr(made, name, receiver.url + "/" + getattr(made, name).split("/", 3)[3])
    return made


def test_dingtalk_gets_a_signed_text():
    secret = "SEC" + "0a" * 32
    with WebReceiver([{"errcode": 0}]) as receiver:
        assert plugin_to(receiver, Target("n1", Kind.DINGTALK, URLS[Kind.DINGTALK], secret=secret)).notify(
            body=MESSAGE.text, title=MESSAGE.title
        )

    [got] = receiver.got
    assert got.path.startswith(f"/robot/send?access_token={TOKEN}&timestamp=")
    assert "&sign=" in got.path
    assert got.json == {"msgtype": "text", "text": {"content": f"{MESSAGE.title}\n{MESSAGE.text}"}}


def test_wecom_gets_a_text():
    with WebReceiver([{"errcode": 0}]) as receiver:
        plugin_to(receiver, Target("n1", Kind.WECOM, URLS[Kind.WECOM])).notify(body=MESSAGE.text, title=MESSAGE.title)

    [got] = receiver.got
    assert got.path == "/" + URLS[Kind.WECOM].split("/", 3)[3]
    assert MESSAGE.title in got.json["text"]["content"]
    assert MESSAGE.text in got.json["text"]["content"]


def test_feishu_gets_a_signed_text():
    with WebReceiver([{"code": 0}]) as receiver:
        target = Target("n1", Kind.FEISHU, URLS[Kind.FEISHU], secret="feishusecret1")
        plugin_to(receiver, target).notify(body=MESSAGE.text, title=MESSAGE.title)

    [got] = receiver.got
    made = hmac.new(f"{got.json['timestamp']}\nfeishusecret1".encode(), digestmod=hashlib.sha256).digest()
    assert got.path.rstrip("/") == "/" + URLS[Kind.FEISHU].split("/", 3)[3]
    assert got.json["sign"] == base64.b64encode(made).decode()
    assert got.json["content"]["text"] == f"{MESSAGE.title}\n{MESSAGE.text}"


def test_slack_gets_the_words():
    with WebReceiver(["ok", 404]) as receiver:
        target = Target("n1", Kind.SLACK, URLS[Kind.SLACK])
        assert plugin_to(receiver, target).notify(body=MESSAGE.text, title=MESSAGE.title)
        assert not plugin_to(receiver, target).notify(body=MESSAGE.text, title=MESSAGE.title)

    got = receiver.got[0]
    assert got.path == "/services/T1JJ3T3L2/B1BRTD4JD/TIiajkdnlazkcOXrIdevi7aB"
    assert MESSAGE.title in str(got.json)
    assert MESSAGE.text in str(got.json)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.DINGTALK, {"errcode": 310000, "errmsg": "keywords not in content"}),
        (Kind.WECOM, {"errcode": 93000, "errmsg": "invalid webhook url"}),
        (Kind.FEISHU, {"code": 19021, "msg": "sign match fail"}),
        (Kind.DINGTALK, {}), (Kind.WECOM, 500), (Kind.FEISHU, "redirect"),
    ],
)  # fmt: skip
def test_a_tool_that_says_no_with_200_has_not_taken_it(kind: Kind, said):
    with WebReceiver([said]) as receiver, pytest.raises(NoticeError) as caught:
        plugin_to(receiver, Target("n1", kind, URLS[kind])).notify(body="b", title="t")

    assert caught.value.code == "notice_answered"
    assert len(receiver.got) == 1


# the webhook


def test_a_webhook_is_signed_and_names_its_delivery(channels: Channels):
    with WebReceiver() as receiver:
        target = Target("n1", Kind.WEBHOOK, f"{receiver.url}/in?x=1", secret="whsec_secret")
        channels.send(target, MESSAGE, "b1.1.n1")

    [got] = receiver.got
    assert got.path == "/in?x=1"
    assert got.is_signed_with("whsec_secret")
    assert not got.is_signed_with("other")
    assert (got.delivery, got.headers["X-BatchGen-Event"]) == ("b1.1.n1", "batch.finished")
    assert got.json["text"] == f"{MESSAGE.title}\n{MESSAGE.text}"


@pytest.mark.parametrize(
    ("answer", "code", "final"),
    [(500, "notice_answered", False), (404, "notice_answered", False), (410, "notice_answered", True),
     ("redirect", "notice_answered", False)],
)  # fmt: skip
def test_only_2xx_is_a_yes(channels: Channels, answer, code: str, final: bool):
    with WebReceiver([answer]) as receiver, pytest.raises(NoticeError) as caught:
        channels.send(Target("n1", Kind.WEBHOOK, receiver.url, secret="s"), MESSAGE, "d")

    assert (caught.value.code, caught.value.final) == (code, final)


def test_the_address_is_checked_again_when_it_is_sent():
    """A name that was public when it was saved may mean a machine inside by now."""
    addresses = ["93.184.216.34"]
    channels = Channels(Webhooks(Guard(resolve=lambda host, port: addresses)))
    channels.check(Kind.WEBHOOK, "https://rebound.example.com/")
    addresses[0] = "169.254.169.254"

    with pytest.raises(NoticeError) as caught:
        channels.send(Target("n1", Kind.WEBHOOK, "https://rebound.example.com/", secret="s"), MESSAGE, "d")
    assert (caught.value.code, caught.value.final) == ("host_private", True)


def test_nothing_secret_is_logged_or_on_an_error(channels: Channels, caplog):
    with caplog.at_level("DEBUG"), WebReceiver([{"errcode": 1}]) as receiver:
        with pytest.raises(NoticeError) as caught:
            plugin_to(receiver, Target("n1", Kind.DINGTALK, URLS[Kind.DINGTALK], secret="SEC12345678")).notify(
                body="b", title="t"
            )
        webhook = Target("n1", Kind.WEBHOOK, f"{receiver.url}/{TOKEN}", secret="whsec_secret")
        channels.send(webhook, trial("en", "http://x"), "d")

    assert TOKEN not in repr([vars(r) for r in caplog.records if not r.name.startswith("urllib3")])
    assert "secret" not in caplog.text
    assert TOKEN not in repr((caught.value.args, caught.value.params))


def test_the_check_that_the_documentation_gives_a_receiver_works(channels: Channels):
    with WebReceiver() as receiver:
        channels.send(Target("n1", Kind.WEBHOOK, receiver.url, secret="whsec_secret"), MESSAGE, "d")
    [got] = receiver.got
    text = (BACKEND.parent / "Docs" / "notices.md").read_text(encoding="utf-8")
    code = text.partition("    # Python\n")[2].partition("    // Node")[0]
    documented: dict[str, Any] = {}
    exec(textwrap.dedent(code), documented)

    header = got.headers["X-BatchGen-Signature"]
    assert documented["is_genuine"](header, got.body, "whsec_secret")
    assert not documented["is_genuine"](header, got.body + b" ", "whsec_secret")
    assert not documented["is_genuine"](header.replace("t=1", "t=2"), got.body, "whsec_secret")
