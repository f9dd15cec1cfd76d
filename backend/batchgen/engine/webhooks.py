"""Tells an address of the owner's own choice by a signed POST."""

import hashlib
import hmac
import time

import urllib3

from batchgen.domain.notices import NoticeError, Target
from batchgen.engine.messages import Message
from batchgen.providers.guard import Destination, Guard, RefusedError, asked

_TOTAL_S, _STALLED_S = 15.0, 10.0


class Webhooks:
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def check(self, url: str) -> None:
        """Whether it may be asked, as its name resolves now. Raises NoticeError."""
        self._target(url)

    def send(self, target: Target, message: Message, delivery: str) -> None:
        """One POST. The address is checked again: a name may mean another machine by now. Raises NoticeError."""
        where, body = self._target(target.address), message.body()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "BatchGen-Pro",
            "X-BatchGen-Event": message.event,
            "X-BatchGen-Delivery": delivery,
            "X-BatchGen-Signature": signature(target.secret, int(time.time()), body),
        }
        deadline = time.monotonic() + _TOTAL_S
        try:
            with asked("POST", where, headers=headers, deadline=deadline, stalled_s=_STALLED_S, body=body) as answer:
                status = answer.status  # its body is not of interest, so it is not read
        except (urllib3.exceptions.HTTPError, OSError):
            late = time.monotonic() >= deadline
            raise NoticeError("notice_too_slow" if late else "notice_unreachable") from None
        if not 200 <= status < 300:
            raise NoticeError("notice_answered", final=status == 410, status=status)

    def _target(self, url: str) -> Destination:
        try:
            return self._guard.check(url)
        except RefusedError as refused:
            final = refused.code != "host_not_found"
            raise NoticeError(refused.code, final=final) from None


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`: nobody else can make it, nor use it much later."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"
