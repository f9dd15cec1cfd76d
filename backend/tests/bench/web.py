"""What people wait for: changes on the page, lists, uploads, the zip, the start."""

import io
import json
import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests
from PIL import Image

from tests.bench.engine import run_batch, settings
from tests.bench.table import Found
from tests.bench.upstream import upstream
from tests.bench.usage import cpu_seconds, memory_mb
from tests.conftest import BACKEND, PYTHON, UNHURRIED, RedisServer, free_port
from tests.stack import Stack, running

_VIEWERS, _MB = 1000, 1024 * 1024


def events(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """From the change in Redis (its id is the time) to the hands of each of a thousand open pages."""
    items, found = 24, []
    with upstream(latency=2.0) as url, running(
        folder, redis.fresh(), MAX_STREAMS_PER_USER=_VIEWERS, **settings(url, 4)
    ) as stack:  # fmt: skip
        for _ in range(runs):
            command = [PYTHON, "-m", "tests.bench.viewers", stack.url, str(_VIEWERS), str(2 * items)]
            with subprocess.Popen(command, cwd=BACKEND, stdout=subprocess.PIPE, text=True) as crowd:
                assert crowd.stdout is not None
                assert crowd.stdout.readline() == "ready\n"
                run_batch(stack, items)
                told = json.loads(crowd.stdout.read())
            assert told["seen"] == 2 * items * _VIEWERS, told
            found.append(told["p99"])
    yield Found(f"change → event with {_VIEWERS} viewers, p99, ms", "<= 250", found, "all in one web process")


def lists(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    with running(folder / "stack", redis.fresh(), 0, MAX_QUEUED_PER_USER=0, **UNHURRIED) as stack:
        batch = stack.submit(1000, provider="demo")["id"]
        for limit, goal in ((50, ">= 0.5"), (200, "")):
            path, body = f"{stack.url}/api/batches/{batch}/items?limit={limit}", folder / f"{limit}.json"
            body.write_bytes(requests.get(path, timeout=30).content)
            with bare_flask(folder / f"bare{limit}", body) as plain:
                ratios = [_rate(path) / _rate(f"{plain}/body") for _ in range(runs)]
            note = "50 is what is given unasked" if limit == 50 else ""
            title = f"items page of {limit}, requests/s / bare Flask view of the same bytes"
            yield Found(title, goal, ratios, note)


def _rate(url: str, calls: int = 300, clients: int = 4) -> float:
    def client(_: int) -> None:
        with requests.Session() as http:
            for _ in range(calls // clients):
                http.get(url, timeout=30).raise_for_status()

    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    return calls / (time.monotonic() - began)


@contextmanager
def bare_flask(folder: Path, body: Path, files: str = "") -> Iterator[str]:
    """Its address; it is served as the service is."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    env = os.environ | {"HOST": "127.0.0.1", "PORT": str(port), "BENCH_BODY": str(body), "BENCH_FILES": files}
    command = [PYTHON, "-m", "gunicorn", "-c", "gunicorn.conf.py", "tests.bench.plain:app"]
    with (folder / "log").open("wb") as log, subprocess.Popen(
        command, cwd=BACKEND, env=env, stdout=log, stderr=log
    ) as server:  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                requests.get(f"{url}/health/live", timeout=2)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        try:
            yield url
        finally:
            server.terminate()


def uploads(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """Processor of the web process and its children for one 12-megapixel JPEG, over Pillow's own work on it."""
    each, ratios = 5, []
    with running(folder, redis.fresh(), 0, **UNHURRIED) as stack:
        stack.upload("warm.jpg", _photo(0))
        web = _web_of(stack)
        for run in range(runs):
            photos = [_photo(1 + run * each + n) for n in range(each)]
            before = cpu_seconds(web)
            for n, photo in enumerate(photos):
                stack.upload(f"{n}.jpg", photo)
            ours = cpu_seconds(web) - before
            began = time.process_time()
            for photo in photos:
                _draft(photo)
            ratios.append(ours / (time.process_time() - began))
    yield Found("upload of a 12 MP JPEG, processor / Pillow's draft decode and encode", "<= 1.3", ratios)


def _web_of(stack: Stack) -> int:
    assert stack._web is not None
    return stack._web.pid


def _photo(seed: int) -> bytes:
    """4000 × 3000, of about 3 MB."""
    small = Image.effect_noise((500, 375), 40 + seed).convert("RGB")
    out = io.BytesIO()
    small.resize((4000, 3000), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def _draft(photo: bytes) -> None:
    with Image.open(io.BytesIO(photo)) as image:
        image.draft("RGB", (336, 336))
        image.load()
        image.thumbnail((336, 336))
        image.save(io.BytesIO(), "WEBP")


def archives(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    """The zip of 1,000 results of 2 MB over `cat` of the same files through a bare Flask."""
    count = 1000
    rates, growth = [], []
    with running(
        folder / "stack", redis.fresh(), DEMO_LATENCY_SECONDS=0, WORKER_CONCURRENCY=32, MIN_FREE_MB=0, LOW_FREE_MB=0,
        **UNHURRIED,
    ) as stack:  # fmt: skip
        batch = stack.submit(count, provider="demo")["id"]
        assert stack.until_done(batch, 300)["succeeded"] == count
        results = folder / "stack" / "var" / "files" / "results"
        for file in results.rglob("*.png"):
            file.chmod(0o600)
            file.write_bytes(os.urandom(2 * _MB))
        with bare_flask(folder / "bare", Path(__file__), str(results)) as plain:
            web = _web_of(stack)
            _drain(f"{stack.url}/api/batches/{batch}/archive")
            for _ in range(runs):
                before = memory_mb(web)
                ours = _drain(f"{stack.url}/api/batches/{batch}/archive")
                growth.append(memory_mb(web) - before)
                rates.append(ours / _drain(f"{plain}/cat"))
    yield Found("zip of 1,000 × 2 MB: rate / cat through the same server", ">= 0.7", rates)
    yield Found("its growth of memory, MB", "<= 32", growth)


def _drain(url: str) -> float:
    """Bytes a second."""
    began, size = time.monotonic(), 0
    with requests.get(url, stream=True, timeout=300) as answer:
        answer.raise_for_status()
        while chunk := answer.raw.read(_MB):
            size += len(chunk)
    return size / (time.monotonic() - began)


def starts(folder: Path, redis: RedisServer, runs: int) -> Iterator[Found]:
    imports = []
    for _ in range(runs):
        began = time.monotonic()
        subprocess.run([PYTHON, "-c", "import batchgen.bootstrap"], cwd=BACKEND, check=True)
        imports.append(time.monotonic() - began)
    yield Found("import of the service, s", "<= 1.5", imports)
    warm = [_start_s(folder / "var") for _ in range(runs + 1)][1:]  # the first may have to build
    yield Found("warm `make run` to healthy, s", "<= 6", warm)


def _start_s(var: Path) -> float:
    port = free_port()
    began = time.monotonic()
    command = ["make", "--no-print-directory", "run", f"PORT={port}", f"VAR_DIR={var}"]
    with subprocess.Popen(
        command, cwd=BACKEND.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as copy:  # fmt: skip
        while not _healthy(port):
            assert copy.poll() is None, "make run ended"
            time.sleep(0.02)
        took = time.monotonic() - began
        subprocess.run(["make", "--no-print-directory", "stop", f"VAR_DIR={var}"], cwd=BACKEND.parent, check=False)
    return took


def _healthy(port: int) -> bool:
    try:
        return bool(requests.get(f"http://127.0.0.1:{port}/health", timeout=2).json()["status"] == "ok")
    except (requests.RequestException, ValueError):
        return False
