"""A thousand open pages in one process: prints how late each change reached each of them, in milliseconds."""

import json
import selectors
import socket
import statistics
import sys
import time
from urllib.parse import urlsplit


def main() -> None:
    url, count, expected = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    at = urlsplit(url)
    ready = selectors.DefaultSelector()
    late: list[float] = []
    rest: dict[socket.socket, bytes] = {}
    for _ in range(count):
        wire = socket.create_connection((str(at.hostname), int(at.port or 80)), 30)
        wire.sendall(b"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        ready.register(wire, selectors.EVENT_READ)
        rest[wire] = b""
    opened: set[socket.socket] = set()
    while len(opened) < count:
        for one, _ in ready.select(30):
            wire = one.fileobj  # type: ignore[assignment]
            rest[wire] += wire.recv(65536)
            opened.add(wire)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while len(late) < expected * count:
        found = ready.select(60)
        if not found:
            break
        for one, _ in found:
            wire = one.fileobj  # type: ignore[assignment]
            rest[wire] = _read(rest[wire] + wire.recv(262_144), late)
    late.sort()
    told = {"seen": len(late), "p50": statistics.median(late), "p99": late[int(len(late) * 0.99)]}
    sys.stdout.write(json.dumps(told))


def _read(data: bytes, late: list[float]) -> bytes:
    """Notes the item events that are whole; what is left is the beginning of the next."""
    now = time.time() * 1000
    *whole, left = data.split(b"\n\n")
    for event in whole:
        if b"event: item" in event:
            stamp = event.partition(b"id: ")[2].partition(b"-")[0]
            late.append(now - int(stamp))
    return left


if __name__ == "__main__":
    main()
