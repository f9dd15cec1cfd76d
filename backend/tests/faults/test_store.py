"""Web and two workers that share no disk, only Redis and an S3 store."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from PIL import Image

from tests.conftest import RedisServer
from tests.fakes.s3_server import S3Server
from tests.stack import Stack

ANSWERS = {"STORAGE_URL": "s3://apart/pro", "DEMO_LATENCY_SECONDS": 0.3, "WORKER_CONCURRENCY": 2}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer, s3_server: S3Server) -> Iterator[Stack]:
    """Each of the three has a VAR_DIR of its own."""
    folder: Path = tmp_path_factory.mktemp("apart")
    s3_server.make_bucket("apart")
    stack = Stack(folder, own_redis, **s3_server.settings("s3://apart/pro") | ANSWERS)
    try:
        stack.start_web()
        for n in range(2):
            stack.start_worker(VAR_DIR=folder / f"var{n}")
        stack.until(lambda: stack.get("/health")["status"] == "ok", "health")
        yield stack
    finally:
        s3_server.behave()
        stack.stop()


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (96, 64), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def batch(apart: Stack) -> str:
    uploads = [apart.upload(f"{colour}.png", picture(colour)) for colour in ("red", "green", "blue", "white")]
    reference = apart.upload("style.png", picture("black"))
    items = [{"upload_id": one["id"]} for one in uploads] * 2
    made = apart.post(
        "/api/batches", {"prompt": "make it blue", "items": items, "references": [reference["id"]]}
    )  # fmt: skip
    assert apart.until_done(made["id"])["succeeded"] == 8
    return str(made["id"])


def redirect(stack: Stack, path: str) -> requests.Response:
    return stack.http.get(stack.url + path, allow_redirects=False, timeout=30)


def test_two_workers_with_disks_of_their_own_make_one_batch(apart: Stack, batch: str, s3_server: S3Server):
    worked = [(apart.folder / f"worker{n}.log").read_text().count("picture came") for n in range(2)]
    left = [path for path in apart.folder.glob("var*/files/**/*") if path.is_file()]
    rooms = [key.split("/")[1] for key in s3_server.keys("apart")]

    assert sum(worked) == 8
    assert min(worked) > 0
    assert left == []
    assert {room: rooms.count(room) for room in set(rooms)} == {"uploads": 5, "results": 8, "thumbnails": 5 + 8}


def test_pictures_are_seen_by_signed_addresses_and_by_nothing_else(apart: Stack, batch: str, s3_server: S3Server):
    item: Any = apart.items(batch)[0]
    for path in (item["result"]["url"], item["result"]["thumbnail_url"], item["upload"]["url"]):
        sent = redirect(apart, path)
        where = urlsplit(sent.headers["Location"])
        seen = requests.get(sent.headers["Location"], timeout=10)

        assert (sent.status_code, f"{where.scheme}://{where.netloc}") == (302, s3_server.url)
        assert parse_qs(where.query)["X-Amz-Expires"] == ["300"]
        assert sent.headers["Cache-Control"] == "private, max-age=150"
        assert seen.headers["Content-Type"].startswith("image/")
        Image.open(io.BytesIO(seen.content)).load()
        assert requests.get(sent.headers["Location"].partition("?")[0], timeout=10).status_code == 403
    assert redirect(apart, "/static/results/generated_" + "b" + "0" * 20 + "-0.png").status_code == 404


def test_a_picture_is_saved_under_the_name_that_the_page_gives_it(apart: Stack, batch: str):
    url = apart.items(batch)[0]["result"]["url"]

    saved = apart.http.get(f"{apart.url}{url}?download=猫/..%0a.png", timeout=30)

    ending = url.rpartition(".")[2]
    assert saved.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert saved.headers["Content-Disposition"].endswith("." + ending)
    assert "\n" not in saved.headers["Content-Disposition"]


def test_the_page_may_show_pictures_of_the_store_and_of_nobody_else(apart: Stack, s3_server: S3Server):
    page = apart.http.get(apart.url + "/", timeout=30)

    if page.ok:  # the SPA is built where browser tests ran
        assert f"img-src 'self' blob: data: {s3_server.url};" in page.headers["Content-Security-Policy"]


def test_the_zip_of_the_batch_is_whole(apart: Stack, batch: str):
    answer = apart.http.get(f"{apart.url}/api/batches/{batch}/archive", timeout=60)

    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        assert made.testzip() is None
        pictures = [name for name in made.namelist() if not name.startswith("manifest")]
        assert len(pictures) == 8
        urls = [item["result"]["url"] for item in apart.items(batch)]
        assert [made.read(name) for name in pictures] == [apart.http.get(apart.url + url).content for url in urls]


def test_while_the_store_is_away_that_is_said_and_nothing_is_paid_twice(apart: Stack, batch: str, s3_server: S3Server):
    made = apart.submit(4)
    apart.until(lambda: apart.counts(made["id"])["running"] > 0, "the first call")
    s3_server.behave(hang=True)
    down = apart.http.get(apart.url + "/health", timeout=60)
    refused = apart.http.get(apart.url + apart.items(batch)[0]["result"]["url"], timeout=120)
    s3_server.behave()

    assert (down.status_code, down.json()["checks"]["storage"]) == (503, "down")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "storage_unavailable")
    assert apart.until_done(made["id"])["succeeded"] == 4
    assert [(item["attempts"], item["possibly_paid"]) for item in apart.items(made["id"])] == [(1, False)] * 4
    apart.until(lambda: apart.get("/health")["status"] == "ok", "health")


def test_what_belongs_to_a_batch_goes_with_it(apart: Stack, s3_server: S3Server):
    made = apart.submit(3)
    apart.until_done(made["id"])
    assert [key for key in s3_server.keys("apart") if made["id"] in key]

    apart.http.delete(f"{apart.url}/api/batches/{made['id']}", timeout=30).raise_for_status()

    assert [key for key in s3_server.keys("apart") if made["id"] in key] == []


def test_no_log_holds_a_key_or_an_address_that_opens_anything(apart: Stack, batch: str, s3_server: S3Server):
    logs = apart.logs()

    assert "picture came" in logs
    for secret in (s3_server.secret_key, s3_server.access_key, "X-Amz-Signature="):
        assert secret not in logs
