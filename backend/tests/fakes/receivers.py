"""Who receives notices: a web server that may refuse, hang or redirect, and a mail server; both on loopback."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.conftest import free_port


class Received(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def delivery(self) -> str:
        return self.headers["X-BatchGen-Delivery"]

    def is_signed_with(self, secret: str) -> bool:
        """As Docs/notices.md tells a receiver to check."""
        parts = dict(part.split("=", 1) for part in self.headers["X-BatchGen-Signature"].split(","))
        made = hmac.new(secret.encode(), parts["t"].encode() + b"." + self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(made, parts["v1"])


class WebReceiver:
    """`answers`: one status per request, then 200. "hang": no answer until the end; "drip": a head that never ends;
    "redirect": to itself; a dict: 200 with it as JSON; "ok": 200 as Slack says it."""

    def __init__(self, answers: Iterable[int | str | dict[str, Any]] = (), port: int = 0) -> None:
        self.answers, self.got = list(answers), list[Received]()
        self.stopping = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()


def _handler(receiver: WebReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.got.append(Received(self.path, dict(self.headers.items()), body))
            answer = receiver.answers.pop(0) if receiver.answers else 200
            if answer == "hang":
                receiver.stopping.wait(30)
                return
            if answer == "drip":
                _drip(self.wfile.write, receiver.stopping)
                return
            said = b"ok" if answer == "ok" else json.dumps(answer if isinstance(answer, dict) else {}).encode()
            self.send_response(302 if answer == "redirect" else answer if isinstance(answer, int) else 200)
            self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _drip(write: Callable[[bytes], object], stopping: threading.Event) -> None:
    try:
        write(b"HTTP/1.1 2")
        while not stopping.wait(0.05):
            write(b"0")
    except OSError:
        pass  # hung up on


class MailReceiver:
    """A real SMTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        self.mails.append(mail)
        return "250 taken"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
