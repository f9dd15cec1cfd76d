"""The S3 store alone: what its failures are called, who gets at a file, and what is told of keys. What it shares with
the disk is in test_storage.py."""

import io
import os
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from batchgen.errors import AppError
from batchgen.media.archive import Entry, stream_zip
from batchgen.media.s3 import Bucket, S3Storage
from tests.conftest import free_port
from tests.fakes.s3_server import S3Server
from tests.media.conftest import MIB, bucket_of


@pytest.fixture
def server(s3_server: S3Server) -> Iterator[S3Server]:
    yield s3_server
    s3_server.behave()


@pytest.fixture
def bucket(server: S3Server) -> Bucket:
    return bucket_of(server)


@pytest.fixture
def storage(bucket: Bucket, tmp_path: Path) -> S3Storage:
    return S3Storage(bucket, tmp_path / "files", min_free_bytes=0)


def every_act(storage: S3Storage, folder: Path) -> list[Callable[[], object]]:
    made = folder / "made"
    made.write_bytes(b"x")
    return [
        lambda: storage.put("kept/a", b"x"), lambda: storage.read("kept/a"), lambda: storage.open("kept/a"),
        lambda: storage.exists("kept/a"), lambda: storage.size("kept/a"), lambda: storage.delete("kept/a"),
        lambda: storage.delete("kept/a", "kept/b"), lambda: storage.link("kept/a", "results/a.png"),
        lambda: storage.adopt(made, "kept/a"), lambda: storage.serve("kept/a", mime="image/png"),
    ]  # fmt: skip


def codes(storage: S3Storage, folder: Path) -> set[str]:
    found = set()
    for act in every_act(storage, folder):
        with pytest.raises(AppError) as caught:
            act()
        found.add(caught.value.code)
    return found


@pytest.mark.parametrize(
    "wrong",
    [{"name": "no-such-bucket"}, {"access_key": "AKIANOBODYNOBODYNOBO"}, {"secret_key": "not-the-secret-of-the-store"},
     {"endpoint": f"http://127.0.0.1:{free_port()}"}],
    ids=["no bucket", "unknown key", "wrong secret", "nobody there"],
)  # fmt: skip
def test_a_store_that_cannot_be_used_is_unavailable_and_nothing_is_called_missing(
    bucket: Bucket,
    tmp_path: Path,
    wrong: dict[str, str],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
):
    used = bucket._replace(**wrong)  # type: ignore[arg-type]
    storage = S3Storage(used, tmp_path / "files", min_free_bytes=0, timeout_s=2.0)

    assert codes(storage, tmp_path) == {"storage_unavailable"}
    assert storage.check() == "down"
    told = "".join(capfd.readouterr()) + caplog.text  # where logs go depends on what was set up before
    assert "store failed" in told
    assert used.secret_key not in told
    assert used.access_key not in told


def test_a_store_that_does_not_answer_is_given_up(server: S3Server, bucket: Bucket, tmp_path: Path):
    storage = S3Storage(bucket, tmp_path / "files", min_free_bytes=0, timeout_s=0.2)
    assert storage.check() == "ok"
    server.behave(hang=True)

    assert storage.check() == "down"
    with pytest.raises(AppError, match="storage_unavailable"):
        storage.exists("kept/a")

    server.behave()
    assert storage.check() == "ok"


def test_a_full_store_is_called_full(server: S3Server, storage: S3Storage):
    storage.put("kept/a", b"old")
    server.behave(full=True)

    with pytest.raises(AppError, match="storage_full"):
        storage.put("kept/a", b"new")
    assert storage.check() == "full"
    assert storage.read("kept/a") == b"old"


def test_files_lie_under_the_prefix_and_a_check_leaves_nothing(server: S3Server, bucket: Bucket, tmp_path: Path):
    for prefix in ("", "team/pro"):
        storage = S3Storage(bucket._replace(prefix=prefix), tmp_path / "files", min_free_bytes=0)
        storage.put("results/a.png", b"x")
        assert storage.check() == "ok"

    assert server.keys(bucket.name) == ["results/a.png", "team/pro/results/a.png"]


def test_a_file_stays_here_until_the_store_has_it(bucket: Bucket, tmp_path: Path):
    away = S3Storage(
        bucket._replace(endpoint=f"http://127.0.0.1:{free_port()}"), tmp_path / "files", min_free_bytes=0, timeout_s=1.0
    )
    got = away.receive(io.BytesIO(b"picture"), limit_bytes=9, name="a")

    with pytest.raises(AppError, match="storage_unavailable"):
        away.adopt(got.path, "uploads/a")

    assert got.path.read_bytes() == b"picture"


# reading on


def test_reading_goes_on_where_the_connection_broke(server: S3Server, storage: S3Storage):
    data = os.urandom(3 * MIB)
    storage.put("results/a.png", data)
    server.behave(cuts=[0, 1000, MIB])

    with storage.open("results/a.png").file as file:
        pieces = []
        while piece := file.read(100_000):
            pieces.append(piece)

    assert b"".join(pieces) == data


def test_a_connection_that_breaks_again_and_again_is_given_up(server: S3Server, storage: S3Storage):
    storage.put("results/a.png", bytes(MIB))
    server.behave(cuts=[10] * 9)

    with pytest.raises(AppError, match="storage_unavailable"):
        storage.read("results/a.png")


def test_another_file_is_not_read_on_in_the_place_of_the_first(server: S3Server, storage: S3Storage):
    storage.put("results/a.png", bytes(MIB))
    server.behave(cuts=[300_000])

    with storage.open("results/a.png").file as file:
        file.read(100)
        storage.put("results/a.png", b"\1" * MIB)
        with pytest.raises(AppError, match="storage_unavailable"):
            b"".join(iter(lambda: file.read(MIB), b""))


def test_a_zip_of_many_files_is_streamed_in_little_memory(storage: S3Storage):
    data = os.urandom(2 * MIB)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: storage.put(f"results/{n}.png", data), range(30)))
    entries = (Entry(f"{n}.png", storage.open(f"results/{n}.png")) for n in range(30))
    size, zipped = 0, []
    tracemalloc.start()
    try:
        for chunk in stream_zip(entries):
            size += len(chunk)
            zipped.append(chunk) if size < 5 * MIB else None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size > 60 * MIB
    assert peak < 12 * MIB
    assert data in b"".join(zipped)


def test_the_zip_of_the_store_is_whole(storage: S3Storage):
    storage.put("results/a.png", b"picture")

    with zipfile.ZipFile(io.BytesIO(b"".join(stream_zip([Entry("a.png", storage.open("results/a.png"))])))) as made:
        assert made.testzip() is None
        assert made.read("a.png") == b"picture"


# signed addresses


def test_a_signed_address_gives_this_file_and_says_what_it_is(storage: S3Storage):
    storage.put("results/a.png", b"picture")

    seen = requests.get(storage.serve("results/a.png", mime="image/png").url, timeout=5)
    saved = requests.get(storage.serve("results/a.png", mime="image/png", name="猫.png").url, timeout=5)

    assert (seen.content, saved.content) == (b"picture", b"picture")
    assert seen.headers["Content-Type"] == "image/png"
    assert seen.headers["Content-Disposition"] == "inline"
    assert seen.headers["Cache-Control"].startswith("private")
    assert saved.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E7%8C%AB.png"


def test_a_signed_address_is_short_lived_and_holds_no_secret(bucket: Bucket, tmp_path: Path):
    storage = S3Storage(bucket._replace(link_s=120), tmp_path / "files", min_free_bytes=0)
    storage.put("results/a.png", b"picture")

    served = storage.serve("results/a.png", mime="image/png")

    query = parse_qs(urlsplit(served.url).query)
    assert (query["X-Amz-Expires"], query["X-Amz-Algorithm"]) == (["120"], ["AWS4-HMAC-SHA256"])
    assert query["X-Amz-Credential"][0].startswith(bucket.access_key + "/")
    assert served.url_s == 120
    assert bucket.secret_key not in served.url


def test_an_address_that_is_too_old_changed_or_of_another_file_is_refused(bucket: Bucket, tmp_path: Path):
    storage = S3Storage(bucket._replace(link_s=1), tmp_path / "files", min_free_bytes=0)
    storage.put("results/a.png", b"picture")
    storage.put("results/b.png", b"secret")
    url = storage.serve("results/a.png", mime="image/png").url

    changed = [url.replace("Expires=1&", "Expires=9999&"), url.replace("a.png", "b.png"), url.partition("?")[0]]
    assert [requests.get(one, timeout=5).status_code for one in changed] == [403, 403, 403]
    assert requests.delete(url, timeout=5).status_code == 403
    while requests.get(url, timeout=5).status_code == 200:
        threading.Event().wait(0.05)
    assert "AccessDenied" in requests.get(url, timeout=5).text


def test_addresses_are_those_that_browsers_reach(bucket: Bucket, tmp_path: Path):
    def made(**more: object) -> S3Storage:
        return S3Storage(bucket._replace(**more), tmp_path / "files", min_free_bytes=0)  # type: ignore[arg-type]

    public = made(public="https://pictures.example.com")
    public.put("results/a.png", b"picture")

    assert public.serve("results/a.png", mime="image/png").url.startswith(
        f"https://pictures.example.com/{bucket.name}/pro/results/a.png?"
    )
    assert public.origin == "https://pictures.example.com"
    assert made().origin == bucket.endpoint
    assert made(addressing="virtual", public="https://s3.example.com").origin == f"https://{bucket.name}.s3.example.com"
    assert made(endpoint="", region="us-east-1").origin == f"https://{bucket.name}.s3.us-east-1.amazonaws.com"
    assert made(endpoint="", region="eu-central-1").origin == f"https://{bucket.name}.s3.eu-central-1.amazonaws.com"


def test_without_addresses_the_file_itself_is_served(bucket: Bucket, tmp_path: Path):
    storage = S3Storage(bucket._replace(link_s=0), tmp_path / "files", min_free_bytes=0)
    storage.put("results/a.png", b"picture")

    served = storage.serve("results/a.png", mime="image/png")

    assert (served.url, storage.origin) == ("", "")
    assert served.opened is not None
    with served.opened.file as file:
        assert (file.read(), served.opened.size) == (b"picture", 7)
