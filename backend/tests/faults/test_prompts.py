"""Prompts with variables on the real stack: from a table of values to the words in the manifest."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from tests.fakes import sheets
from tests.photos import twenty
from tests.stack import Stack

ROWS = [["file", "颜色", "mood"], ["IMG_1.JPG", "红", "calm"], ["shoe", "蓝", "loud"]]


def read(stack: Stack, data: bytes) -> Any:
    answer = stack.http.post(f"{stack.url}/api/prompts/table", files={"file": ("t", data)}, timeout=60)
    answer.raise_for_status()
    return answer.json()


def manifest(stack: Stack, batch: str) -> list[dict[str, str]]:
    archive = zipfile.ZipFile(io.BytesIO(stack.http.get(f"{stack.url}/api/batches/{batch}/archive").content))
    assert [row["prompt"] for row in json.loads(archive.read("manifest.json"))["items"]]
    return list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "data",
    ["\r\n".join(",".join(row) for row in ROWS).encode("gb18030"), sheets.xlsx(ROWS)],
    ids=["csv of a Chinese Excel", "xlsx"],
)
def test_a_table_gives_every_picture_its_own_words(stack: Stack, data: bytes):
    table = read(stack, data)
    photo = stack.upload("IMG_1.JPG", twenty()[0].data)
    items = [
        {"name": row[table["file_column"]], "variables": dict(zip(table["columns"], row, strict=True))}
        for row in table["rows"]
    ]
    items[0]["upload_id"] = photo["id"]
    prompt = "{filename}: {颜色} {{mood}} {mood}"
    shown = stack.post("/api/prompts/preview", {"prompt": prompt, "items": items})
    words = ["IMG_1: 红 {mood} calm", "shoe: 蓝 {mood} loud"]
    assert [item["prompt"] for item in shown["items"]] == words

    batch = stack.post("/api/batches", {"prompt": prompt, "items": items})["id"]

    assert stack.until_done(batch)["succeeded"] == 2
    assert [item["prompt"] for item in stack.items(batch)] == words
    assert [(row["file"].rpartition(".")[0], row["prompt"]) for row in manifest(stack, batch)] == [
        ("IMG_1", words[0]), ("shoe", words[1]),
    ]  # fmt: skip


def test_what_failed_by_its_value_runs_again_with_another_template(stack: Stack):
    items = [{"variables": {"word": "[fail:blocked]", "colour": "red"}}, {"variables": {"word": "x", "colour": "blue"}}]
    batch = stack.post("/api/batches", {"prompt": "{colour} {word}", "items": items})["id"]
    assert stack.until_done(batch) | {"total": 0} == {
        "total": 0, "queued": 0, "waiting": 0, "running": 0, "succeeded": 1, "failed": 1, "cancelled": 0,
    }  # fmt: skip

    stack.post(f"/api/batches/{batch}/retry", {"categories": ["blocked"], "prompt": "a {colour} of {filename}"})

    assert stack.until_done(batch)["succeeded"] == 2
    assert [row["prompt"] for row in manifest(stack, batch)] == ["a red of image-1", "blue x"]


def test_the_one_shot_call_fills_in_the_file_s_name(stack: Stack):
    form = {"prompt": "a {filename}"}
    answer = stack.http.post(f"{stack.url}/api/generate", files={"file": ("cat.jpg", twenty()[0].data)}, data=form)

    assert stack.get(f"/api/items/{answer.json()['item_id']}")["prompt"] == "a cat"
