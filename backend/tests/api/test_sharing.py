"""Sharing with the team: who reads, who changes, who follows."""

from flask.testing import FlaskClient

from tests.api.house import ANN, BOB, ROOT, House, chunks_of
from tests.api.test_bad_input import told


def ids(client: FlaskClient, scope: str) -> list[str]:
    return [one["id"] for one in client.get(f"/api/batches?scope={scope}").get_json()["items"]]


# the team


def test_a_batch_shared_with_the_team_is_read_by_all_of_it_and_changed_by_none(house: House):
    batch, bob = house.done(ANN), house.as_(BOB)
    path = f"/api/batches/{batch}"
    assert bob.get(path).status_code == 404

    shared = house.as_(ANN).put(f"{path}/sharing", json={"team": True})

    assert shared.get_json() == {"team": True, "links": []}
    assert bob.get(path).get_json()["shared"] == {"team": True, "links": 0}
    assert bob.get(path).get_json()["owner"] == {"id": "ann", "name": "Ann"}
    assert bob.get(f"{path}/items").get_json()["total"] == 2
    assert told(bob.patch(path, json={"name": "mine"}))[:2] == (403, "read_only")
    assert told(bob.delete(path))[:2] == (403, "read_only")
    assert house.stored(batch).name == "a secret prompt"


def test_what_is_shared_no_more_is_gone_at_once(house: House):
    upload = house.upload(ANN)
    batch, source = house.done(ANN, items=[{"upload_id": upload["id"]}, {}]), upload["url"]
    bob = house.as_(BOB)
    house.share(batch)
    picture = bob.get(f"/api/batches/{batch}/items").get_json()["items"][0]["result"]["url"]
    assert [bob.get(path, buffered=True).status_code for path in (picture, source)] == [200, 200]

    house.as_(ANN).put(f"/api/batches/{batch}/sharing", json={"team": False})

    assert bob.get(f"/api/batches/{batch}").status_code == 404
    assert [bob.get(path).status_code for path in (picture, source)] == [404, 404]
    assert ids(bob, "team") == []


def test_a_browser_asks_again_for_what_others_show_and_keeps_its_own(house: House):
    upload = house.upload(ANN)
    batch = house.done(ANN, items=[{"upload_id": upload["id"]}, {}])
    house.share(batch)
    ann, bob, root = house.as_(ANN), house.as_(BOB), house.as_(ROOT)
    result = ann.get(f"/api/batches/{batch}/items").get_json()["items"][0]["result"]

    for path in (upload["url"], upload["thumbnail_url"], result["url"], result["thumbnail_url"]):
        assert "immutable" in ann.get(path, buffered=True).headers["Cache-Control"]
        for other in (bob, root):
            first = other.get(path, buffered=True)
            assert first.headers["Cache-Control"] == "private, no-cache"
            known = {"If-None-Match": first.headers["ETag"]}
            assert other.get(path, headers=known, buffered=True).status_code == 304
        house.share(batch, team=False)
        assert bob.get(path, headers=known).status_code == 404
        house.share(batch)


def test_the_team_sees_the_images_of_a_shared_batch_but_does_not_have_them(house: House):
    source, reference, other = (house.upload(ANN) for _ in range(3))
    batch = house.submit(ANN, items=[{"upload_id": source["id"]}])
    bob = house.as_(BOB)
    assert bob.get(source["url"]).status_code == 404

    house.share(batch)

    assert bob.get(source["url"], buffered=True).status_code == 200
    assert bob.get(source["thumbnail_url"], buffered=True).status_code == 200
    assert bob.get(other["url"]).status_code == 404
    assert bob.get(reference["url"]).status_code == 404
    assert bob.get(f"/api/uploads/{source['id']}").status_code == 404
    assert bob.delete(f"/api/uploads/{source['id']}").status_code == 404
    body = {"prompt": "p", "items": [{"upload_id": source["id"]}]}
    assert told(bob.post("/api/batches", json=body))[1] == "unknown_upload"


def test_the_history_lists_mine_the_team_s_and_for_admins_all(house: House):
    anns, shared, bobs = house.submit(ANN), house.submit(ANN), house.submit(BOB)
    house.share(shared)

    assert ids(house.as_(BOB), "mine") == [bobs]
    assert ids(house.as_(BOB), "team") == ids(house.as_(ANN), "team") == [shared]
    assert ids(house.as_(ROOT), "all") == [bobs, shared, anns]
    assert ids(house.as_(ROOT), "mine") == []
    assert told(house.as_(BOB).get("/api/batches?scope=all"))[:2] == (403, "forbidden")
    assert told(house.as_(BOB).get("/api/batches?scope=ann"))[:2] == (422, "field_invalid")
    assert house.as_(ROOT).get("/api/batches?scope=all&q=secret").get_json()["total"] == 3


def test_who_hears_of_a_batch_and_its_links_are_its_owner_s_affair(house: House):
    batch = house.submit(ANN)
    house.share(batch)

    for path in (f"/api/batches/{batch}/notices", f"/api/batches/{batch}/sharing"):
        assert told(house.as_(BOB).get(path))[:2] == (403, "read_only")
        assert house.as_(ANN).get(path).status_code == house.as_(ROOT).get(path).status_code == 200


# events


def test_the_team_follows_a_shared_batch_until_it_is_shared_no_more(house: House):
    batch, other = house.submit(ANN), house.submit(ANN)
    house.share(batch)
    answer = house.as_(BOB).get(f"/api/batches/{batch}/events")
    stream = chunks_of(answer)
    assert next(stream).startswith(b"id: ")

    house.as_(ANN).patch(f"/api/batches/{other}", json={"name": "not for Bob"})
    house.as_(ANN).patch(f"/api/batches/{batch}", json={"name": "for Bob"})
    first = next(chunk for chunk in stream if chunk.startswith(b"event: batch"))
    house.as_(ANN).put(f"/api/batches/{batch}/sharing", json={"team": False})
    house.as_(ANN).patch(f"/api/batches/{batch}", json={"name": "secret again"})
    rest = b"".join(stream)  # it ends by itself
    answer.close()

    assert b"for Bob" in first
    assert b"not for Bob" not in first
    assert b"event: gone" in rest
    assert b"secret again" not in rest
    assert house.as_(BOB).get(f"/api/batches/{batch}/events").status_code == 404


def test_the_owner_s_own_stream_tells_of_sharing(house: House):
    batch = house.submit(ANN)
    answer = house.as_(ANN).get("/api/events")
    stream = chunks_of(answer)
    next(stream)

    house.share(batch)
    told_ = next(chunk for chunk in stream if b"event: batch" in chunk)
    answer.close()

    assert b'"shared":{"team":true,"links":0}' in told_


def test_nobody_s_stream_of_all_changes_holds_another_s_even_where_it_is_shared(house: House):
    batch = house.submit(ANN)
    house.share(batch)
    answer = house.as_(BOB).get("/api/events")
    stream = chunks_of(answer)
    next(stream)

    house.as_(ANN).patch(f"/api/batches/{batch}", json={"name": "Ann's"})
    own = house.submit(BOB)
    first = next(chunk for chunk in stream if b"event: batch" in chunk)
    answer.close()

    assert own.encode() in first
    assert batch.encode() not in first
