"""An error tracker: takes what the Sentry SDK sends, by its envelope protocol."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class EnvelopeServer:
    """`events`: what came in, parsed; `raw`: everything that was sent, headers and unpacked bodies."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                server.raw.append(self.path.encode() + str(self.headers).encode() + body)
                server.events.extend(_events(body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.dsn = f"http://public@127.0.0.1:{self._http.server_address[1]}/1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def _events(envelope: bytes) -> list[dict[str, Any]]:
    """The events of one envelope: a head, then each item's head and its body on lines of their own."""
    _, *lines = envelope.split(b"\n")
    heads = [json.loads(line) for line in lines[::2] if line]
    return [json.loads(body) for head, body in zip(heads, lines[1::2], strict=False) if head.get("type") == "event"]
