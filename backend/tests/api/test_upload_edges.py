"""Uploads as strangers send them, over the whole way: what is taken, under which name, and how it is served."""

import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.domain.models import User
from batchgen.store.connection import Client
from tests.api.test_bad_input import leftovers, png, told, upload
from tests.fakes import bombs, images

MIME = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heif": "image/heif", "avif": "image/avif",
        "bmp": "image/bmp", "tiff": "image/tiff", "gif": "image/gif"}  # fmt: skip
ANN, BEN = User("ann", "Ann"), User("ben", "Ben")


def sent(client: FlaskClient, disposition: bytes, data: bytes, kind: bytes = b"image/jpeg") -> Any:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; ' + disposition + b"\r\nContent-Type: " + kind
    body = head + b"\r\n\r\n" + data + b"\r\n--x--\r\n"
    return client.post("/api/uploads", data=body, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize("format_", images.FORMATS)
@pytest.mark.parametrize("name", [b'filename="a.txt"', b'filename="cat.pic"', b'filename="x.php.jpg"'])
def test_the_content_says_what_it_is_whatever_name_and_type_say(client: FlaskClient, format_: str, name: bytes):
    answer = sent(client, name, images.sound(format_), b"text/html")
    made = answer.get_json()

    assert (answer.status_code, made["format"]) == (201, format_)
    served = client.get(made["url"], buffered=True)
    assert served.mimetype == MIME[format_]
    assert served.data == images.sound(format_)


@pytest.mark.parametrize("kind", bombs.strangers())
@pytest.mark.parametrize("claim", [b"image/jpeg", b"image/svg+xml"])
def test_what_is_no_picture_is_refused_under_any_name(client: FlaskClient, kind: str, claim: bytes):
    answer = sent(client, b'filename="cat.jpg"', bombs.strangers()[kind], claim)

    assert told(answer)[:2] == (415, "unsupported_format")


@pytest.mark.parametrize("kind", images.polyglots())
def test_a_picture_that_is_something_else_too_is_served_as_the_picture_only(client: FlaskClient, kind: str):
    made = sent(client, b'filename="a.html"', images.polyglots()[kind]).get_json()
    original, thumbnail = (client.get(made[name], buffered=True) for name in ("url", "thumbnail_url"))

    assert original.mimetype == MIME[kind.split()[0]]
    for answer in (original, thumbnail):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"].startswith("private")
    assert b"script" not in thumbnail.data
    assert b"<?php" not in thumbnail.data


NAMES: dict[str, tuple[bytes, str]] = {
    "a path up": (b'filename="../../../etc/passwd"', "passwd"),
    "a path of Windows": (rb'filename="C:\\Users\\me\\cat.png"', "cat.png"),
    "NUL": (b'filename="a\x00.png"', "a.png"),
    "a bidi override": ('filename="gnp\u202e.exe.png"'.encode(), "gnp.exe.png"),
    "300 characters": (b'filename="' + b"n" * 300 + b'.png"', "n" * 196 + ".png"),
    "a device": (b'filename="CON"', "CON"),
    "a tag": (b'filename="<img src=x onerror=alert(1)>.png"', "<img src=x onerror=alert(1)>.png"),
    "empty": (b'filename=""', "image"),
    "dots": (b'filename=".."', "image"),
    "another normal form": ('filename="e\u0301.png"'.encode(), "\u00e9.png"),
    "a line break by RFC 5987": (b"filename*=UTF-8''a%0D%0AX-Evil%3A%201.png", "aX-Evil: 1.png"),
    "emoji": ('filename="猫🐱.png"'.encode(), "猫🐱.png"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_is_a_label_and_never_a_path(client: FlaskClient, var: Path, case: str):
    disposition, label = NAMES[case]
    answer = sent(client, disposition, png())

    if case == "empty":  # a browser's way of saying that no file was chosen
        assert answer.status_code in (201, 422)
        return
    made = answer.get_json()
    assert answer.status_code == 201, made
    assert made["filename"] == label
    assert made["url"] == f"/static/uploads/{made['id']}.png"
    assert {p.parent.name for p in var.rglob("*") if p.is_file()} <= {"uploads", "thumbnails"}


@pytest.mark.parametrize(
    ("chunk", "size"), [(b"tEST", 100), (b"teSt", 500_000), (b"zzzz", 0), (b"prVt", 1)]
)  # fmt: skip
def test_a_png_s_unknown_harmless_chunk_is_accepted(client: FlaskClient, chunk: bytes, size: int):
    rows = bytes(1 + 3 * 4) * 4
    data = images.png(4, 4, rows, before=images.png_chunk(chunk, b"x" * size))

    assert sent(client, b'filename="a.png"', data).status_code == 201


def test_equal_bytes_of_two_people_are_two_uploads_and_the_bytes_go_with_the_last(
    client: FlaskClient, var: Path, monkeypatch: pytest.MonkeyPatch
):
    def as_(user: User) -> FlaskClient:
        monkeypatch.setattr("batchgen.api.uploads.current_user", lambda: user)
        return client

    first, second = upload(as_(ANN), "ann's.png"), upload(as_(BEN), "ben's.png")
    blob = next((var / "files" / "uploads").iterdir())

    assert (first.status_code, second.status_code) == (201, 201)  # a 200 would say that somebody has them
    assert first.get_json()["id"] != second.get_json()["id"]
    assert (first.get_json()["filename"], second.get_json()["filename"]) == ("ann's.png", "ben's.png")
    assert as_(BEN).delete(f"/api/uploads/{first.get_json()['id']}").status_code == 404
    assert as_(ANN).delete(f"/api/uploads/{first.get_json()['id']}").status_code == 204
    assert blob.exists()
    assert as_(BEN).delete(f"/api/uploads/{second.get_json()['id']}").status_code == 204
    assert not blob.exists()


def test_ten_threads_that_send_the_same_bytes_get_one_upload(client: FlaskClient, redis: Client, var: Path):
    ids: list[str] = []
    app = client.application

    def send() -> None:
        ids.append(upload(app.test_client()).get_json()["id"])

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(ids)) == 1
    assert len(list((var / "files" / "uploads").iterdir())) == 1
    assert len(list((var / "files" / "thumbnails").iterdir())) == 1
    client.delete(f"/api/uploads/{ids[0]}")
    assert leftovers(redis, var) == ([], [])
