"""How the web tier is served: gunicorn with gevent workers, for thousands of open event streams.

HOST, PORT and WEB_WORKERS are settings of the service (`batchgen.settings` checks them; a test compares the
defaults); everything else here is fixed with its reason.
"""

import contextlib
import json
import os
import socket
import uuid

import gevent
from gevent.socket import wait_read
from gunicorn.workers import base
from gunicorn.workers.ggevent import GeventWorker

STREAMS_END_WITH = "/events"


class Worker(GeventWorker):
    """gunicorn's gevent worker, but a stop waits only for requests that are being answered.

    An event stream never ends by itself, and an idle connection not for some seconds: every stop would wait for
    them, up to the whole graceful timeout. Browsers reconnect, and a stream resumes with its last event id.
    """

    def run(self):
        self.connections, self.answering = {}, set()
        gevent.spawn(self._let_go)
        super().run()

    def _let_go(self):
        while self.alive:
            gevent.sleep(0.2)
        for greenlet, client in list(self.connections.items()):
            if greenlet not in self.answering:
                if getattr(greenlet, "streams", False):
                    gevent.kill(greenlet)
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def handle(self, listener, client, addr):
        greenlet = gevent.getcurrent()
        self.connections[greenlet] = client
        try:
            super().handle(listener, client, addr)
        finally:
            del self.connections[greenlet]

    def handle_request(self, listener_name, req, sock, addr):
        greenlet = gevent.getcurrent()
        greenlet.streams = req.path.endswith(STREAMS_END_WITH)
        gone = gevent.spawn(_end_with, sock, greenlet) if greenlet.streams else None
        if not greenlet.streams:
            self.answering.add(greenlet)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        finally:
            self.answering.discard(greenlet)
            greenlet.streams = False
            if gone is not None:
                gone.kill(block=False)


def _end_with(sock, greenlet):
    """End a stream when its reader hangs up: a write would find out only after one or two heartbeats, and until then
    the closed page would count as open."""
    with contextlib.suppress(OSError):
        wait_read(sock.fileno())
        if not sock.recv(1, socket.MSG_PEEK):
            gevent.kill(greenlet)


# as batchgen.api.guards says them; a test compares
HEADERS = (
    "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: same-origin\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n"
    "Cache-Control: no-store\r\n"
)


def write_error(sock, status_int, reason, mesg):
    """What gunicorn refuses before the application sees it, in the one error shape. `mesg` may quote the
    request, so it is not repeated."""
    code, message = ("bad_request", "请求无法读取，请重新发送。 The request could not be read; send it again.")
    if status_int >= 500:
        code, message = ("internal", "服务器出错，请稍后重试。 Something went wrong here; try again.")
    error = {"code": code, "message": message, "details": [], "request_id": uuid.uuid4().hex}
    body = json.dumps({"success": False, "error": error}, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status_int} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"{HEADERS}X-Request-ID: {error['request_id']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    sock.sendall(head.encode("latin-1") + body)


base.util.write_error = write_error  # the only place where gunicorn writes an answer of its own

_host = os.environ.get("HOST") or "127.0.0.1"
_port = os.environ.get("PORT") or "5001"

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
workers = int(os.environ.get("WEB_WORKERS") or 1)
worker_class = Worker
worker_connections = 2000  # every open page holds one
preload_app = False  # connections and locks must be made after the fork, under gevent
timeout = 120  # a worker whose loop stands still this long is replaced; requests may take longer
graceful_timeout = 30
keepalive = 5
backlog = 1024

limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

accesslog = None  # the application logs each request with its id
errorlog = "-"
loglevel = (os.environ.get("LOG_LEVEL") or "INFO").lower()
proc_name = "batchgen-web"
control_socket_disable = True  # nothing of ours uses it, and two copies would share its path
