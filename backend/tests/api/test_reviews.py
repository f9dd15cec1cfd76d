"""Reviewing over HTTP: decisions, zips and links of what was approved, a picture made once more."""

import csv
import io
import zipfile
from typing import Any

import pytest

from tests.api.house import ANN, House
from tests.api.test_bad_input import told as told_with_fields


def told(answer: Any) -> tuple[int, str]:
    status, code, *_ = told_with_fields(answer)
    return int(status), str(code)


def post(house: House, path: str, body: object = None) -> Any:
    return house.as_(ANN).post(path, json={} if body is None else body)


def all_done(house: House, **more: object) -> str:
    """Both pictures of it succeeded, the second one with a flag."""
    batch = house.done(ANN, **more)
    assert post(house, f"/api/items/{batch}-1/accept").status_code == 200
    return batch


def rows_of(answer: Any) -> tuple[list[str], list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        table = csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig")))
        return [name for name in archive.namelist() if not name.startswith("manifest")], list(table)


def test_a_decision_is_told_by_the_item_the_batch_and_the_list(house: House):
    batch = all_done(house)

    said = post(house, f"/api/items/{batch}-0/review", {"decision": "approved"}).get_json()

    client = house.as_(ANN)
    assert (said["review"], said["earlier"]) == ("approved", [])
    assert client.get(f"/api/batches/{batch}").get_json()["review"] == {"approved": 1, "rejected": 0, "undecided": 1}
    page = client.get(f"/api/batches/{batch}/items?review=none").get_json()
    assert ([one["index"] for one in page["items"]], page["total"]) == ([1], 1)
    post(house, f"/api/items/{batch}-0/review", {"decision": "none"})
    assert client.get(f"/api/batches/{batch}").get_json()["review"]["undecided"] == 2


def test_many_are_decided_at_once(house: House):
    batch = all_done(house)
    decisions = [{"item_id": f"{batch}-{n}", "decision": word} for n, word in enumerate(["approved", "rejected"])]

    answer = post(house, f"/api/batches/{batch}/review", {"decisions": decisions})

    assert answer.get_json()["review"] == {"approved": 1, "rejected": 1, "undecided": 0}


def test_what_cannot_be_decided_on_is_refused(house: House):
    batch, other = house.done(ANN), house.done(ANN)
    yes = {"decision": "approved"}

    assert told(post(house, f"/api/items/{batch}-1/review", yes)) == (409, "wrong_state")
    assert told(post(house, f"/api/items/{batch}-7/review", yes)) == (404, "not_found")
    assert told(post(house, f"/api/items/{batch}-0/review", {"decision": "maybe"}))[0] == 422
    for item, says in (
        (f"{batch}-1", (409, "nothing_to_review")), (f"{other}-0", (422, "field_invalid")),
        (f"{batch}-99", (422, "field_invalid")), ("x", (422, "field_invalid")),
    ):  # fmt: skip
        assert told(post(house, f"/api/batches/{batch}/review", {"decisions": [yes | {"item_id": item}]})) == says
    assert told(post(house, f"/api/batches/{batch}/review", {"decisions": []}))[0] == 422


def test_the_zip_of_the_approved_has_these_and_everybody_s_decision(house: House):
    batch = all_done(house)
    client = house.as_(ANN)
    assert told(client.get(f"/api/batches/{batch}/archive?only=approved")) == (409, "nothing_to_download")
    post(house, f"/api/items/{batch}-1/review", {"decision": "approved"})
    post(house, f"/api/items/{batch}-0/review", {"decision": "rejected"})

    files, rows = rows_of(client.get(f"/api/batches/{batch}/archive?only=approved", buffered=True))

    assert files == ["image-2.png"]
    assert [(row["review"], row["file"]) for row in rows] == [("rejected", ""), ("approved", "image-2.png")]


def test_a_link_to_the_approved_shows_nothing_else_as_the_decisions_stand(house: House):
    batch = all_done(house)
    made = post(house, f"/api/batches/{batch}/links", {"expires_in_days": 1, "only": "approved"}).get_json()
    stranger = house.stranger(made["url"].partition("#")[2])
    results = [f"/static/results/generated_{batch}-0.png", f"/static/results/generated_{batch}-1_1.png"]

    def seen() -> tuple[list[str], list[int], int]:
        page = stranger.get(f"/api/shared/batches/{batch}/items").get_json()
        shown = [stranger.get(url, buffered=True).status_code for url in results]
        whole = stranger.get(f"/api/shared/batches/{batch}").get_json()
        return [one["id"] for one in page["items"]], shown, whole["counts"]["total"]

    assert made["only"] == "approved"
    assert seen() == ([], [401, 401], 0)
    assert told(stranger.get(f"/api/shared/batches/{batch}/archive"))[1] == "nothing_to_download"
    post(house, f"/api/items/{batch}-0/review", {"decision": "approved"})
    assert seen() == ([f"{batch}-0"], [200, 401], 1)
    assert names_of(stranger.get(f"/api/shared/batches/{batch}/archive", buffered=True)) == ["image-1.png"]
    post(house, f"/api/items/{batch}-0/review", {"decision": "rejected"})
    assert seen() == ([], [401, 401], 0)


def names_of(answer: Any) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return archive.namelist()


def test_a_redo_tells_its_price_adds_its_sentence_and_keeps_the_picture(house: House):
    batch = house.done(ANN, prompt="a {colour} shoe", items=[{"variables": {"colour": "red"}}] * 2)
    item, body = f"/api/items/{batch}-0", {"add": "on {colour} sand"}
    before = house.as_(ANN).get(item).get_json()

    quote = post(house, f"{item}/redo/estimate", body).get_json()
    redone = post(house, f"{item}/redo", body).get_json()

    assert quote == {"cost_micros": 0}  # demo is free; a price is tested in faults/test_reviews.py
    assert (redone["state"], redone["result"]) == ("queued", None)
    assert redone["prompt"] == "a red shoe\non red sand"
    assert [one["url"] for one in redone["earlier"]] == [before["result"]["url"]]
    assert house.as_(ANN).get(before["result"]["url"], buffered=True).status_code == 200
    assert told(post(house, f"{item}/redo", body)) == (409, "wrong_state")
    assert told(post(house, f"{item}/redo/estimate", body)) == (409, "wrong_state")
    post(house, f"{item}/cancel")
    assert post(house, f"{item}/restore", {"number": 0}).get_json()["result"] == before["result"]
    assert told(post(house, f"{item}/restore", {"number": 0})) == (409, "nothing_to_restore")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"add": "  "}, "prompt_empty"),
        ({"prompt": ""}, "prompt_empty"),
        ({"add": "{size}"}, "variable_missing"),
        ({"add": "x" * 8000}, "prompt_too_long"),
        ({"model": "nothing"}, "unknown_model"),
        ({"words": "x"}, "field_unknown"),
    ],
)
def test_a_redo_with_something_wrong_says_so_and_queues_nothing(house: House, body: object, code: str):
    batch = house.done(ANN)

    assert told(post(house, f"/api/items/{batch}-0/redo", body)) == (422, code)
    assert house.as_(ANN).get(f"/api/items/{batch}-0").get_json()["state"] == "succeeded"


def test_a_deleted_batch_takes_its_earlier_pictures_along(house: House):
    batch = house.done(ANN)
    post(house, f"/api/items/{batch}-0/redo", {})
    post(house, f"/api/items/{batch}-0/cancel")
    file = f"results/generated_{batch}-0.png"
    assert house.parts.storage.exists(file)

    assert house.as_(ANN).delete(f"/api/batches/{batch}").status_code == 204
    assert not house.parts.storage.exists(file)
