"""Tells one target: mail and chat tools through Apprise, everything else by our own webhook.

The only module that knows Apprise. DingTalk, WeCom and Feishu answer 200 also when they refuse; where the library takes
that for a yes, or cannot sign, its way of sending is replaced here.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from batchgen.domain.notices import Kind, NoticeError, Target
from batchgen.engine.messages import Message
from batchgen.engine.webhooks import Webhooks

_TIMEOUT_S = (5.0, 10.0)
_TOKEN = r"[A-Za-z0-9_-]{8,200}"  # noqa: S105 - a form, no token
_FORMS = {
    Kind.DINGTALK: re.compile(rf"https://oapi\.dingtalk\.com/robot/send\?access_token=({_TOKEN})"),
    Kind.WECOM: re.compile(rf"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=({_TOKEN})"),
    Kind.FEISHU: re.compile(rf"https://open\.feishu\.cn/open-apis/bot/v2/hook/({_TOKEN})/?"),
    Kind.SLACK: re.compile(r"https://hooks\.slack\.com/services/(T[A-Z0-9]{7,})/(B[A-Z0-9]{7,})/([A-Za-z0-9]{20,})/?"),
    Kind.EMAIL: re.compile(r"[^@\s<>,;:\"'()\[\]\\]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}\.[A-Za-z]{2,}"),
}
_SECRETS = {Kind.DINGTALK: re.compile(r"[A-Za-z0-9]{8,200}"), Kind.FEISHU: re.compile(r"[A-Za-z0-9]{8,200}")}


class Channels:
    """`smtp_url` and `smtp_from`: the admin's mail server; without it no mail is offered."""

    def __init__(self, webhooks: Webhooks, *, smtp_url: str = "", smtp_from: str = "") -> None:
        self._webhooks, self._smtp_url, self._smtp_from = webhooks, smtp_url, smtp_from

    def kinds(self) -> list[Kind]:
        """Those that can be chosen here."""
        return [kind for kind in Kind if kind is not Kind.EMAIL or self._smtp_url]

    def check(self, kind: Kind, address: str) -> None:
        """Whether `address` is one of that kind. Raises NoticeError."""
        if kind not in self.kinds():
            raise NoticeError("notice_kind_not_offered", kind=kind.value)
        if kind is Kind.WEBHOOK:
            self._webhooks.check(address)
        elif not _FORMS[kind].fullmatch(address):
            raise NoticeError("mail_address_invalid" if kind is Kind.EMAIL else "chat_address_invalid", kind=kind.value)

    @staticmethod
    def check_secret(kind: Kind, secret: str) -> None:
        """Raises NoticeError."""
        form = _SECRETS.get(kind)
        if form is not None and not form.fullmatch(secret):
            raise NoticeError("chat_secret_invalid", kind=kind.value)

    def send(self, target: Target, message: Message, delivery: str) -> None:
        """Tell it once. Raises NoticeError."""
        if target.kind is Kind.WEBHOOK:
            self._webhooks.send(target, message, delivery)
            return
        plugin = self.plugin(target)
        # a mail has a sender; in a chat the words say who speaks, which is also the keyword that a robot may ask for
        title = message.title if target.kind is Kind.EMAIL else f"[BatchGen Pro] {message.title}"
        try:
            taken = plugin.notify(body=message.text, title=title)
        except NoticeError:
            raise
        except Exception:  # noqa: BLE001 - its plugins raise many types, and their words may hold a token
            taken = False
        if not taken:
            raise NoticeError("mail_refused" if target.kind is Kind.EMAIL else "notice_refused", kind=target.kind.value)

    def plugin(self, target: Target) -> NotifyBase:
        """The library's sender for `target`. Raises NoticeError."""
        found = _FORMS[target.kind].fullmatch(target.address)
        if found is None or target.kind not in self.kinds():
            raise NoticeError("notice_kind_not_offered", final=True, kind=target.kind.value)
        made: NotifyBase | None
        if target.kind is Kind.EMAIL:
            made = Apprise.instantiate(_mail(self._smtp_url, self._smtp_from, target.address), asset=_asset())
        elif target.kind is Kind.SLACK:
            made = Apprise.instantiate(f"{target.address}?footer=no&image=no", asset=_asset())
        elif target.kind is Kind.DINGTALK:
            made = _DingTalk(token=found[1], secret=target.secret or None, asset=_asset())
        elif target.kind is Kind.WECOM:
            made = _WeCom(key=found[1], asset=_asset())
        else:
            made = _Feishu(token=found[1], secret=target.secret, asset=_asset())
        if made is None:
            raise NoticeError("notice_kind_not_offered", final=True, kind=target.kind.value)
        return made


def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="BatchGen Pro", app_desc="BatchGen Pro", app_url="", http_redirects=False)


def _mail(smtp_url: str, sender: str, recipient: str) -> dict[str, Any]:
    """What the library's mail plugin takes."""
    parts = urlsplit(smtp_url)
    mode = {"smtp": "insecure", "smtp+starttls": "starttls", "smtps": "ssl"}[parts.scheme]
    return {
        "schema": "mailto" if mode == "insecure" else "mailtos", "host": parts.hostname, "smtp_host": parts.hostname,
        "port": parts.port, "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "secure_mode": mode, "from_addr": f"BatchGen Pro <{sender}>", "targets": [recipient], "format": "text",
    }  # fmt: skip


class _DingTalk(NotifyDingTalk):  # type: ignore[misc]
    def send(self, body: str, title: str = "", **_: Any) -> bool:
        signed = dict(zip(("timestamp", "sign"), self.get_signature(), strict=True)) if self.secret else {}
        url = self.notify_url.format(token=self.token) + "".join(f"&{name}={value}" for name, value in signed.items())
        _post(url, {"msgtype": "text", "text": {"content": f"{title}\n{body}"}}, "errcode")
        return True


class _WeCom(NotifyWeComBot):  # type: ignore[misc]
    def send(self, body: str, title: str = "", **_: Any) -> bool:
        _post(self.api_url, {"msgtype": "text", "text": {"content": f"{title}\n{body}" if title else body}}, "errcode")
        return True


class _Feishu(NotifyFeishu):  # type: ignore[misc]
    def __init__(self, token: str, secret: str, **kwargs: Any) -> None:
        super().__init__(token=token, **kwargs)
        self.secret = secret

    def send(self, body: str, title: str = "", **_: Any) -> bool:
        payload: dict[str, object] = {"msg_type": "text", "content": {"text": f"{title}\n{body}"}}
        if self.secret:
            now = str(int(time.time()))
            made = hmac.new(f"{now}\n{self.secret}".encode(), digestmod=hashlib.sha256).digest()
            payload |= {"timestamp": now, "sign": base64.b64encode(made).decode()}
        _post(self.notify_url.format(token=self.token), payload, "code")
        return True


def _post(url: str, payload: Mapping[str, object], verdict: str) -> None:
    """Raises NoticeError unless the tool says 0 under `verdict`."""
    data = json.dumps(payload, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        answer = requests.post(url, data=data, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False)
        said = answer.json() if answer.status_code == 200 else None
    except ValueError:
        said = None
    except requests.RequestException:
        raise NoticeError("notice_unreachable") from None
    if answer.status_code != 200:
        raise NoticeError("notice_answered", status=answer.status_code)
    if not isinstance(said, dict) or said.get(verdict) != 0:
        code = said.get(verdict) if isinstance(said, dict) else None
        raise NoticeError("notice_answered", status=code if isinstance(code, int) else 200)
