"""As a newcomer does it: clone, `make run`, twenty photos, one zip."""

import csv
import io
import json
import os
import signal
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests.conftest import BACKEND, free_port, need
from tests.photos import twenty
from tests.stack import Stack

ROOT = BACKEND.parent


class Run(Stack):
    """`make run` in a clone, spoken to like the stack of the other tests."""

    def __init__(self, clone: Path) -> None:
        self.folder, self.port = clone, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = requests.Session()
        self.http.headers["Accept-Language"] = "en"
        kept = {n: v for n, v in os.environ.items() if n not in ("VIRTUAL_ENV", "REDIS_URL", "MAKEFLAGS", "MAKELEVEL")}
        self._env = kept | {"PORT": str(self.port), "VAR_DIR": str(clone / "var2"), "DEMO_LATENCY_SECONDS": "0.3"}

    def make_run(self) -> str:
        """Start it; the one line that it prints."""
        self._make = subprocess.Popen(
            ["make", "run"], cwd=self.folder, env=self._env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        assert self._make.stdout is not None
        limit = threading.Timer(420, self._make.kill)  # only ends a run that has hung
        limit.start()
        line = self._make.stdout.readline()
        limit.cancel()
        return line

    def interrupt(self) -> int:
        """Ctrl-C, as a terminal sends it: to the whole group. The exit status."""
        os.killpg(self._make.pid, signal.SIGINT)
        with self._make as ended:  # closes what it printed
            return ended.wait(120)

    def end(self) -> None:
        if self._make.poll() is None:
            self.interrupt()
        self.http.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    need("git history", (ROOT / ".git").exists())
    clone = tmp_path_factory.mktemp("clone") / "batchgen"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    started = Run(clone)
    line = started.make_run()
    assert line.startswith(f"BatchGen Pro is running: {started.url}"), line
    yield started
    started.end()


@pytest.mark.timeout(600)
def test_twenty_photos_become_one_zip_that_agrees_with_the_api(run: Run):
    photos = twenty()
    uploads = [run.upload(photo.name, photo.data) for photo in photos]
    assert [(u["width"], u["height"]) for u in uploads] == [photo.size for photo in photos]

    body = {"prompt": "paint it at night", "items": [{"upload_id": u["id"]} for u in uploads]}
    batch = run.post("/api/batches", body)["id"]
    assert run.until_done(batch)["succeeded"] == 20

    items = run.items(batch)
    answer = run.http.get(f"{run.url}/api/batches/{batch}/archive")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
        told: list[dict[str, Any]] = json.loads(archive.read("manifest.json"))["items"]
        pictures = {name: archive.read(name) for name in names if not name.startswith("manifest.")}

    assert len(pictures) == 20
    assert [Path(row["file"]).stem for row in rows[:16]] == [Path(photo.name).stem for photo in photos[:16]]
    assert [row["file"] for row in rows[16:18]] == ["IMG_1.jpg", "IMG_1 (2).jpg"]
    for photo, item, row, said in zip(photos, items, rows, told, strict=True):
        assert row["source"] == item["name"] == photo.name
        assert (row["state"], row["item_id"]) == (said["state"], said["item_id"]) == ("succeeded", item["id"])
        assert (int(row["width"]), int(row["height"]), int(row["bytes"])) == (
            item["result"]["width"], item["result"]["height"], len(pictures[row["file"]]),
        )  # fmt: skip
        with Image.open(io.BytesIO(pictures[row["file"]])) as picture:
            assert abs(picture.width / picture.height / (photo.size[0] / photo.size[1]) - 1) < 0.03
    assert len({bytes(data) for data in pictures.values()}) == 20


def test_the_page_is_served_and_its_parts_are_kept_for_ever(run: Run):
    page = run.http.get(run.url)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Cache-Control"] == "no-cache"
    script = next(part for part in page.text.split('"') if part.startswith("/assets/") and part.endswith(".js"))
    assert "immutable" in run.http.get(run.url + script).headers["Cache-Control"]
    assert run.http.get(f"{run.url}/batches/bx").text == page.text
    assert run.http.get(f"{run.url}/assets/nothing.js").status_code == 404


def test_the_seed_s_one_shot_call_answers_to_the_letter(run: Run):
    photo = twenty()[0]
    answer = run.http.post(
        f"{run.url}/api/generate", files={"file": (photo.name, photo.data)}, data={"prompt": "in the rain"}, timeout=60
    )

    told = answer.json()
    assert answer.status_code == 200
    assert set(told) == {"success", "description", "generated_image_url", "item_id"}
    assert told["success"] is True
    assert told["generated_image_url"].startswith("/static/results/generated_")
    picture = run.http.get(run.url + told["generated_image_url"])
    with Image.open(io.BytesIO(picture.content)) as image:
        image.load()


def test_ctrl_c_stops_everything_and_a_second_run_has_all_it_had(run: Run):
    batches = run.get("/api/batches")["total"]
    assert run.interrupt() in (0, 130, 2, -signal.SIGINT)  # make may end by the signal, its child first
    with pytest.raises(requests.ConnectionError):
        run.http.get(run.url, timeout=2)
    assert not _processes_in(run.folder)

    assert run.make_run().startswith("BatchGen Pro is running")

    assert run.get("/api/batches")["total"] == batches


def _processes_in(folder: Path) -> list[str]:
    """Processes whose working folder is below `folder`."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if (one / "cwd").readlink().is_relative_to(folder):
                found.append((one / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
