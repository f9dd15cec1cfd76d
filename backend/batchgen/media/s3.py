"""Files in an S3-compatible store, so that web and workers can stand on several machines."""

import contextlib
from collections.abc import Iterator
from functools import cache
from itertools import batched
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import quote, urlsplit

import boto3
import structlog
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from batchgen.errors import AppError
from batchgen.media.s3_body import Body
from batchgen.media.scratch import Scratch, disk_errors, require_key
from batchgen.media.storage import Opened, Served

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

log = structlog.get_logger(__name__)
_FULL = {"XMinioStorageFull", "QuotaExceeded", "QuotaExceededException", "InsufficientStorage", "507"}
_PROBE_S = 3.0  # a health page has to come also where the store does not answer
_AT_ONCE = 1000  # files that one request deletes
_CHUNK = 1024 * 1024
_SAVED = "private, max-age=31536000, immutable"  # no other file ever comes under the same name


class Bucket(NamedTuple):
    """Where the store is. `endpoint`: empty for AWS; `public`: the endpoint as browsers reach it, where it is another;
    without keys those of the machine's role are used. `link_s`: how long a signed address is good; 0: none is given
    out, and files go through our hands."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = ""
    addressing: str = ""
    public: str = ""
    link_s: int = 300


class S3Storage(Scratch):
    """See Storage. One request writes one file, so that it is there whole or not at all."""

    def __init__(
        self, bucket: Bucket, root: Path, *, min_free_bytes: int, low_free_bytes: int = 0, timeout_s: float = 10.0
    ) -> None:
        super().__init__(root, min_free_bytes=min_free_bytes, low_free_bytes=low_free_bytes)
        self._bucket, self._prefix = bucket, bucket.prefix + "/" if bucket.prefix else ""
        self._client = _client(bucket, bucket.endpoint, timeout_s, attempts=3)
        self._prober = _client(bucket, bucket.endpoint, min(_PROBE_S, timeout_s), attempts=1)
        self._signer = _client(bucket, bucket.public, timeout_s, attempts=1) if bucket.public else self._client

    @property
    def origin(self) -> str:
        if not self._bucket.link_s:
            return ""
        plain = _client(self._bucket, self._bucket.public or self._bucket.endpoint, 1.0, attempts=1, signed=False)
        parts = urlsplit(plain.generate_presigned_url("get_object", Params=self._at("checks/x")))
        return f"{parts.scheme}://{parts.netloc}"

    # what comes in

    def adopt(self, path: Path, key: str) -> None:
        with disk_errors(), path.open("rb") as file, store_errors():
            self._client.put_object(**self._at(key), Body=file)
        path.unlink(missing_ok=True)

    def put(self, key: str, data: bytes) -> None:
        with store_errors():
            self._client.put_object(**self._at(key), Body=data)

    def link(self, source: str, key: str) -> None:
        with store_errors():
            self._client.copy_object(**self._at(key), CopySource=self._at(source))

    # what goes out

    @contextlib.contextmanager
    def local(self, key: str) -> Iterator[Path]:
        with self.scratch() as path:
            with self.open(key).file as file, disk_errors(), path.open("wb") as copy:
                while chunk := file.read(_CHUNK):
                    copy.write(chunk)
            yield path

    def serve(self, key: str, *, mime: str, name: str = "") -> Served:
        if not self._bucket.link_s:
            return Served(opened=self.open(key))
        self.size(key)  # an address that leads nowhere is not given out
        said = f"attachment; filename*=UTF-8''{quote(name, safe='')}" if name else "inline"
        params = self._at(key) | {
            "ResponseContentType": mime, "ResponseContentDisposition": said, "ResponseCacheControl": _SAVED,
        }  # fmt: skip
        with store_errors():
            url = self._signer.generate_presigned_url("get_object", Params=params, ExpiresIn=self._bucket.link_s)
        return Served(url=url, url_s=self._bucket.link_s)

    def open(self, key: str) -> Opened:
        where = self._at(key)

        def get(**more: str) -> Any:
            with store_errors():
                return self._client.get_object(**where, **more)  # type: ignore[arg-type]

        body = Body(get)
        return Opened(cast("Any", body), body.size)

    def read(self, key: str) -> bytes:
        with self.open(key).file as file:
            return file.read()

    def exists(self, key: str) -> bool:
        require_key(key)
        try:
            self.size(key)
        except AppError as wrong:
            if wrong.code != "not_found":
                raise
            return False
        return True

    def size(self, key: str) -> int:
        """By reading a byte: the answer to HEAD does not tell a missing file from a missing bucket."""
        return self._size(self._client, key)

    def _size(self, client: "S3Client", key: str) -> int:
        try:
            found = client.get_object(**self._at(key), Range="bytes=0-0")
        except ClientError as wrong:
            if _code(wrong) == "InvalidRange":
                return 0
            raise _told(wrong) from None
        except BotoCoreError as wrong:
            raise _told(wrong) from None
        found["Body"].close()
        return int(found.get("ContentRange", "").rpartition("/")[2] or found["ContentLength"])

    def delete(self, *keys: str) -> None:
        for some in batched(keys, _AT_ONCE):
            if len(some) == 1 or not self._delete_together(some):
                for key in some:
                    with store_errors():
                        self._client.delete_object(**self._at(key))

    def _delete_together(self, keys: tuple[str, ...]) -> bool:
        """False: it is not certain that all are gone; not every store can do this."""
        objects: Any = [{"Key": self._at(key)["Key"]} for key in keys]
        try:
            answer = self._client.delete_objects(Bucket=self._bucket.name, Delete={"Objects": objects, "Quiet": True})
        except ClientError:
            return False
        except BotoCoreError as wrong:
            raise _told(wrong) from None
        return not answer.get("Errors")

    # how it is doing

    def check(self) -> str:
        """Of the disk that files pass through, and of the store: a byte is written, and what is not there is said not
        to be, which takes a right of its own."""
        key = f"checks/{token_hex(8)}"
        try:
            with store_errors():
                self._prober.put_object(**self._at(key), Body=b".")
                self._prober.delete_object(**self._at(key))
            self._size(self._prober, key)
        except AppError as wrong:
            if wrong.code == "not_found":
                return self._check_disk()
            return "full" if wrong.code == "storage_full" else "down"
        return "down"  # it is there still

    def _at(self, key: str) -> Any:
        require_key(key)
        return {"Bucket": self._bucket.name, "Key": self._prefix + key}


@cache
def _session() -> boto3.session.Session:
    """One, because each reads S3's whole description."""
    return boto3.session.Session()


def _client(bucket: Bucket, endpoint: str, timeout_s: float, *, attempts: int, signed: bool = True) -> "S3Client":
    addressing: Any = {
        "addressing_style": bucket.addressing or ("path" if endpoint else "virtual"),
        "us_east_1_regional_endpoint": "regional",  # as in every other region: pages allow no other host
    }
    config = Config(
        signature_version="s3v4" if signed else UNSIGNED, s3=addressing,
        connect_timeout=min(5.0, timeout_s), read_timeout=timeout_s, max_pool_connections=64,
        retries={"mode": "standard", "total_max_attempts": attempts},
        request_checksum_calculation="when_required",  # what came later than S3 itself, not every store knows
        response_checksum_validation="when_required",
    )  # fmt: skip
    return _session().client(
        "s3", region_name=bucket.region, endpoint_url=endpoint or None, config=config,
        aws_access_key_id=bucket.access_key or None, aws_secret_access_key=bucket.secret_key or None,
    )  # fmt: skip


@contextlib.contextmanager
def store_errors() -> Iterator[None]:
    """What goes wrong with the store, as AppError storage_full, storage_unavailable or not_found."""
    try:
        yield
    except (ClientError, BotoCoreError) as wrong:
        raise _told(wrong) from None


def _told(wrong: Exception) -> AppError:
    code = _code(wrong)
    if code == "NoSuchKey":
        return AppError("not_found")
    log.warning("store failed", reason=code)  # its own words may hold names and keys
    return AppError("storage_full" if code in _FULL else "storage_unavailable")


def _code(wrong: Exception) -> str:
    return str(wrong.response["Error"].get("Code", "")) if isinstance(wrong, ClientError) else type(wrong).__name__
