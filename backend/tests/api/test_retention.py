"""What is kept for long enough goes: files first given up, then removed; what was paid for and not used stays."""

import io
import time
import zipfile
from typing import Any

import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.models import Batch
from batchgen.domain.states import ItemState
from batchgen.engine.kept import kept_files
from batchgen.engine.removal import BatchRemoval, UploadRemoval
from batchgen.engine.retention import Keep, Retention
from batchgen.store.audit import Audit
from batchgen.store.retention import Ages
from tests.api.house import ANN, BOB, House
from tests.api.test_bad_input import png

DAY_MS = 86_400_000
MONTH = Keep(uploads=30, results=30, batches=90)


def ages(house: House) -> Ages:
    return Ages(house.redis, house.parts.batches, house.parts.uploads)


def sweep(house: House, days: float, keep: Keep = MONTH) -> None:
    """As the worker's thread does it, so many days from now."""
    retention_of(house, keep).sweep(int(time.time() * 1000 + days * DAY_MS))


def retention_of(house: House, keep: Keep = MONTH) -> Retention:
    p = house.parts
    return Retention(
        ages(house), p.batches, BatchRemoval(p.batches, p.items, p.storage), UploadRemoval(p.uploads, p.storage),
        Audit(house.redis, 1000), keep, every_s=60,
    )  # fmt: skip


def files(house: House) -> list[str]:
    root = house.parts.settings.var_dir / "files"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def of_batch(house: House, batch: str) -> list[str]:
    return [name for name in files(house) if batch in name]


def item(house: House, item_id: str) -> Any:
    return house.as_(ANN).get(f"/api/items/{item_id}").get_json()


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def test_pictures_of_an_old_batch_go_and_it_is_said_wherever_they_were_seen(house: House):
    batch = house.done(ANN)
    _, token = house.link(batch, days=30)
    seen = item(house, f"{batch}-0")["result"]
    assert len(of_batch(house, batch)) == 4

    sweep(house, 29)
    assert len(of_batch(house, batch)) == 4
    sweep(house, 31)

    assert of_batch(house, batch) == []
    ann = house.as_(ANN)
    for url in (seen["url"], seen["thumbnail_url"], f"/api/batches/{batch}/archive"):
        assert told(ann.get(url)) == (410, "result_expired")
    for n in (0, 1):
        now = item(house, f"{batch}-{n}")
        assert now["result"] is None
        assert now["result_expired_at"]
    assert ann.get(f"/api/batches/{batch}").get_json()["results_expired_at"]
    assert item(house, f"{batch}-0")["state"] == "succeeded"
    stranger = house.stranger(token)
    assert stranger.get(seen["url"]).status_code in (401, 404, 410)
    assert stranger.get(f"/api/shared/batches/{batch}/items").get_json()["items"] == []
    assert stranger.get(f"/api/shared/batches/{batch}").get_json()["results_expired_at"]


def test_who_sees_nothing_of_a_batch_learns_nothing_of_its_age(house: House):
    batch = house.done(ANN)
    url = item(house, f"{batch}-0")["result"]["url"]
    sweep(house, 31)

    assert told(house.as_(BOB).get(url)) == (404, "not_found")


def test_it_is_written_down_once(house: House):
    batch = house.done(ANN)
    for _ in range(3):
        sweep(house, 31)

    acts = house.audit(actor="retention")
    assert [(act["action"], act["target"], act["details"]) for act in acts] == [
        ("results.expire", batch, {"owner": ANN.id, "items": 2})
    ]


def test_a_marked_picture_that_is_gone_cannot_be_accepted(house: House):
    batch = house.done(ANN)
    sweep(house, 31)

    assert told(house.as_(ANN).post(f"/api/items/{batch}-1/accept")) == (409, "nothing_to_accept")
    assert told(house.as_(ANN).post(f"/api/batches/{batch}/accept")) == (409, "nothing_to_accept")


def run_again(house: House, item_id: str) -> None:
    """As a worker does it, with a picture."""
    house.redis.zadd("bg:workers", {"w": 10**15})
    house.redis.hset("bg:slots", "w", 10**6)
    [lease] = [one for one in house.parts.queue.lease(64) if one.item_id == item_id]
    house.redis.zrem("bg:workers", "w")
    house.parts.items.send(*lease)
    house.parts.storage.put(f"results/generated_{item_id}.png", png("blue"))
    house.parts.storage.put(f"thumbnails/{item_id}.webp", png("blue"))
    fields: dict[str, str | int] = {"format": "png", "width": 8, "height": 6, "bytes": 9}
    house.parts.items.settle(
        item_id, lease.token, ItemState.SUCCEEDED, fields=fields | {"flags": ""}, outcome="succeeded",
        charged=Charged.YES,
    )  # fmt: skip


def test_a_picture_that_is_made_after_that_stays_for_as_long_again(house: House):
    batch = house.done(ANN)
    assert ages(house).expire(batch, int(time.time() * 1000) + DAY_MS)
    time.sleep(0.002)  # not in the same millisecond
    assert house.as_(ANN).post(f"/api/items/{batch}-1/retry", json={}).status_code == 200
    waiting = item(house, f"{batch}-1")
    run_again(house, f"{batch}-1")

    sweep(house, 0)  # the files that were given up go now

    assert (waiting["result"], waiting["result_expired_at"]) == (None, None)
    made = item(house, f"{batch}-1")
    assert made["result"]["flags"] == []
    assert house.as_(ANN).get(made["result"]["url"], buffered=True).data == png("blue")
    assert item(house, f"{batch}-0")["result"] is None
    with zipfile.ZipFile(io.BytesIO(house.as_(ANN).get(f"/api/batches/{batch}/archive").data)) as archive:
        assert len(archive.namelist()) == 3
        assert "true" in archive.read("manifest.csv").decode()
    assert f"results/generated_{batch}-0.png" not in files(house)
    sweep(house, 31)
    assert item(house, f"{batch}-1")["result"] is None


def test_what_a_process_left_half_done_the_next_one_ends(house: House):
    batch = house.done(ANN)
    assert ages(house).expire(batch, int(time.time() * 1000) + DAY_MS)  # and then it was killed
    assert len(of_batch(house, batch)) == 4

    sweep(house, 0)

    assert of_batch(house, batch) == []
    assert ages(house).expiring() == []
    assert [act["action"] for act in house.audit(actor="retention")] == ["results.expire"]


def test_a_picture_that_was_paid_for_and_not_used_stays_until_its_batch_goes(house: House):
    batch = house.done(ANN)
    for name in kept_files(f"{batch}-1"):
        house.parts.storage.put(name, b"paid for")

    sweep(house, 31)
    assert of_batch(house, batch) == sorted(kept_files(f"{batch}-1"))

    sweep(house, 91)
    assert of_batch(house, batch) == []
    assert house.as_(ANN).get(f"/api/batches/{batch}").status_code == 404


def test_what_has_not_ended_is_never_touched(house: House):
    queued, paused = house.submit(ANN), house.submit(ANN)
    house.as_(ANN).post(f"/api/batches/{paused}/pause")
    for batch in (queued, paused):
        for name in kept_files(f"{batch}-0"):
            house.parts.storage.put(name, b"paid for")
    before = files(house)

    sweep(house, 36_000)

    assert files(house) == before
    assert {house.stored(batch).total for batch in (queued, paused)} == {2}


def test_an_old_batch_goes_whole_and_its_uploads_after_it(house: House):
    upload = house.upload(ANN)
    batch = house.done(ANN, items=[{"upload_id": upload["id"]}] * 2)
    keep = Keep(uploads=1, batches=7)

    sweep(house, 6, keep)
    assert house.as_(ANN).get(f"/api/uploads/{upload['id']}").status_code == 200  # a kept batch uses it
    sweep(house, 8, keep)

    assert files(house) == []
    ann = house.as_(ANN)
    assert ann.get(f"/api/batches/{batch}").status_code == ann.get(f"/api/uploads/{upload['id']}").status_code == 404
    assert ann.get("/api/batches").get_json()["items"] == []
    acts = [(act["action"], act["details"].get("uploads")) for act in house.audit(actor="retention")]
    assert acts == [("upload.expire", 1), ("batch.expire", None), ("results.expire", None)]


def test_a_batch_that_began_anew_is_not_removed_by_what_was_seen_before(house: House):
    batch = house.done(ANN)
    seen: Batch = house.stored(batch)
    cutoff = (seen.finished_ms or 0) + 1
    removal = BatchRemoval(house.parts.batches, house.parts.items, house.parts.storage)
    time.sleep(0.005)
    house.as_(ANN).post(f"/api/items/{batch}-1/retry", json={})
    assert removal.remove(seen, cutoff) is False
    run_again(house, f"{batch}-1")

    assert removal.remove(seen, cutoff) is False
    assert not ages(house).expire(batch, cutoff)
    assert house.stored(batch).counts[ItemState.SUCCEEDED] == 2


def test_an_upload_that_nobody_needed_goes_and_one_that_is_brought_again_stays(house: House):
    old, again = house.upload(ANN, "#102030"), house.upload(ANN, "#203040")
    house.upload(BOB, "#102030")  # the same bytes
    for upload in (old, again):
        house.redis.hset(f"bg:u:{upload['id']}", "created", 1)
    assert house.upload(ANN, "#203040")["id"] == again["id"]

    sweep(house, 29)

    ann = house.as_(ANN)
    assert ann.get(f"/api/uploads/{old['id']}").status_code == 404
    assert ann.get(again["url"], buffered=True).status_code == 200
    assert len([name for name in files(house) if name.startswith("uploads/")]) == 2  # Bob has the bytes still
    sweep(house, 31)
    assert files(house) == []
    assert house.redis.hgetall("bg:used") == {}


def test_without_days_all_is_kept_for_ever(house: House):
    house.done(ANN)
    house.upload(ANN)
    before = files(house)

    sweep(house, 36_000, Keep())

    assert files(house) == before


def test_many_batches_are_all_found(house: House):
    keep = Keep(batches=1)
    made = [house.submit(ANN) for _ in range(103)]  # more than are looked at together
    for one in made:
        house.as_(ANN).post(f"/api/batches/{one}/cancel")

    sweep(house, 2, keep)

    assert house.as_(ANN).get("/api/batches").get_json()["items"] == []


def test_one_process_at_a_time_looks(house: House):
    batch = house.done(ANN)
    house.redis.hset(f"bg:b:{batch}", "finished", 1)
    house.redis.zadd("bg:all", {batch: 1})
    assert ages(house).claim(60)

    retention_of(house).tick()
    assert len(of_batch(house, batch)) == 4

    house.redis.delete("bg:retained")
    retention_of(house).tick()
    assert of_batch(house, batch) == []


@pytest.mark.parametrize("finished_days_ago", [0, 31])
def test_age_counts_from_the_end_not_from_the_submit(house: House, finished_days_ago: int):
    batch = house.done(ANN)
    house.redis.zadd("bg:all", {batch: 1})
    house.redis.hset(f"bg:b:{batch}", "created", 1)

    sweep(house, finished_days_ago)

    assert len(of_batch(house, batch)) == (0 if finished_days_ago else 4)
