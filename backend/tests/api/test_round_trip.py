"""Out as a zip and in again: folders, names by a pattern, and words that strangers do not get."""

import csv
import io
import zipfile
from typing import Any

from batchgen.media.inscription import Words, inscribed
from tests.api.house import ANN, House
from tests.api.test_bad_input import png, told


def archive(house: House, batch: str) -> zipfile.ZipFile:
    answer = house.as_(ANN).get(f"/api/batches/{batch}/archive", buffered=True)
    return zipfile.ZipFile(io.BytesIO(answer.data))


def names_of(house: House, batch: str) -> list[str]:
    return [name for name in archive(house, batch).namelist() if not name.startswith("manifest")]


def done(house: House, **more: object) -> str:
    batch = house.done(ANN, **more)
    house.as_(ANN).post(f"/api/items/{batch}-1/accept")
    return batch


def test_the_folders_of_the_sources_are_those_of_the_zip_and_the_manifest(house: House):
    items = [{"name": "front.jpg", "folder": "shoes/red"}, {"name": "front.jpg", "folder": "../shoes/blue"}]
    batch = done(house, items=items)

    table = csv.DictReader(io.StringIO(archive(house, batch).read("manifest.csv").decode("utf-8-sig")))

    assert names_of(house, batch) == ["shoes/red/front.png", "shoes/blue/front.png"]
    assert [(row["folder"], row["source"], row["file"]) for row in table] == [
        ("shoes/red", "front.jpg", "shoes/red/front.png"), ("shoes/blue", "front.jpg", "shoes/blue/front.png"),
    ]  # fmt: skip
    item = house.as_(ANN).get(f"/api/items/{batch}-1").get_json()
    assert (item["name"], item["folder"]) == ("front.jpg", "shoes/blue")


def test_a_pattern_names_the_files_and_is_told_by_the_batch(house: House):
    items = [{"name": "a.jpg", "variables": {"colour": "red"}}, {"name": "b.jpg", "variables": {"colour": "b/lue"}}]
    body = {"prompt": "{colour} shoe", "name": "Spring", "filename_pattern": "{colour}/{batch}-{n}-{name}-{model}"}
    batch = done(house, items=items, **body)

    assert names_of(house, batch) == ["red/Spring-1-a-demo-paint.png", "b_lue/Spring-2-b-demo-paint.png"]
    assert house.as_(ANN).get(f"/api/batches/{batch}").get_json()["filename_pattern"] == body["filename_pattern"]


def test_variants_are_told_apart(house: House):
    batch = done(house, items=[{"name": "a.jpg"}], variants=2, filename_pattern="{name}_v{variant}")

    assert names_of(house, batch) == ["a_v1.png", "a_v2.png"]


def test_a_pattern_with_what_means_nothing_is_refused(house: House):
    body = {"prompt": "p", "items": [{}], "filename_pattern": "{size}"}

    assert told(house.as_(ANN).post("/api/batches", json=body))[:2] == (422, "filename_pattern_unknown")


def test_names_are_shown_before_anything_is_made(house: House):
    items = [{"name": "a.jpg", "folder": "x"}, {"name": "a.png", "folder": "x"}, {"variables": {"colour": "red"}}]
    asked = {"filename_pattern": "{n}{colour}{size}", "items": items, "total": 60, "variants": 2, "format": "jpeg"}

    def look(**more: Any) -> Any:
        return house.as_(ANN).post("/api/prompts/filenames", json=asked | more).get_json()

    assert look() == {"names": ["x/01.jpg", "x/03.jpg", "05red.jpg"], "unknown": ["size"]}
    assert look(filename_pattern="")["names"] == ["x/a.jpg", "x/a (2).jpg", "image-3.jpg"]


def test_the_holder_of_a_link_gets_the_picture_without_the_words(house: House):
    batch = house.done(ANN)
    where = f"results/generated_{batch}-0.png"
    house.parts.storage.put(where, inscribed(png("green"), Words("a secret prompt", "m", 0, False)))
    stranger = house.stranger(house.link(batch)[1])

    own = house.as_(ANN).get(f"/static/{where}", buffered=True)
    seen = stranger.get(f"/static/{where}", buffered=True)
    zipped = stranger.get(f"/api/shared/batches/{batch}/archive", buffered=True)

    assert b"secret" in own.data
    assert seen.data == png("green")
    assert zipfile.ZipFile(io.BytesIO(zipped.data)).read("image-1.png") == png("green")
    again = stranger.get(f"/static/{where}", headers={"If-None-Match": seen.headers["ETag"]}, buffered=True)
    assert again.status_code == 304
