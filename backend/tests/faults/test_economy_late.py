"""The economy lane: what a job tells of items that it no longer holds, and one item that is cancelled alone."""

import csv
import io
import zipfile
from pathlib import Path

from tests.conftest import RedisServer
from tests.fakes.gemini_batch_server import GeminiBatchServer
from tests.faults.economy import FULL, HALF, batch_of, costs, job_states, of, stack_of, submit
from tests.stack import Stack


def release(fake: GeminiBatchServer) -> None:
    """A job that heard nothing is done after all."""
    for job in fake.jobs.values():
        job.behaviour = "ok"


def settled_at(stack: Stack, batch: str, *money: int) -> None:
    stack.until(lambda: costs(stack, batch) == money, f"the costs {money}, not {costs(stack, batch)}")


def test_one_item_is_cancelled_alone_and_its_picture_waits_for_a_retry(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["hang"])
    with stack_of(tmp_path, own_redis, batch_api, ECONOMY_POLL_SECONDS=5) as stack:
        batch = submit(stack, 3)
        stack.until(lambda: job_states(stack, batch) == ["pending"], "the job")
        item = stack.items(batch)[1]["id"]

        stack.post(f"/api/items/{item}/cancel")

        stack.until(lambda: stack.counts(batch)["cancelled"] == 1, "the cancel")
        assert costs(stack, batch) == (0, HALF, 2 * HALF)  # the provider cannot take back one request
        release(batch_api)
        assert stack.until_done(batch)["succeeded"] == 2
        settled_at(stack, batch, 3 * HALF, 0, 0)
        assert stack.items(batch)[1]["state"] == "cancelled"

        stack.post(f"/api/items/{item}/retry", {})
        assert stack.until_done(batch)["succeeded"] == 3
        assert batch_api.creates == 1
        assert costs(stack, batch) == (3 * HALF, 0, 0)


def test_a_job_of_which_every_item_was_cancelled_is_cancelled_and_nothing_is_charged(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["hang"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 2)
        stack.until(lambda: job_states(stack, batch) == ["running"], "the job")

        for item in stack.items(batch):
            stack.post(f"/api/items/{item['id']}/cancel")

        assert stack.until_done(batch)["cancelled"] == 2
        stack.until(lambda: job_states(stack, batch) == ["cancelled"], "the job's end")
        assert next(iter(batch_api.jobs.values())).stopped
        assert costs(stack, batch) == (0, 0, 0)


def test_pictures_that_come_after_an_unconfirmed_cancel_are_used_and_paid_once(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    """Without consent the items fail as late, possibly paid; then the job is done after all."""
    of(batch_api, job_plan=["deaf"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 3, 4)
        assert stack.until_done(batch)["failed"] == 3
        assert costs(stack, batch) == (0, 3 * HALF, 0)
        assert job_states(stack, batch) == ["abandoned"]

        release(batch_api)

        stack.until(lambda: stack.counts(batch)["succeeded"] == 3, "the pictures")
        assert costs(stack, batch) == (3 * HALF, 0, 0)
        assert (batch_api.creates, batch_api.calls) == (1, [])
        assert not any(item["possibly_paid"] for item in stack.items(batch))
        stack.until(lambda: job_states(stack, batch)[0] == "succeeded", "the job's end")
        answer = stack.http.get(f"{stack.url}/api/batches/{batch}/archive")
        text = zipfile.ZipFile(io.BytesIO(answer.content)).read("manifest.csv").decode("utf-8-sig")
        assert [row["lane"] for row in csv.DictReader(io.StringIO(text))] == ["economy"] * 3


def test_what_was_made_twice_is_told_as_paid_twice(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    """It went on at full price, and then the first job is done too: nothing stays possibly paid."""
    of(batch_api, job_plan=["deaf"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 2, 40 + 3 + 2, full_price_ok=True)
        assert stack.until_done(batch)["succeeded"] == 2
        assert costs(stack, batch) == (2 * FULL, 2 * HALF, 0)
        finished = batch_of(stack, batch)["finished_at"]

        release(batch_api)

        settled_at(stack, batch, 2 * FULL + 2 * HALF, 0, 0)
        assert batch_of(stack, batch)["finished_at"] == finished
        assert stack.counts(batch)["succeeded"] == 2


def test_an_item_that_is_cancelled_while_its_job_is_refused_ends_and_costs_nothing(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["overloaded"] * 1000)
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        alone, three = submit(stack, 1), submit(stack, 3)
        stack.until(lambda: batch_api.creates >= 4, "refusals")

        for batch, left in ((alone, 0), (three, 2)):
            stack.post(f"/api/items/{stack.items(batch)[0]['id']}/cancel")
            stack.until(lambda batch=batch: stack.counts(batch)["cancelled"] == 1, "the cancel")
            assert costs(stack, batch) == (0, 0, left * HALF)
        batch_api.job_plan = []

        assert stack.until_done(three)["succeeded"] == 2
        assert costs(stack, three) == (2 * HALF, 0, 0)
        assert stack.http.delete(f"{stack.url}/api/batches/{alone}").status_code == 204
