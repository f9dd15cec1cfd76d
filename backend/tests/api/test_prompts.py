"""Prompts filled per item, their preview, and tables of values: what is taken and what is refused."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.store.connection import Client
from batchgen.store.keys import key
from tests.api.test_bad_input import EN, ZH, leftovers, png, told, upload
from tests.fakes import sheets

ITEMS = [{"variables": {"colour": "red"}}, {"name": "b.jpg", "variables": {"colour": "blue", "more": "x"}}]


def submit(client: FlaskClient, prompt: str, items: list[Any], **more: object) -> Any:
    return client.post("/api/batches", json={"prompt": prompt, "items": items} | more, headers=EN)


def prompts_of(client: FlaskClient, batch: str) -> list[str]:
    return [item["prompt"] for item in client.get(f"/api/batches/{batch}/items").get_json()["items"]]


def table(client: FlaskClient, data: bytes) -> Any:
    """The body written by hand: the test client would leave a temporary file of a large one open."""
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="t"\r\n\r\n' + data + b"\r\n--x--\r\n"
    return client.post("/api/prompts/table", data=body, content_type="multipart/form-data; boundary=x", headers=EN)


# submit


def test_each_item_has_its_own_words_and_the_batch_keeps_the_template(client: FlaskClient):
    answer = submit(client, "a {colour} {{shoe}} of {filename}", ITEMS)

    assert answer.get_json()["prompt"] == "a {colour} {{shoe}} of {filename}"
    assert prompts_of(client, answer.get_json()["id"]) == ["a red {shoe} of image-1", "a blue {shoe} of b"]


def test_an_item_s_own_prompt_is_a_template_too_and_variants_share_the_words(client: FlaskClient):
    items = [{"name": "x.png", "prompt": "{filename}: {colour}", "variables": {" colour ": "red"}}]
    batch = submit(client, "plain", items, variants=2).get_json()["id"]

    assert prompts_of(client, batch) == ["x: red", "x: red"]


def test_a_file_s_name_can_be_given_another_value(client: FlaskClient):
    batch = submit(client, "{filename}", [{"name": "a.jpg", "variables": {"filename": "cat"}}]).get_json()["id"]

    assert prompts_of(client, batch) == ["cat"]


def test_braces_that_are_no_variable_are_sent_as_they_were_typed(client: FlaskClient):
    prompt = '{"style": {"light": "soft"}} { } {}'

    assert prompts_of(client, submit(client, prompt, [{}]).get_json()["id"]) == [prompt]


@pytest.mark.parametrize(
    ("headers", "sentence"), [(EN, "Row 2: “colour” has no value."), (ZH, "第 2 行缺少“colour”的值。")]
)
def test_a_missing_value_is_named_with_its_row_and_nothing_is_queued(
    client: FlaskClient, redis: Client, var: Path, headers: dict[str, str], sentence: str
):
    before = leftovers(redis, var)
    body = {"prompt": "{colour}", "items": [*ITEMS[:1], {"variables": {"colour": " "}}, {}]}
    answer = client.post("/api/batches", json=body, headers=headers)

    assert told(answer) == (422, "variable_missing", ["items[1].variables.colour", "items[2].variables.colour"])
    assert answer.get_json()["error"]["message"] == sentence
    assert leftovers(redis, var) == before


def test_the_length_counts_when_the_words_are_filled_in(client: FlaskClient):
    values = {"v": "x" * 2000}
    answer = submit(client, "{v}" * 5, [{}, {"variables": values}])
    assert told(answer)[2] == [f"items[0].variables.{'v'}", "items[1].prompt"]

    answer = submit(client, "{v}" * 5, [{"variables": values}])
    assert told(answer) == (422, "row_too_long", ["items[0].prompt"])


@pytest.mark.parametrize(
    ("variables", "code"),
    [({"a.b": "x"}, "variable_invalid"), ({"": "x"}, "variable_invalid"), ({"x" * 65: "x"}, "field_invalid"),
     ({"a": "x" * 2001}, "field_invalid"), ({f"v{n}": "x" for n in range(51)}, "field_invalid"),
     ({"a": 1}, "field_invalid"), ([], "field_invalid")],
)  # fmt: skip
def test_variables_that_no_prompt_can_mean_are_refused(client: FlaskClient, variables: object, code: str):
    assert told(submit(client, "p", [{"variables": variables}]))[1] == code


def test_files_of_one_request_have_their_name_and_no_other_variable(client: FlaskClient, redis: Client, var: Path):
    files = [(io.BytesIO(png("red")), "shoe 1.png"), (io.BytesIO(png("blue")), "shoe 2.png")]
    answer = client.post("/api/batches", data={"prompt": "on {filename}", "files": files}, headers=EN)
    assert prompts_of(client, answer.get_json()["id"]) == ["on shoe 1", "on shoe 2"]

    before = leftovers(redis, var)
    body = {"prompt": "{colour}", "files": [(io.BytesIO(png("green")), "c.png")]}
    assert told(client.post("/api/batches", data=body, headers=EN))[1] == "variable_missing"
    assert leftovers(redis, var) == before


def test_only_values_that_the_words_used_are_stored(client: FlaskClient, redis: Client):
    batch = submit(client, "{colour}", ITEMS).get_json()["id"]
    assert redis.hget(key("item", batch, 1), "vars") == '{"colour":"blue"}'

    batch = submit(client, "plain", ITEMS).get_json()["id"]
    assert not redis.hexists(key("item", batch, 1), "vars")
    assert not redis.hexists(key("item", batch, 1), "prompt")


# again with other words


def ended(client: FlaskClient, prompt: str, items: list[Any], **more: object) -> str:
    batch = str(submit(client, prompt, items, **more).get_json()["id"])
    assert client.post(f"/api/batches/{batch}/cancel").status_code == 200
    return batch


def test_another_template_is_filled_with_the_values_that_are_kept(client: FlaskClient):
    batch = ended(client, "{colour}", ITEMS)
    answer = client.post(f"/api/batches/{batch}/retry", json={"prompt": "very {colour} {filename}"}, headers=EN)

    assert (answer.status_code, answer.get_json()["counts"]["queued"]) == (200, 2)
    assert prompts_of(client, batch) == ["very red image-1", "very blue b"]
    assert answer.get_json()["prompt"] == "{colour}"


def test_the_file_s_name_is_known_to_a_retry_also_of_variants(client: FlaskClient):
    batch = ended(client, "plain", [{"name": "a.jpg"}, {"name": "b"}], variants=2)
    client.post(f"/api/batches/{batch}/retry", json={"prompt": "{filename}"}, headers=EN)

    assert prompts_of(client, batch) == ["a", "a", "b", "b"]


def test_another_value_for_the_file_s_name_is_kept_for_a_retry(client: FlaskClient):
    batch = ended(client, "{filename}", [{"name": "a.jpg", "variables": {" filename ": "cat"}}])
    client.post(f"/api/batches/{batch}/retry", json={"prompt": "my {filename}"}, headers=EN)

    assert prompts_of(client, batch) == ["my cat"]


def test_a_retry_that_lacks_a_value_is_refused_with_its_row_and_nothing_moves(client: FlaskClient):
    batch = ended(client, "{colour}", ITEMS, variants=2)
    answer = client.post(f"/api/batches/{batch}/retry", json={"prompt": "{colour} {mood}"}, headers=EN)

    assert told(answer)[:2] == (422, "variable_missing")
    assert answer.get_json()["error"]["message"] == "Row 1: “mood” has no value."
    assert client.get(f"/api/batches/{batch}").get_json()["counts"]["cancelled"] == 4

    one = client.post(f"/api/items/{batch}-3/retry", json={"prompt": "{mood}"}, headers=EN)
    assert one.get_json()["error"]["message"] == "Row 2: “mood” has no value."


def test_one_item_runs_again_with_its_own_values(client: FlaskClient):
    batch = ended(client, "{colour}", ITEMS)
    answer = client.post(f"/api/items/{batch}-1/retry", json={"prompt": "soft {colour}"}, headers=EN)

    assert answer.get_json()["prompt"] == "soft blue"
    assert prompts_of(client, batch) == ["red", "soft blue"]


# preview


def preview(client: FlaskClient, prompt: str, items: list[Any], headers: Any = EN, **more: Any) -> Any:
    body = {"prompt": prompt, "items": items} | more
    return client.post("/api/prompts/preview", json=body, headers=headers)


def test_a_preview_shows_what_a_submit_will_send(client: FlaskClient):
    image = upload(client, "猫.png").get_json()["id"]
    items = [*ITEMS, {"upload_id": image, "variables": {"colour": "白"}}, {"prompt": "own {mood}"}]
    shown = preview(client, "a {colour} {filename}", items).get_json()

    assert [one["prompt"] for one in shown["items"]] == ["a red image-1", "a blue b", "a 白 猫", None]
    assert shown["variables"] == ["colour", "filename", "mood"]
    assert (shown["missing_rows"], shown["items"][3]["missing"]) == (1, ["mood"])
    assert shown["first_missing"] == {"row": 4, "name": "mood", "message": "Row 4: “mood” has no value."}


def test_a_preview_of_one_item_still_tells_what_the_whole_lacks(client: FlaskClient):
    shown = preview(client, "{colour}", [*ITEMS, {}], headers=ZH, index=1).get_json()

    assert [(one["index"], one["prompt"]) for one in shown["items"]] == [(1, "blue")]
    assert shown["first_missing"]["message"] == "第 3 行缺少“colour”的值。"


def test_a_preview_of_ready_words_lacks_nothing_and_of_nothing_is_empty(client: FlaskClient):
    assert preview(client, "p", ITEMS, first=1).get_json() == {
        "items": [{"index": 0, "name": "image-1", "prompt": "p", "missing": []}], "variables": [], "missing_rows": 0,
        "first_missing": None,
    }  # fmt: skip
    assert preview(client, "", []).get_json()["items"] == []


@pytest.mark.parametrize(
    ("more", "field"), [({"index": 2}, "index"), ({"index": -1}, "index"), ({"first": 0}, "first")]
)
def test_a_preview_of_what_is_not_there_is_refused(client: FlaskClient, more: dict[str, int], field: str):
    assert told(preview(client, "p", ITEMS, **more))[1:] == ("field_invalid", [field])


# tables


@pytest.mark.parametrize(
    "data", ["file,colour\na.jpg,红\n".encode("gb18030"), sheets.xlsx([["file", "colour"], ["a.jpg", "红"]])]
)
def test_a_table_is_read_from_a_file(client: FlaskClient, data: bytes):
    answer = table(client, data)

    assert answer.get_json() == {"columns": ["file", "colour"], "rows": [["a.jpg", "红"]], "file_column": 0}


def test_a_table_is_read_from_what_a_spreadsheet_copies(client: FlaskClient):
    answer = client.post("/api/prompts/table", json={"text": "a\tb\n1\t2\n"}, headers=EN)

    assert answer.get_json() == {"columns": ["a", "b"], "rows": [["1", "2"]], "file_column": None}


LONG = b"a\n" + b"1\n" * 100_000
CASES = [
    ("nothing", b"", 422, "table_empty"),
    ("blank lines", b"\n \n", 422, "table_empty"),
    ("a header alone", b"a,b\n", 422, "table_empty"),
    ("a picture", png(), 422, "table_unreadable"),
    ("noise", bytes(range(256)) * 40, 422, "table_unreadable"),
    ("a zip of something else", b"PK\x03\x04" + b"x" * 100, 422, "table_unreadable"),
    ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, 422, "table_unreadable"),
    ("half a workbook", sheets.xlsx([["a"], ["b"]])[:-80], 422, "table_unreadable"),
    ("entities that multiply", sheets.laughs(), 422, "table_unreadable"),
    ("a quote that never ends", b'a,"' + b"x\n" * 200_000, 422, "table_unreadable"),
    ("a hundred thousand rows", LONG, 413, "table_too_large"),
    ("sixty columns", b",".join([b"a"] * 60) + b"\n1\n", 413, "table_too_large"),
    ("a bomb", sheets.bomb(100), 413, "table_too_large"),
    ("a bomb that lies", sheets.lying_bomb(100), 422, "table_unreadable"),
    ("over five megabytes", b"a\n" + b"x" * (5 * 2**20), 413, "table_too_large"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "status", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_is_no_table_is_refused_in_both_languages_and_leaves_nothing(
    client: FlaskClient, redis: Client, var: Path, data: bytes, status: int, code: str
):
    before = leftovers(redis, var)
    answer = table(client, data)

    assert told(answer)[:2] == (status, code)
    assert "{" not in answer.get_json()["error"]["message"]
    assert leftovers(redis, var) == before


def test_a_table_without_a_file_says_so(client: FlaskClient):
    answer = client.post("/api/prompts/table", data={"x": "y"}, content_type="multipart/form-data", headers=EN)

    assert told(answer) == (422, "missing_table", ["file"])
    assert told(client.post("/api/prompts/table", data="a,b", headers=EN))[0] == 415


def test_more_rows_than_a_batch_holds_are_not_previewed(client: FlaskClient):
    assert told(preview(client, "{a}", [{"variables": {"a": "x"}}] * 51))[1] == "too_many_items"
