"""Threats § 4: what one person sends cannot reach, touch or find out what is another's."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.house import ANN, BOB, ROOT, House
from tests.api.test_bad_input import told
from tests.api.test_notices import TELL

GOOD: dict[str, Any] = {"prompt": "p", "items": [{}]}
ABSENT = "u" + "0" * 20


# IDOR: ids in a body


@pytest.mark.parametrize("path", ["/api/batches", "/api/estimates"])
@pytest.mark.parametrize("place", ["items[0].upload_id", "references[0]"])
@pytest.mark.parametrize("user", [BOB, ROOT], ids=["member", "admin"])
def test_another_s_upload_in_a_body_is_refused_as_one_that_is_not_there(house: House, path: str, place: str, user: Any):
    theirs = house.upload(ANN)["id"]

    def sent(upload_id: str) -> tuple[int, str, list[str], str]:
        more = {"references": [upload_id]} if place == "references[0]" else {"items": [{"upload_id": upload_id}]}
        answer = house.as_(user).post(path, json=GOOD | more)
        return *told(answer), answer.get_json()["error"]["message"].replace(upload_id, "…")

    assert sent(theirs) == sent(ABSENT)
    assert sent(theirs)[:3] == (422, "unknown_upload", [place])
    assert house.parts.uploads.get_many([theirs])[theirs].owner == "ann"
    assert house.as_(ANN).delete(f"/api/uploads/{theirs}").status_code == 204  # nothing uses it


def test_a_preview_does_not_tell_the_name_of_another_s_upload(house: House):
    theirs = house.upload(ANN)["id"]
    body = {"prompt": "{filename}", "items": [{"upload_id": theirs}]}

    mine, other = (house.as_(user).post("/api/prompts/preview", json=body).get_json() for user in (ANN, BOB))

    assert mine["items"][0]["prompt"] == "secret-source"
    assert other["items"][0]["prompt"] == "image-1"


def test_equal_bytes_of_two_people_are_two_uploads_and_neither_tells_of_the_other(house: House):
    anns, bobs = house.upload(ANN, "gold"), house.upload(BOB, "gold")

    assert anns["id"] != bobs["id"]
    assert house.as_(BOB).delete(f"/api/uploads/{bobs['id']}").status_code == 204
    assert house.as_(ANN).get(anns["url"], buffered=True).status_code == 200


def test_another_s_notice_target_in_a_body_is_refused(house: House):
    body = {"targets": [TELL], "default": False}
    kept = house.as_(ANN).put("/api/me/notices", json=body).get_json()["targets"][0]["id"]

    assert house.as_(BOB).get("/api/me/notices").get_json()["targets"] == []
    assert told(house.as_(BOB).post("/api/batches", json=GOOD | {"notify": [kept]}))[1] == "unknown_notice_target"
    assert told(house.as_(BOB).post("/api/me/notices/test", json={"id": kept}))[1] == "unknown_notice_target"
    taken = {"targets": [{"id": kept, "kind": "dingtalk"}], "default": True}
    assert told(house.as_(BOB).put("/api/me/notices", json=taken))[1] == "unknown_notice_target"


# mass assignment


@pytest.mark.parametrize("field", ["role", "owner", "owner_id", "cost", "cost_micros", "shared", "team", "user"])
def test_mass_assignment_is_refused_by_name(house: House, field: str):
    batch, ann = house.submit(ANN), house.as_(ANN)
    path = f"/api/batches/{batch}"
    answers = [
        ann.post("/api/batches", json=GOOD | {field: "x"}),
        ann.patch(path, json={"name": "n", field: "x"}),
        ann.post(f"{path}/retry", json={field: "x"}),
        ann.post(f"{path}/links", json={"expires_in_days": 1, field: "x"}),
        ann.post("/api/shared/open", json={"token": "x" * 43, field: "x"}),
        ann.get(path, query_string={field: "x"}),
    ]
    if field != "team":
        answers.append(ann.put(f"{path}/sharing", json={"team": True, field: "x"}))

    assert [told(answer) for answer in answers] == [(422, "field_unknown", [field])] * len(answers)
    assert house.stored(batch).shared.links == ()


# idempotency keys


def test_an_idempotency_key_is_its_user_s_own(house: House):
    headers = {"Idempotency-Key": "press-1"}
    anns, bobs = (house.as_(user).post("/api/batches", json=GOOD, headers=headers) for user in (ANN, BOB))
    other = house.as_(BOB).post("/api/batches", json=GOOD | {"prompt": "other"}, headers=headers)

    assert anns.get_json()["id"] != bobs.get_json()["id"]
    assert bobs.get_json()["owner"]["id"] == "bob"
    assert told(other)[:2] == (409, "idempotency_conflict")


def test_twenty_twins_at_once_give_one_batch(house: House):
    def press(_: int) -> str:
        answer = house.as_(ANN).post("/api/batches", json=GOOD, headers={"Idempotency-Key": "press-1"})
        return str(answer.get_json()["id"])

    with ThreadPoolExecutor(20) as pool:
        made = set(pool.map(press, range(20)))

    assert len(made) == 1
    assert house.as_(ANN).get("/api/batches").get_json()["total"] == 1
    assert [act["action"] for act in house.audit()] == ["batch.submit"]


# what no id is needed for


def test_a_member_sees_nothing_of_others_in_lists_searches_and_cursors(house: House):
    batches = [house.submit(ANN) for _ in range(3)]
    own = house.submit(BOB)
    bob = house.as_(BOB)
    cursor = f"{house.stored(batches[2]).created_ms}.{batches[2]}"

    assert bob.get("/api/batches").get_json()["total"] == 1
    assert [b["id"] for b in bob.get("/api/batches?q=secret").get_json()["items"]] == [own]
    assert bob.get(f"/api/batches?cursor={cursor}").get_json()["items"] == []
    assert bob.get("/api/batches?scope=team").get_json() == {"items": [], "next_cursor": None, "total": 0}


def test_the_picture_of_an_item_is_found_under_its_own_names_only(house: House):
    batch, ann = house.done(ANN), house.as_(ANN)
    good = f"generated_{batch}-0.png"
    assert ann.get(f"/static/results/{good}", buffered=True).status_code == 200

    for name in (
        f"results/generated_{batch}-1.png", f"results/generated_{batch}-0.jpg", f"results/generated_{batch}-0_1.png",
        f"results/../results/{good}", f"results/%2e%2e/results/{good}", f"thumbnails/{batch}-9.webp",
        f"kept/{batch}-0", "results/", "tmp/x", f"uploads/{'0' * 64}", f"results/{good}%00",
    ):  # fmt: skip
        assert told(ann.get(f"/static/{name}"))[:2] == (404, "not_found"), name
