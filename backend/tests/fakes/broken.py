"""Answers that break the wire, by name. Each takes the request's handler and the call."""

import os
import socket
import struct
from collections.abc import Callable
from typing import Any

from tests.fakes.calls import HTML, Call, Reply, json_reply

_HUGE_MB = 80  # more than any adapter may take


def _reset(http: Any, call: Call) -> None:
    http.close_connection = True
    http.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(http.connection.detach())  # at once: closing the socket would wait for the files made of it


def _close(http: Any, call: Call) -> None:
    http.close_connection = True


def _hang(http: Any, call: Call) -> None:
    http.server.fake.stopping.wait(600)
    http.close_connection = True


def _truncated(http: Any, call: Call) -> None:
    reply = http.server.fake.reply(call, "ok")
    call.status = reply.status
    http.send(reply, only=len(reply.body) // 2)
    http.close_connection = True


def _stalled(http: Any, call: Call) -> None:
    _truncated(http, call)
    http.wfile.flush()
    _hang(http, call)


def _drip(http: Any, call: Call) -> None:
    reply = http.server.fake.reply(call, "ok")
    call.status = reply.status
    http.send(reply, only=0)
    for n in range(len(reply.body)):
        http.wfile.write(reply.body[n : n + 1])
        if http.server.fake.stopping.wait(0.05):
            break
    http.close_connection = True


def _huge(http: Any, call: Call) -> None:
    call.status = 200
    http.send_response(200)
    http.send_header("Content-Type", "application/json")
    http.send_header("Content-Length", str(_HUGE_MB * 1024 * 1024))
    http.end_headers()
    for _ in range(_HUGE_MB):
        http.wfile.write(b"A" * 1024 * 1024)


def _sends(status: int, make: Callable[[Any], Reply]) -> Callable[[Any, Call], None]:
    def send(http: Any, call: Call) -> None:
        call.status = status
        http.send(make(http))

    return send


def _page(status: int) -> Callable[[Any, Call], None]:
    return _sends(status, lambda http: Reply(status, HTML, "text/html"))


BROKEN: dict[str, Callable[[Any, Call], None]] = {
    "reset": _reset,  # after the whole request was read
    "close": _close,
    "hang": _hang,
    "truncated": _truncated,
    "stalled": _stalled,
    "drip": _drip,  # a byte every 50 ms
    "huge": _huge,
    "garbage": _sends(200, lambda http: Reply(200, b'{"candidates": [{"content": {"parts": [{"inlineData": {"da')),
    "array": _sends(200, lambda http: json_reply(200, ["not", "an", "answer"])),
    "nonsense": _sends(200, lambda http: Reply(200, b"\xff\xfe\x00 not text")),
    "huge_error": _sends(503, lambda http: Reply(503, b'{"error": {"message": "' + b"x" * 3_000_000)),
    "redirect": _sends(302, lambda http: Reply(302, b"", headers={"Location": f"{http.server.fake.url}/elsewhere"})),
    "html_200": _page(200),
    "html_404": _page(404),
    "html_502": _page(502),
    "html_503": _page(503),
    "html_504": _page(504),
}
