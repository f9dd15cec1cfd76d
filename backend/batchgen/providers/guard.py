"""Outgoing requests to addresses that come from outside: where they may lead, and how they are made.

A URL that somebody else wrote could point at a service inside our network. So its name is resolved here, every address
is checked, and the connection goes to the address that was checked, not to whatever the name means a moment later.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from batchgen.providers.base import CONNECT_TIMEOUT_S, AnswerTooLarge

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CHUNK = 64 * 1024
_LONGEST_URL = 2000

Resolve = Callable[[str, int], list[str]]


class RefusedError(Exception):
    """Why an address is not asked; `code` is a row of `errors.MESSAGES`. Never holds the URL: it may be a secret."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Destination(NamedTuple):
    """A URL that passed the checks, with the address to connect to."""

    url: SplitResult
    host: str
    port: int
    address: str

    @property
    def path(self) -> str:
        """What is asked for there."""
        path = self.url.path or "/"
        return f"{path}?{self.url.query}" if self.url.query else path


def resolve(host: str, port: int) -> list[str]:
    """All addresses of `host`. Raises OSError."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether `address` is on the public internet, addresses inside addresses included."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """(scheme, host, port). Raises ValueError on a wrong port."""
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


class Guard:
    """`private_hosts`: the admin's own choice, `host` or `host:port`, that may be private and may speak plain http."""

    def __init__(self, private_hosts: Collection[str] = (), resolve: Resolve = resolve) -> None:
        self._own, self._resolve = frozenset(host.lower() for host in private_hosts), resolve

    def check(self, url: str) -> Destination:
        """Where to connect for `url`. Raises RefusedError: url_invalid, url_not_https, host_not_found, host_private."""
        if len(url) > _LONGEST_URL or not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
            raise RefusedError("url_invalid")
        try:
            parts = urlsplit(url)
            scheme, host, port = origin(parts)
        except ValueError:
            raise RefusedError("url_invalid") from None
        if scheme not in ("http", "https") or not host or parts.username is not None or parts.password is not None:
            raise RefusedError("url_invalid")
        shown = f"[{host}]" if ":" in host else host
        own = not self._own.isdisjoint({host, shown, f"{shown}:{port}"})
        if scheme == "http" and not own:
            raise RefusedError("url_not_https")
        return Destination(parts, host, port, self._address(host, port, own))

    def _address(self, host: str, port: int, own: bool) -> str:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise RefusedError("host_not_found") from None
        if not found:
            raise RefusedError("host_not_found")
        if not (own or all(map(is_public, found))):
            raise RefusedError("host_private")
        return min(found, key=lambda address: ":" in address)  # not every machine reaches IPv6


@contextmanager
def asked(
    method: str, target: Destination, *, headers: Mapping[str, str], deadline: float, stalled_s: float,
    body: bytes = b"",
) -> Generator[urllib3.BaseHTTPResponse]:  # fmt: skip
    """The answer of a checked target, its body unread. Follows no redirect, and leaves no connection behind.

    Raises urllib3's errors and OSError. At `deadline` (monotonic seconds) the line is cut: a server that sends one
    byte of its head at a time is not waited for."""
    opened: list[Any] = []
    with _pool(target, opened) as pool:
        done = threading.Event()
        threading.Thread(target=_watch, args=[opened, deadline, done], daemon=True).start()
        try:
            response = pool.request(
                method,
                target.path,
                body=body or None,
                headers={"Host": target.url.netloc, "Accept-Encoding": "identity", **headers},
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(
                    connect=CONNECT_TIMEOUT_S, read=min(stalled_s, max(0.1, deadline - time.monotonic()))
                ),
            )
            try:
                yield response
            finally:
                response.close()
        finally:
            done.set()


def _watch(opened: list[Any], deadline: float, done: threading.Event) -> None:
    """Cut what is open at `deadline`, and what opens after it: a handshake has its own time and cannot be cut."""
    done.wait(max(0.0, deadline - time.monotonic()))
    while not done.is_set():
        _cut(opened)
        done.wait(0.2)


def _cut(opened: list[Any]) -> None:
    for connection in opened:
        sock = connection.sock
        if sock is not None:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, whose goodbye would have to be read
            except OSError:
                continue


def _pool(target: Destination, opened: list[Any]) -> urllib3.HTTPConnectionPool:
    """Connects to the address that was checked, not to whatever the name resolves to a moment later. For the same
    reason through no proxy, which would resolve the name once more."""
    address = f"[{target.address}]" if ":" in target.address else target.address
    if target.url.scheme != "https":
        pool = urllib3.HTTPConnectionPool(address, target.port)
    else:
        pool = urllib3.HTTPSConnectionPool(
            address,
            target.port,
            server_hostname=target.host,
            assert_hostname=target.host,
            cert_reqs="CERT_REQUIRED",
            ca_certs=DEFAULT_CA_BUNDLE_PATH,
        )
    make = pool.ConnectionCls

    def connection(**how: Any) -> Any:
        opened.append(make(**how))
        return opened[-1]

    pool.ConnectionCls = connection  # type: ignore[assignment]
    return pool


def read_bounded(response: urllib3.BaseHTTPResponse, *, limit: int, deadline: float) -> bytes:
    """The body, as it comes, up to `limit` bytes and `deadline` (monotonic seconds).

    Raises AnswerTooLarge, TimeoutError, and what urllib3 raises. A read hands over what is there, so that a server
    that sends one byte at a time is noticed.
    """
    body = bytearray()
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock = getattr(getattr(response, "connection", None), "sock", None)
        if sock is not None:
            sock.settimeout(left)
        chunk = response.read1(_CHUNK)
        if not chunk:
            return bytes(body)
        body += chunk
        if len(body) > limit:
            raise AnswerTooLarge
