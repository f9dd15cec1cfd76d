"""Links: what a stranger who has one sees, and how it ends."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.domain.sharing import MAX_LINKS
from batchgen.store.keys import key
from tests.api.house import ANN, BOB, LINKS, ROOT, House
from tests.api.test_bad_input import told

ABSENT = "b" + "0" * 20


def open_link(client: FlaskClient, token: str) -> Any:
    return client.post("/api/shared/open", json={"token": token})


def test_a_link_shows_a_stranger_the_results_and_nothing_else(house: House):
    source = house.upload(ANN)
    batch = house.done(ANN, items=[{"upload_id": source["id"], "name": "front.png"}, {}], references=[])
    made = house.as_(ANN).post(f"/api/batches/{batch}/links", json={"expires_in_days": 7})
    url = made.get_json()["url"]
    assert made.status_code == 201
    assert url.startswith("http://127.0.0.1:5001/shared#")
    stranger = house.as_(None)

    opened = open_link(stranger, url.partition("#")[2])
    page = stranger.get(f"/api/shared/batches/{batch}/items")

    assert opened.status_code == 200
    assert opened.get_json()["batch"]["expires_at"] == made.get_json()["expires_at"]
    assert stranger.get(f"/api/shared/batches/{batch}").get_json() == opened.get_json()["batch"]
    [item] = page.get_json()["items"]
    assert set(item) == {"id", "name", "result"}
    assert page.get_json()["total"] == 1
    for name in ("url", "thumbnail_url"):
        assert stranger.get(item["result"][name], buffered=True).status_code == 200
    seen = opened.text + page.text
    for hidden in ("secret", source["id"], "micros", "demo", "Ann", "ann"):
        assert hidden not in seen


def test_the_archive_of_a_link_holds_pictures_only(house: House):
    batch = house.done(ANN, name="For the printer")
    answer = house.stranger(house.link(batch)[1]).get(f"/api/shared/batches/{batch}/archive", buffered=True)

    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == ["image-1.png"]
    assert "For%20the%20printer.zip" in answer.headers["Content-Disposition"]


def test_the_cookie_of_a_link_is_for_our_pages_only_and_holds_several_links(house: House):
    first, second = house.done(ANN), house.done(ANN)
    tokens = [house.link(batch)[1] for batch in (first, second)]
    stranger = house.as_(None)
    for token in tokens:
        header = open_link(stranger, token).headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(header.split("; "))

    for batch in (first, second):
        assert stranger.get(f"/api/shared/batches/{batch}").status_code == 200
    cookie = stranger.get_cookie(LINKS)
    assert cookie is not None
    assert cookie.value == f"{tokens[1]}.{tokens[0]}"


@pytest.mark.parametrize("end", ["expires", "is revoked", "loses its batch", "was never made"])
def test_a_link_that_ends_shows_nothing_more(house: House, end: str):
    batch = house.done(ANN)
    link_id, token = house.link(batch, made_ago_days=2 if end == "expires" else 0)
    picture = f"/static/results/generated_{batch}-0.png"
    token = token if end != "was never made" else "x" * 43
    stranger = house.stranger(token)
    if end == "is revoked":
        assert stranger.get(picture, buffered=True).status_code == 200
        assert house.as_(ANN).delete(f"/api/batches/{batch}/links/{link_id}").status_code == 204
    elif end == "loses its batch":
        assert house.as_(ANN).delete(f"/api/batches/{batch}").status_code == 204

    assert told(open_link(stranger, token))[:2] == (404, "link_invalid")
    for path in (f"/api/shared/batches/{batch}", f"/api/shared/batches/{batch}/items"):
        assert told(stranger.get(path))[:2] == (404, "link_invalid")
    assert stranger.get(picture).status_code == 401
    assert not house.redis.keys("bg:link:*") or end == "was never made"


def test_a_link_opens_its_own_batch_only(house: House):
    mine, other = house.done(ANN), house.done(ANN)
    stranger = house.stranger(house.link(mine)[1])

    for path in (f"/api/shared/batches/{other}", f"/api/shared/batches/{other}/archive"):
        absent = stranger.get(path.replace(other, ABSENT))
        assert told(stranger.get(path))[:2] == told(absent)[:2] == (404, "link_invalid")


def test_of_a_token_only_its_hash_is_kept(house: House):
    batch = house.done(ANN)
    made = house.as_(ANN).post(f"/api/batches/{batch}/links", json={"expires_in_days": 1}).get_json()
    token = made["url"].partition("#")[2]
    open_link(house.as_(None), token)

    kept = " ".join(str(dump(house, name)) for name in house.redis.keys("*"))
    assert len(token) == 43
    assert token not in kept
    assert made["id"] in kept
    shown = house.as_(ANN).get(f"/api/batches/{batch}/sharing").get_json()
    assert shown == {"team": False, "links": [{k: made[k] for k in ("id", "created_at", "expires_at", "only")}]}


def dump(house: House, name: str) -> object:
    """Whatever stands under a key."""
    read = {
        "string": house.redis.get, "hash": house.redis.hgetall, "set": house.redis.smembers,
        "zset": lambda key: house.redis.zrange(key, 0, -1), "stream": house.redis.xrange,
        "list": lambda key: house.redis.lrange(key, 0, -1),
    }  # fmt: skip
    return name, read[house.redis.type(name)](name)


def test_a_batch_has_so_many_links_and_no_more_however_many_are_made_at_once(house: House):
    batch = house.submit(ANN)

    def make(_: int) -> int:
        return house.as_(ANN).post(f"/api/batches/{batch}/links", json={"expires_in_days": 1}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(make, range(MAX_LINKS + 5)))

    assert sorted(answers) == [201] * MAX_LINKS + [409] * 5
    assert house.as_(ANN).get(f"/api/batches/{batch}").get_json()["shared"]["links"] == MAX_LINKS


def test_expired_links_make_room_and_are_not_told(house: House):
    batch = house.submit(ANN)
    for _ in range(MAX_LINKS):
        house.link(batch, made_ago_days=2)

    assert house.as_(ANN).get(f"/api/batches/{batch}/sharing").get_json()["links"] == []
    assert house.as_(ANN).get(f"/api/batches/{batch}").get_json()["shared"]["links"] == 0
    assert house.as_(ANN).post(f"/api/batches/{batch}/links", json={"expires_in_days": 1}).status_code == 201


@pytest.mark.parametrize("days", [0, 91, -1, "1", True, 10**9, None])
def test_a_link_lives_from_one_to_ninety_days(house: House, days: object):
    batch = house.submit(ANN)

    answer = house.as_(ANN).post(f"/api/batches/{batch}/links", json={"expires_in_days": days})

    assert told(answer)[0] == 422
    assert told(answer)[2] == ["expires_in_days"]


def test_a_marked_picture_is_not_shown_by_a_link_before_it_is_accepted(house: House):
    batch = house.done(ANN)
    stranger = house.stranger(house.link(batch)[1])
    marked = house.as_(ANN).get(f"/api/items/{batch}-1").get_json()["result"]["url"]
    thumbnail = house.as_(ANN).get(f"/api/items/{batch}-1").get_json()["result"]["thumbnail_url"]
    listed = [one["id"] for one in stranger.get(f"/api/shared/batches/{batch}/items").get_json()["items"]]
    assert listed == [f"{batch}-0"]
    assert {stranger.get(path).status_code for path in (marked, thumbnail)} == {401}

    house.as_(ANN).post(f"/api/items/{batch}-1/accept")

    page = stranger.get(f"/api/shared/batches/{batch}/items").get_json()
    assert [one["result"]["url"] for one in page["items"]][1] == marked
    assert page["items"][1]["result"]["thumbnail_url"] == thumbnail


def test_a_deleted_batch_leaves_nothing_of_its_sharing(house: House):
    source = house.upload(ANN)
    batch = house.done(ANN, items=[{"upload_id": source["id"]}, {}])
    house.share(batch)
    house.link(batch)

    house.as_(ANN).delete(f"/api/batches/{batch}")

    assert house.redis.keys("bg:link:*") == house.redis.keys("bg:sh:*") == []
    assert house.redis.zcard(key("team")) == house.redis.zcard(key("everyone")) == 0
    assert house.as_(BOB).get(source["url"]).status_code == 404


def test_an_unnamed_pilot_that_was_made_again_shows_none_of_its_first_words(house: House):
    batch = house.done(ANN, items=[{}] * 4, pilot={"size": 2})
    house.as_(ANN).post(f"/api/items/{batch}-1/accept").get_json()
    again = house.as_(ANN).post(f"/api/batches/{batch}/pilot/repeat", json={"prompt": "other words"})
    assert again.status_code == 200, again.text
    assert again.get_json()["name"] == "other words"

    _, token = house.link(batch)
    opened = open_link(house.as_(None), token)

    assert opened.get_json()["batch"]["name"] == ""
    assert "secret" not in opened.text


def test_an_approval_that_changes_nothing_is_not_written_down(house: House):
    batch = house.done(ANN, items=[{}] * 4, pilot={"size": 2})
    house.as_(ANN).post(f"/api/items/{batch}-1/accept").get_json()

    statuses = [house.as_(who).post(f"/api/batches/{batch}/pilot/approve", json={}).status_code for who in (ANN, ROOT)]

    assert statuses == [200, 200]
    assert [act["actor"]["id"] for act in house.audit(action="batch.approve") if act["target"] == batch] == ["ann"]
