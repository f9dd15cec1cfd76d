"""What moto's S3 leaves out: it lets in only who signs with the one key, and lets no signed address live too long. As
AWS documents Signature Version 4, so it is checked here, by other code than the client's."""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

type App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Refused(Exception):
    """The store's code for it."""


class Door:
    """WSGI in front of `app`. `cuts`: the next files that are read break off after so many bytes; `hang`: nothing is
    answered while it is set; `full`: it takes nothing in."""

    def __init__(self, app: App, access_key: str, secret_key: str) -> None:
        self._app, self._access, self._secret = app, access_key, secret_key
        self.cuts: list[int] = []
        self.hang, self.full = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        while self.hang.is_set():
            time.sleep(0.05)
        try:
            self._check(environ)
            if self.full.is_set() and environ["REQUEST_METHOD"] == "PUT":
                raise Refused("XMinioStorageFull")
        except Refused as why:
            body = f"<?xml version='1.0'?><Error><Code>{why}</Code><Message>no</Message></Error>".encode()
            start("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body]
        answer = self._app(environ, start)
        if self.cuts and environ["REQUEST_METHOD"] == "GET":
            return _cut(answer, self.cuts.pop(0))
        return answer

    def _check(self, environ: dict[str, Any]) -> None:
        raw = environ["RAW_URI"].partition("?")
        query = {name: values[0] for name, values in parse_qs(raw[2], keep_blank_values=True).items()}
        if "X-Amz-Signature" in query:
            given = {name: query[f"X-Amz-{name}"] for name in ("Credential", "SignedHeaders", "Signature", "Date")}
            signed_at = datetime.strptime(given["Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
            if time.time() >= signed_at + int(query["X-Amz-Expires"]):
                raise Refused("AccessDenied")
            payload = "UNSIGNED-PAYLOAD"
        else:
            method, _, fields = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
            if method != "AWS4-HMAC-SHA256":
                raise Refused("AccessDenied")
            given = dict(part.strip().split("=", 1) for part in fields.split(","))
            given["Date"], payload = environ["HTTP_X_AMZ_DATE"], environ["HTTP_X_AMZ_CONTENT_SHA256"]
        if given["Credential"].partition("/")[0] != self._access:
            raise Refused("InvalidAccessKeyId")
        if not hmac.compare_digest(given["Signature"], self._signature(environ, raw, given, payload)):
            raise Refused("SignatureDoesNotMatch")

    def _signature(
        self, environ: dict[str, Any], raw: tuple[str, str, str], given: dict[str, str], payload: str
    ) -> str:
        pairs = sorted(one if "=" in one else one + "=" for one in raw[2].split("&") if one)
        query = "&".join(one for one in pairs if not one.startswith("X-Amz-Signature="))
        names = given["SignedHeaders"].split(";")
        headers = "".join(f"{name}:{' '.join(_header(environ, name).split())}\n" for name in names)
        request = "\n".join([environ["REQUEST_METHOD"], raw[0], query, headers, given["SignedHeaders"], payload])
        scope = given["Credential"].partition("/")[2]
        text = "\n".join(["AWS4-HMAC-SHA256", given["Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
        key = ("AWS4" + self._secret).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


def _header(environ: dict[str, Any], name: str) -> str:
    known = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
    return str(environ.get(known.get(name) or "HTTP_" + name.upper().replace("-", "_"), ""))


def _cut(answer: Iterable[bytes], after: int) -> Iterator[bytes]:
    yield b"".join(answer)[:after]
    raise ConnectionAbortedError
