"""What the fake providers share: a server on loopback, its log, its script, and answers that break the wire.

In process, `with GeminiServer() as fake:`; as a process, `python -m tests.fakes.gemini_server --port 0 --latency 2`
in `backend/`, which prints its port. A call's behaviour is a name, or `{"name": …, "latency_s": …}`; `plan` gives one
per call and then the normal answer, or is a function of the call; `every` is `{"n": 5, "behaviour": …}`.
`POST /_control` sets `latency_s`, `plan`, `every`, `gone` (models that are there no more) and `probing` (a behaviour of
questions for models); `GET /_log` gives the calls, `GET /_probes` the paths that asked for models.
"""

import argparse
import json
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.fakes.broken import BROKEN
from tests.fakes.calls import Call, Refused, Reply, json_reply

Behaviour = str | dict[str, Any]
Plan = Callable[[Call], Behaviour | None] | Iterable[Behaviour]
NORMAL, OVER_LIMIT = "ok", "over_limit"


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    fake: "FakeServer"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about."""


class FakeServer:
    """A provider on 127.0.0.1. `keys`: those accepted; none: any. `latency_s`: seconds of "work" per call. `limit`:
    calls of a key in any window of so many seconds; one more is answered 429."""

    def __init__(
        self,
        *,
        keys: Iterable[str] = (),
        latency_s: float = 0.0,
        plan: Plan = (),
        every: dict[str, Any] | None = None,
        port: int = 0,
        limit: tuple[int, float] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.keys, self.latency_s, self.every, self.limit = tuple(keys), latency_s, every, limit
        self._starts: dict[int, deque[float]] = defaultdict(deque)
        self.calls: list[Call] = []
        self.fetches: list[dict[str, str]] = []  # headers of result downloads
        self.gone: set[str] = set()
        self.probes: list[str] = []
        self.probing = NORMAL
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.plan = plan
        self._http = _Http((host, port), _Handler)
        self._http.fake = self

    # what a subclass says

    def read(self, path: str, headers: dict[str, str], body: bytes) -> Call:
        """The call in a request. Raises Refused."""
        raise NotImplementedError

    def reply(self, call: Call, name: str) -> Reply:
        """The answer of a behaviour; KeyError where there is none of that name."""
        raise NotImplementedError

    def other(self, path: str, headers: dict[str, str], body: bytes) -> Reply | str | None:
        """The answer to a POST that asks for no picture, or how it breaks; None: it is a call."""
        return None

    def fetch(self, path: str, headers: dict[str, str]) -> Reply:
        """The answer to a GET."""
        return json_reply(404, {"error": {"code": 404, "message": "not found"}})

    def models(self, path: str, headers: dict[str, str]) -> Reply | None:
        """The answer to a GET that asks for models; None where it asks for something else."""
        return None

    # life

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        self._http.serve_forever(poll_interval=0.05)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    # script and log

    @property
    def plan(self) -> Plan:
        return self._plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self._plan: Plan = plan if callable(plan) else list(plan)

    def control(self, order: dict[str, Any]) -> None:
        with self.lock:
            self.latency_s = float(order.get("latency_s", self.latency_s))
            self.every = order.get("every", self.every)
            if "plan" in order:
                self.plan = order["plan"]
            self.gone = set(order.get("gone", self.gone))
            self.probing = str(order.get("probing", self.probing))

    def log(self) -> list[dict[str, Any]]:
        with self.lock:
            return [asdict(call) for call in self.calls]

    def admit(self, call: Call) -> tuple[str, float]:
        """Log `call` and choose what becomes of it: the behaviour's name and its seconds."""
        with self.lock:
            self.calls.append(call)
            chosen = OVER_LIMIT if self._is_over(call) else self._choose(call)
            order = {"name": chosen} if isinstance(chosen, str) else chosen
            call.behaviour = str(order.get("name", NORMAL))
            return call.behaviour, float(order.get("latency_s", self.latency_s))

    def _is_over(self, call: Call) -> bool:
        """Whether the key has had its calls of the window; one that is refused does not count."""
        if self.limit is None:
            return False
        (most, window_s), starts, now = self.limit, self._starts[call.key], time.monotonic()
        while starts and starts[0] <= now - window_s:
            starts.popleft()
        if len(starts) >= most:
            return True
        starts.append(now)
        return False

    def _choose(self, call: Call) -> Behaviour:
        if callable(self._plan):
            return self._plan(call) or NORMAL
        if isinstance(self._plan, list) and self._plan:
            return self._plan.pop(0)  # type: ignore[no-any-return]
        if self.every and len(self.calls) % int(self.every["n"]) == 0:
            return self.every["behaviour"]  # type: ignore[no-any-return]
        return NORMAL

    def key_of(self, presented: str) -> int | None:
        """The number of an accepted key; -1 where any is; None: not accepted."""
        if not self.keys:
            return -1
        return self.keys.index(presented) if presented in self.keys else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets; the second would wait 40 ms for the first's receipt
    server: _Http

    def log_message(self, *_: object) -> None:
        """Silent: the log is `GET /_log`."""

    def do_GET(self) -> None:
        fake = self.server.fake
        broken = self.path.removeprefix("/url_").split("/")[0]
        if self.path == "/_log":
            self.send(json_reply(200, fake.log()))
        elif self.path == "/_probes":
            self.send(json_reply(200, fake.probes))
        elif self.path.startswith("/url_") and broken in ("huge", "hang", "drip", "truncated"):
            BROKEN[broken](self, Call())
        elif (models := fake.models(self.path, self._headers())) is not None:
            self._probe(models)
        else:
            self.send(fake.fetch(self.path, self._headers()))

    def _probe(self, normal: Reply) -> None:
        fake = self.server.fake
        with fake.lock:
            fake.probes.append(self.path)
        if fake.probing in BROKEN:
            BROKEN[fake.probing](self, Call())
        else:
            self.send(normal if fake.probing == NORMAL else fake.reply(Call(), fake.probing))

    def do_POST(self) -> None:
        fake, received = self.server.fake, time.time()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_control":
            fake.control(json.loads(body))
            self.send(json_reply(200, {"ok": True}))
            return
        other = fake.other(self.path, self._headers(), body)
        if other is not None:
            BROKEN[other](self, Call()) if isinstance(other, str) else self.send(other)
            return
        try:
            call = fake.read(self.path, self._headers(), body)
        except Refused as refused:
            with fake.lock:
                fake.calls.append(Call(received=received, answered=time.time(), status=refused.reply.status,
                                       behaviour="refused"))  # fmt: skip
            self.send(refused.reply)
            return
        call.received = received
        name, seconds = fake.admit(call)
        if fake.stopping.wait(seconds):
            return
        self._act(call, name)
        call.answered = time.time()

    def _act(self, call: Call, name: str) -> None:
        if name in BROKEN:
            BROKEN[name](self, call)
            return
        reply = json_reply(429, {"error": {"code": 429}}) if name == OVER_LIMIT else self.server.fake.reply(call, name)
        call.status = reply.status
        self.send(reply)

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def send(self, reply: Reply, *, only: int | None = None) -> None:
        """The reply, or its first `only` bytes under the full length."""
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body if only is None else reply.body[:only])


def main(make: Callable[..., FakeServer]) -> None:
    """Run one as a process until it is stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 inside a container's own network")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per call")
    parser.add_argument("--keys", default="", help="accepted keys, comma-separated; none: any")
    parser.add_argument("--limit", type=int, default=0, help="calls of a key in a window; 0: no limit")
    parser.add_argument("--window", type=float, default=60.0, help="seconds of that window")
    given = parser.parse_args()
    limit = (given.limit, given.window) if given.limit else None
    keys = [k for k in given.keys.split(",") if k]
    fake = make(port=given.port, latency_s=given.latency, keys=keys, limit=limit, host=given.host)
    sys.stdout.write(f"{fake.port}\n")
    sys.stdout.flush()
    fake.serve()
