"""Bare Flask, served as the service is: the bytes of a file, and the bytes that `cat` gives."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response

app = Flask(__name__)
_BODY = Path(os.environ["BENCH_BODY"])
_FILES = os.environ.get("BENCH_FILES", "")


@app.get("/health/live")
def live() -> str:
    return "ok"


@app.get("/body")
def body() -> Response:
    return Response(_BODY.read_bytes(), content_type="application/json")


@app.get("/cat")
def cat() -> Response:
    def pieces() -> Iterator[bytes]:
        files = sorted(map(str, Path(_FILES).rglob("*.png")))
        with subprocess.Popen(["cat", *files], stdout=subprocess.PIPE) as source:
            assert source.stdout is not None
            while chunk := source.stdout.read(262_144):
                yield chunk

    return Response(pieces(), content_type="application/octet-stream")
