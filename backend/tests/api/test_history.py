"""Earlier work: found by its words, made again from what it was made from, deleted with time to think again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batchgen.store.connection import Client
from tests.api.house import ANN, BOB, ROOT, House, house_on
from tests.conftest import RedisServer
from tests.team import told


@pytest.fixture
def house(redis_server: RedisServer, redis: Client, tmp_path: Path) -> Iterator[House]:
    with house_on(redis_server.url, tmp_path) as found:
        yield found


def found(house: House, query: str, user=ANN) -> list[str]:
    return [one["id"] for one in house.as_(user).get(f"/api/batches?{query}").get_json()["items"]]


def test_a_search_finds_words_in_any_order_and_for_admins_people(house: House):
    shoes = house.submit(ANN, name="Spring shoes", prompt="red on white")
    hats = house.submit(BOB, prompt="red hats")

    assert found(house, "q=white+SHOES") == [shoes]
    assert found(house, "q=ann") == []  # among one's own the owner says nothing
    assert found(house, "q=bob+red&scope=all", ROOT) == [hats]
    assert found(house, "q=red&state=queued") == [shoes]
    assert found(house, "q=red&state=paused") == []


def test_a_request_looks_at_no_more_than_it_may_and_the_next_goes_on(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("batchgen.services.history._AT_ONCE", 2)
    monkeypatch.setattr("batchgen.services.history._MOST_LOOKED", 4)
    needle = house.submit(ANN, name="needle")
    for _ in range(9):
        house.submit(ANN, name="hay")
    ask = house.as_(ANN).get
    first = ask("/api/batches?q=needle").get_json()
    second = ask(f"/api/batches?q=needle&cursor={first['next_cursor']}").get_json()
    third = ask(f"/api/batches?q=needle&cursor={second['next_cursor']}").get_json()

    assert [page["items"] for page in (first, second)] == [[], []]
    assert [one["id"] for one in third["items"]] == [needle]
    assert third["next_cursor"] is None


def test_deleted_is_gone_for_everybody_at_once_and_comes_back_whole(house: House):
    batch = house.done(ANN, name="dear")
    house.share(batch)
    _, token = house.link(batch)
    ann, bob, stranger = house.as_(ANN), house.as_(BOB), house.stranger(token)
    path = f"/api/batches/{batch}"
    picture = ann.get(f"{path}/items").get_json()["items"][0]["result"]["url"]
    places = [(who, where) for who in (ann, bob, stranger) for where in (picture,)]
    places += [(ann, path), (bob, path), (stranger, f"/api/shared/batches/{batch}")]

    assert ann.delete(f"{path}?undo=true").status_code == 204
    assert {who.get(where).status_code for who, where in places} == {404, 401}  # a stranger without a link is nobody
    assert found(house, "") == found(house, "scope=team", BOB) == []
    assert told(ann.delete(path))[:2] == (404, "not_found")
    assert told(bob.post(f"{path}/restore"))[:2] == (404, "not_found")

    assert ann.post(f"{path}/restore").get_json()["name"] == "dear"
    assert [who.get(where, buffered=True).status_code for who, where in places] == [200] * 6
    assert found(house, "") == found(house, "scope=team", BOB) == [batch]
    assert ann.post(f"{path}/restore").status_code == 404  # nothing is deleted
    assert [act["action"] for act in house.audit()][:2] == ["batch.restore", "batch.delete"]


def test_what_runs_is_not_deleted_and_without_undo_nothing_comes_back(house: House):
    batch, done, ann = house.submit(ANN), house.done(ANN), house.as_(ANN)

    assert told(ann.delete(f"/api/batches/{batch}?undo=true"))[1] == "batch_active"
    assert ann.delete(f"/api/batches/{done}").status_code == 204
    assert told(ann.post(f"/api/batches/{done}/restore"))[:2] == (404, "not_found")


def test_a_batch_tells_what_it_was_made_from(house: House):
    image, other, reference = (house.upload(ANN) for _ in range(3))
    rows = [
        {"upload_id": image["id"], "variables": {"colour": "red"}, "folder": "shoes/red"},
        {"upload_id": other["id"], "name": "two.png", "prompt": "words {{of}} its own"},
        {"name": "three", "variables": {"colour": "blue"}},
    ]
    body = {"prompt": "a {colour} {filename}", "items": rows, "variants": 2, "references": [reference["id"]]}
    batch = house.submit(ANN, **body)

    told_of = house.as_(ANN).get(f"/api/batches/{batch}/sources").get_json()

    assert [one["upload"] and one["upload"]["id"] for one in told_of["items"]] == [image["id"], other["id"], None]
    assert [one["prompt"] for one in told_of["items"]] == [None, "words {{of}} its own", None]
    assert [one["variables"] for one in told_of["items"]] == [{"colour": "red"}, {}, {"colour": "blue"}]
    assert [one["folder"] for one in told_of["items"]] == ["shoes/red", "", ""]
    assert [one["name"] for one in told_of["items"]] == [image["filename"], "two.png", "three"]
    assert [one["id"] for one in told_of["references"]] == [reference["id"]]
    again = [
        {"upload_id": one["upload"] and one["upload"]["id"], "name": one["name"], "prompt": one["prompt"],
         "variables": one["variables"]} for one in told_of["items"]
    ]  # fmt: skip
    twin = house.submit(ANN, **(body | {"items": again}))
    words = [
        [one["prompt"] for one in house.as_(ANN).get(f"/api/batches/{each}/items").get_json()["items"]]
        for each in (batch, twin)
    ]
    assert words[0] == words[1]


def test_of_somebody_else_s_batch_the_words_are_reused_and_not_the_images(house: House):
    batch = house.submit(ANN, items=[{"upload_id": house.upload(ANN)["id"]}, {}])
    house.share(batch)

    told_of = house.as_(BOB).get(f"/api/batches/{batch}/sources").get_json()

    assert [one["upload"] for one in told_of["items"]] == [None]
    assert told_of["left_out"] == 1


def test_everybody_is_told_of_their_own_room(house: House):
    upload = house.upload(ANN)
    house.done(ANN)

    usage = house.as_(ANN).get("/api/usage").get_json()

    assert (usage["uploads"], usage["upload_bytes"], usage["made_bytes"]) == (1, upload["bytes"], 18)
    assert usage["max_bytes"] == 50 * 2**30
    assert house.as_(BOB).get("/api/usage").get_json()["made_bytes"] == 0
