"""Answers that are pictures, but not what was asked for: on the real stack, with the real wire format."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.conftest import RedisServer
from tests.fakes import images
from tests.fakes.gemini_server import GeminiServer
from tests.photos import twenty
from tests.stack import KEYS, Stack, Stream, running

PRICE = 33_600  # of the default model
PHOTO = twenty()[0]  # 480 x 640


def given() -> dict[str, bytes]:
    with Image.open(io.BytesIO(PHOTO.data)) as photo:
        again = images.encode(photo.resize((720, 960)), "jpeg", quality=70)
    return {
        "white": images.encode(Image.new("RGB", (1024, 1024), "white"), "png"),
        "glass": images.encode(Image.new("RGBA", (1024, 1024)), "webp"),
        "input": again,
        "wide": images.encode(images.photo(1024, 512), "png"),
        "tiny": images.encode(images.photo(200, 200), "png"),
        "sound": images.encode(images.photo(1024, 1024, seed=5), "jpeg"),
        "upright": images.encode(images.photo(768, 1024, seed=5), "jpeg"),
        "page": b"<html>not a picture</html>",
    }


@pytest.fixture(scope="module")
def fake() -> Iterator[GeminiServer]:
    with GeminiServer(keys=[KEYS["gemini"]]) as server:
        server.given = given()
        yield server


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer, fake: GeminiServer) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("answers")
    with running(folder, own_redis, GEMINI_API_KEY=KEYS["gemini"], GEMINI_BASE_URL=fake.url) as stack:
        yield stack


def one(stack: Stack, fake: GeminiServer, *plan: str, ratio: str | None = "1:1", photo: bool = False) -> Any:
    """One item whose calls are answered by `plan`, to its end."""
    fake.plan = [f"given:{name}" for name in plan]
    fake.calls.clear()
    items = [{"upload_id": stack.upload(PHOTO.name, PHOTO.data)["id"]}] if photo else [{"name": "one"}]
    options = {} if ratio is None else {"aspect_ratio": ratio}
    body = {"prompt": "p", "provider": "gemini", "items": items, "options": options}
    batch = stack.post("/api/batches", body)["id"]
    stack.until_done(batch)
    return stack.items(batch)[0]


def again(stack: Stack, item: Any) -> Any:
    stack.post(f"/api/items/{item['id']}/retry", {})
    stack.until_done(item["batch_id"])
    return stack.items(item["batch_id"])[0]


def picture(stack: Stack, path: str) -> bytes:
    answer = stack.http.get(stack.url + path, timeout=30)
    answer.raise_for_status()
    return answer.content


def zipped(stack: Stack, batch: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(picture(stack, f"/api/batches/{batch}/archive")))


def files(stack: Stack) -> set[str]:
    root = stack.folder / "var" / "files"
    return {str(p.relative_to(root)) for room in ("results", "thumbnails", "kept") for p in root.glob(f"{room}/*")}


def refusal(stack: Stack, path: str) -> tuple[int, str]:
    answer = stack.http.post(stack.url + path)
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize(
    ("name", "more", "flags"),
    [
        ("white", {}, ["blank"]),
        ("glass", {}, ["blank"]),
        ("input", {"photo": True, "ratio": None}, ["unchanged"]),
        ("wide", {}, ["ratio"]),
        ("tiny", {}, ["small"]),
        ("tiny", {"ratio": "16:9"}, ["ratio", "small"]),
    ],
)
def test_such_a_picture_is_kept_marked_charged_once_and_not_asked_for_again(
    paid: Stack, fake: GeminiServer, name: str, more: dict[str, Any], flags: list[str]
):
    item = one(paid, fake, name, **more)

    assert (item["state"], item["error"]["category"]) == ("failed", "bad_output")
    assert item["error"]["code"] == f"bad_output_{flags[0]}"
    assert item["error"]["retryable"] is True
    assert item["result"]["flags"] == flags
    assert (item["cost_micros"], item["possibly_paid"], item["attempts"]) == (PRICE, False, 1)
    assert picture(paid, item["result"]["url"]) == fake.given[name]
    assert picture(paid, item["result"]["thumbnail_url"])[8:12] == b"WEBP"
    assert len(fake.log()) == 1
    assert paid.get(f"/api/batches/{item['batch_id']}")["cost"]["settled_micros"] == PRICE


def test_what_is_as_asked_has_no_flags(paid: Stack, fake: GeminiServer):
    item = one(paid, fake, "upright", photo=True, ratio=None)

    assert (item["state"], item["result"]["flags"]) == ("succeeded", [])


def test_what_is_no_picture_at_all_is_not_kept(paid: Stack, fake: GeminiServer):
    item = one(paid, fake, "page")

    assert (item["state"], item["error"]["code"], item["result"]) == ("failed", "bad_output", None)
    assert refusal(paid, f"/api/items/{item['id']}/accept") == (409, "nothing_to_accept")
    assert refusal(paid, f"/api/batches/{item['batch_id']}/accept") == (409, "nothing_to_accept")
    assert not any(item["id"] in name for name in files(paid))


def test_an_accepted_picture_is_a_success_in_the_zip_for_no_more_money(paid: Stack, fake: GeminiServer):
    item = one(paid, fake, "white")
    batch = item["batch_id"]
    assert refusal(paid, f"/api/batches/b{'0' * 20}/accept") == (404, "not_found")
    before = paid.get(f"/api/batches/{batch}")

    accepted = paid.post(f"/api/items/{item['id']}/accept")

    after = paid.get(f"/api/batches/{batch}")
    assert (accepted["state"], accepted["error"], accepted["result"]) == ("succeeded", None, item["result"])
    assert (after["cost"], after["finished_at"]) == (before["cost"], before["finished_at"])
    assert (after["counts"]["succeeded"], after["counts"]["failed"]) == (1, 0)
    with zipped(paid, batch) as archive:
        assert archive.read("one.png") == fake.given["white"]
        assert "blank" in archive.read("manifest.csv").decode("utf-8-sig").splitlines()[1]
    assert len(fake.log()) == 1
    assert refusal(paid, f"/api/items/{item['id']}/accept") == (409, "wrong_state")


def test_a_zip_leaves_out_what_nobody_accepted_and_the_batch_s_word_takes_all(paid: Stack, fake: GeminiServer):
    fake.plan = lambda call: f"given:{call.prompt}"
    items = [{"prompt": name, "name": name} for name in ("sound", "white", "tiny", "page")]
    batch = paid.post("/api/batches", {"prompt": "p", "provider": "gemini", "items": items})["id"]
    paid.until_done(batch)
    with zipped(paid, batch) as archive:
        assert archive.namelist() == ["sound.jpg", "manifest.csv", "manifest.json"]
        rows = archive.read("manifest.csv").decode("utf-8-sig").splitlines()
        assert "flags" in rows[0].split(",")

    counts = paid.post(f"/api/batches/{batch}/accept")["counts"]

    assert (counts["succeeded"], counts["failed"]) == (3, 1)
    with zipped(paid, batch) as archive:
        assert archive.namelist() == ["sound.jpg", "white.png", "tiny.png", "manifest.csv", "manifest.json"]


def test_a_retry_is_paid_again_and_its_picture_replaces_the_marked_one(paid: Stack, fake: GeminiServer):
    item = one(paid, fake, "white", "tiny", "sound")
    marked = item["result"]

    second = again(paid, item)
    assert (second["result"]["flags"], second["cost_micros"]) == (["small"], 2 * PRICE)
    assert second["result"]["url"] != marked["url"]
    third = again(paid, item)

    assert (third["state"], third["error"], third["result"]["flags"]) == ("succeeded", None, [])
    assert (third["cost_micros"], len(fake.log())) == (3 * PRICE, 3)
    assert picture(paid, third["result"]["url"]) == fake.given["sound"]
    log = paid.get(f"/api/items/{item['id']}")["attempt_log"]
    assert [a["outcome"] for a in log] == ["bad_output_blank", "bad_output_small", "succeeded"]
    left = {name for name in files(paid) if item["id"] in name}
    assert left == {f"results/generated_{item['id']}.jpg", f"thumbnails/{item['id']}.webp"}


def test_a_retry_that_fails_keeps_the_marked_picture_for_a_later_word(paid: Stack, fake: GeminiServer):
    item = one(paid, fake, "white", "page")

    failed = again(paid, item)

    assert (failed["state"], failed["error"]["code"]) == ("failed", "bad_output")
    assert failed["result"] == item["result"]
    assert paid.post(f"/api/items/{item['id']}/accept")["state"] == "succeeded"
    assert picture(paid, item["result"]["url"]) == fake.given["white"]


def test_a_deleted_batch_leaves_no_marked_picture_behind(paid: Stack, fake: GeminiServer):
    item = again(paid, one(paid, fake, "white", "glass"))
    assert any(item["id"] in name for name in files(paid))

    paid.http.delete(f"{paid.url}/api/batches/{item['batch_id']}").raise_for_status()

    assert not any(item["id"] in name for name in files(paid))
    assert paid.http.get(paid.url + item["result"]["url"]).status_code == 404


def test_who_watches_is_told_of_the_picture_and_of_the_word(paid: Stack, fake: GeminiServer):
    item = one(paid, fake, "white")
    stream = Stream(f"{paid.url}/api/batches/{item['batch_id']}/events?lang=en")
    try:
        paid.post(f"/api/items/{item['id']}/accept")
        told = next(data for _, name, data in iter(stream.take, None) if name == "item")
    finally:
        stream.close()

    assert (told["state"], told["result"]) == ("succeeded", item["result"])


@pytest.mark.parametrize(("how", "photo"), [("blank", False), ("unchanged", True), ("ratio", False), ("small", False)])
def test_the_demo_can_be_asked_for_each(paid: Stack, how: str, photo: bool):
    upload = [{"upload_id": paid.upload(PHOTO.name, PHOTO.data)["id"]}] if photo else [{}]
    body: dict[str, Any] = {"prompt": f"a fox [fail:{how}]", "provider": "demo", "items": upload}
    if how == "ratio":
        body["options"] = {"aspect_ratio": "16:9"}
    batch = paid.post("/api/batches", body)["id"]
    paid.until_done(batch)

    assert how in paid.items(batch)[0]["result"]["flags"]


def test_what_the_demo_paints_from_any_photo_has_no_flags(paid: Stack):
    uploads = [paid.upload(photo.name, photo.data)["id"] for photo in twenty()]
    body = {"prompt": "in another light", "provider": "demo", "items": [{"upload_id": u} for u in uploads]}
    batch = paid.post("/api/batches", body)["id"]

    assert paid.until_done(batch)["succeeded"] == len(set(uploads))


def test_the_one_shot_call_tells_what_is_wrong(paid: Stack):
    files = {"file": (PHOTO.name, PHOTO.data)}
    form = {"prompt": "[fail:unchanged]", "provider": "demo"}

    answer = paid.http.post(f"{paid.url}/api/generate", files=files, data=form)

    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "bad_output_unchanged")
    assert "unchanged" in answer.json()["error"]["message"]
