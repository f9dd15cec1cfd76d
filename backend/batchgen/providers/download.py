"""Fetches a result from a URL that a provider's answer names, without trusting that URL.

The answer comes from outside, so its URL could point at a service inside our network: only known hosts are
asked, only at an address that was checked, and without the key.
"""

import time
from urllib.parse import urlsplit

import urllib3

from batchgen.providers.base import AnswerTooLarge, mime_of
from batchgen.providers.guard import Destination, Resolve, asked, is_public, origin, read_bounded, resolve

MAX_BYTES = 40 * 1024 * 1024
TOTAL_S = 60.0
_STALLED_S = 20.0
_TRIES = 3  # fetching again costs nothing, unlike calling again
_ALLOWED_SUFFIXES = (".volces.com", ".bytepluses.com")


class DownloadError(Exception):
    """Why nothing was fetched, in a few words. Never holds the URL: its query is a credential."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final  # asking again cannot help


class Downloader:
    """Fetches results of one provider. `base_url`: the operator's own choice, if any, so its host may be private."""

    def __init__(self, base_url: str, resolve: Resolve = resolve) -> None:
        self._own, self._resolve = origin(urlsplit(base_url)), resolve

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

    def check(self, url: str) -> Destination:
        """Where to connect for `url`. Raises DownloadError where it may not be asked."""
        try:
            parts = urlsplit(url)
            scheme, host, port = origin(parts)
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
        return Destination(parts, host, port, addresses[0])

    def _fetch_once(self, target: Destination, deadline: float) -> bytes:
        try:
            data = _get(target, deadline)
        except (TimeoutError, urllib3.exceptions.TimeoutError):
            raise DownloadError("the result did not arrive in time") from None
        except AnswerTooLarge:
            raise DownloadError("the result is too large", final=True) from None
        except (urllib3.exceptions.HTTPError, OSError):
            late = time.monotonic() >= deadline
            raise DownloadError(
                "the result did not arrive in time" if late else "the result could not be fetched"
            ) from None
        if mime_of(data) is None:
            raise DownloadError("the result is not a picture")
        return data


def _get(target: Destination, deadline: float) -> bytes:
    headers = {"Accept": "image/*"}
    with asked("GET", target, headers=headers, deadline=deadline, stalled_s=_STALLED_S) as response:
        if response.status != 200:
            raise DownloadError(f"the result URL answered {response.status}")
        return read_bounded(response, limit=MAX_BYTES, deadline=deadline)
