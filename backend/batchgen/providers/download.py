"""Fetches a result from a URL that a provider's answer names, without trusting that URL.

The answer comes from outside, so its URL could point at a service inside our network: only known hosts are
asked, only at an address that was checked, and without the key.
"""

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from batchgen.providers.base import CONNECT_TIMEOUT_S, AnswerTooLarge, mime_of

MAX_BYTES = 40 * 1024 * 1024
TOTAL_S = 60.0
_STALLED_S = 20.0
_TRIES = 3  # fetching again costs nothing, unlike calling again
_ALLOWED_SUFFIXES = (".volces.com", ".bytepluses.com")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CHUNK = 64 * 1024

Resolve = Callable[[str, int], list[str]]


class DownloadError(Exception):
    """Why nothing was fetched, in a few words. Never holds the URL: its query is a credential."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final  # asking again cannot help


class Target(NamedTuple):
    """A URL that passed the checks, with the address to connect to."""

    url: SplitResult
    host: str
    port: int
    address: str


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


class Downloader:
    """Fetches results of one provider. `base_url`: the operator's own choice, if any, so its host may be private."""

    def __init__(self, base_url: str, resolve: Resolve = resolve) -> None:
        self._own, self._resolve = _origin(urlsplit(base_url)), resolve

    def fetch(self, url: str, *, total_s: float = TOTAL_S) -> bytes:
        """The picture behind `url`, within `total_s` seconds. Raises DownloadError."""
        deadline = time.monotonic() + total_s
        for tries_left in reversed(range(_TRIES)):
            try:
                return self._fetch_once(self.check(url), deadline)
            except DownloadError as failed:
                if failed.final or not tries_left or time.monotonic() >= deadline:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def check(self, url: str) -> Target:
        """Where to connect for `url`. Raises DownloadError where it may not be asked."""
        try:
            parts = urlsplit(url)
            scheme, host, port = _origin(parts)
        except ValueError:
            raise DownloadError("the result URL is not a URL", final=True) from None
        own = (scheme, host, port) == self._own
        if parts.username is not None or parts.password is not None:
            raise DownloadError("the result URL holds a login", final=True)
        if not own and (scheme != "https" or port != 443 or not host.endswith(_ALLOWED_SUFFIXES)):
            raise DownloadError("the result URL is not on an allowed host", final=True)
        try:
            addresses = self._resolve(host, port)
        except OSError:
            raise DownloadError("the host of the result URL was not found") from None
        if not addresses or not (own or all(map(is_public, addresses))):
            raise DownloadError("the host of the result URL is not on the public internet", final=True)
        return Target(parts, host, port, addresses[0])

    def _fetch_once(self, target: Target, deadline: float) -> bytes:
        try:
            with _pool(target) as pool:
                data = _get(pool, target, deadline)
        except (TimeoutError, urllib3.exceptions.TimeoutError):
            raise DownloadError("the result did not arrive in time") from None
        except AnswerTooLarge:
            raise DownloadError("the result is too large", final=True) from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise DownloadError("the result could not be fetched") from None
        if mime_of(data) is None:
            raise DownloadError("the result is not a picture")
        return data


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    """Connects to the address that was checked, not to whatever the name resolves to a moment later. For the same
    reason through no proxy, which would resolve the name once more."""
    address = f"[{target.address}]" if ":" in target.address else target.address
    if target.url.scheme != "https":
        return urllib3.HTTPConnectionPool(address, target.port)
    return urllib3.HTTPSConnectionPool(
        address,
        target.port,
        server_hostname=target.host,
        assert_hostname=target.host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=DEFAULT_CA_BUNDLE_PATH,
    )


def _get(pool: urllib3.HTTPConnectionPool, target: Target, deadline: float) -> bytes:
    path = target.url.path or "/"
    response = pool.request(
        "GET",
        f"{path}?{target.url.query}" if target.url.query else path,
        headers={"Host": target.url.netloc, "Accept": "image/*", "Accept-Encoding": "identity"},
        redirect=False,
        retries=False,
        preload_content=False,
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=min(_STALLED_S, max(0.1, deadline - time.monotonic()))),
    )
    try:
        if response.status != 200:
            raise DownloadError(f"the result URL answered {response.status}")
        return read_bounded(response, limit=MAX_BYTES, deadline=deadline)
    finally:
        response.close()
