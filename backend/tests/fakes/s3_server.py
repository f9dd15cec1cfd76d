"""An S3 store on loopback, in a process of its own: moto's server behind a door that looks at signatures."""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

import boto3
import requests
from botocore.config import Config

from tests.conftest import BACKEND, PYTHON, free_port
from tests.fakes.s3_door import Door


class S3Server:
    """It keeps everything in its memory: after `stop` it is empty."""

    _session = boto3.session.Session()
    access_key, secret_key = "AKIATESTTESTTESTTEST", "a-secret-of-the-store-0123456789"

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [PYTHON, "-m", "tests.fakes.s3_server", str(self.port), self.access_key, self.secret_key],
            cwd=BACKEND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(1200):
            try:
                requests.get(self.url + "/_door", timeout=5)
                return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise RuntimeError("the S3 server did not start")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(20)
            self._process = None

    def behave(self, *, cuts: Iterable[int] = (), hang: bool = False, full: bool = False) -> None:
        """See Door; what is not named is as usual."""
        asked = {"cuts": list(cuts), "hang": hang, "full": full}
        requests.post(self.url + "/_door", json=asked, timeout=5).raise_for_status()

    def client(self) -> Any:
        return self._session.client(
            "s3", endpoint_url=self.url, region_name="us-east-1",
            aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )  # fmt: skip

    def make_bucket(self, name: str) -> str:
        self.client().create_bucket(Bucket=name)
        return name

    def keys(self, bucket: str) -> list[str]:
        """All that lies in it."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return sorted(one["Key"] for page in pages for one in page.get("Contents", ()))

    def settings(self, url: str) -> dict[str, str]:
        return {
            "STORAGE_URL": url, "STORAGE_ENDPOINT": self.url,
            "STORAGE_ACCESS_KEY": self.access_key, "STORAGE_SECRET_KEY": self.secret_key,
        }  # fmt: skip


def main(port: str, access_key: str, secret_key: str, *buckets: str) -> None:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from moto.s3.models import s3_backends
    from werkzeug.serving import run_simple

    for bucket in buckets:
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(bucket, "us-east-1")
    door = Door(DomainDispatcherApplication(create_backend_app), access_key, secret_key)

    def house(environ: dict[str, Any], start: Any) -> Any:
        if environ["PATH_INFO"] != "/_door":
            return door(environ, start)
        if environ["REQUEST_METHOD"] == "POST":
            asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            door.cuts = asked["cuts"]
            for name, event in (("hang", door.hang), ("full", door.full)):
                (event.set if asked[name] else event.clear)()
        start("204 No Content", [])
        return []

    run_simple("127.0.0.1", int(port), house, threaded=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
