"""The economy lane on the real stack, two workers, against the wire of Gemini's batch API."""

import signal
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import RedisServer
from tests.fakes.calls import Call
from tests.fakes.gemini_batch_server import GeminiBatchServer
from tests.fakes.images import encode, photo
from tests.faults.economy import FULL, HALF, PRICE_OF, batch_of, costs, job_states, of, stack_of, submit


@pytest.mark.parametrize("size", ["1K", "4K"])
def test_sixty_pictures_cost_half_and_are_asked_for_once(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer, size: str
):
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 60, options={"size": size})

        counts = stack.until_done(batch)

        assert counts["succeeded"] == 60
        assert batch_api.creates == len(batch_api.jobs) == 1
        assert batch_api.calls == []
        assert batch_api.made() == {f"picture {n}": 1 for n in range(60)}
        half = HALF if size == "1K" else 75_600 // 2
        assert costs(stack, batch) == (60 * half, 0, 0)
        whole = batch_of(stack, batch)
        assert whole["lane"] == "economy"
        assert whole["cost"]["quoted_micros"] == 60 * half
        assert job_states(stack, batch) == ["succeeded"]
        stack.until(lambda: job_states(stack, batch) == ["succeeded"], "the job's end")
        item = stack.items(batch)[7]
        assert (item["lane"], item["attempts"], item["cost_micros"]) == ("economy", 1, half)
        assert stack.http.get(stack.url + item["result"]["url"]).ok
        (attempt,) = stack.get(f"/api/items/{item['id']}")["attempt_log"]
        assert (attempt["provider"], attempt["outcome"], attempt["charged"]) == ("gemini", "succeeded", "yes")


def test_a_large_batch_goes_in_several_jobs_and_uploads_go_along(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    with stack_of(tmp_path, own_redis, batch_api, ECONOMY_JOB_ITEMS=4) as stack:
        upload = stack.upload("a.jpg", encode(photo(), "jpeg"))["id"]
        items = [{"upload_id": upload, "prompt": f"picture {n}"} for n in range(10)]
        batch = submit(stack, 0, items=items, references=[upload])

        assert stack.until_done(batch)["succeeded"] == 10
        assert sorted(len(job.requests) for job in batch_api.jobs.values()) == [2, 4, 4]
        assert all(call.order == ["image", "image", "text"] for j in batch_api.jobs.values() for _, call in j.requests)
        assert set(batch_api.made().values()) == {1}


@pytest.mark.parametrize("behaviour", ["lost", "lost_before"])
def test_kill_9_between_the_name_and_the_answer_makes_one_job(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer, behaviour: str
):
    """Made or not made when its worker dies: the next worker looks for the name before it asks again."""
    of(batch_api, job_plan=[behaviour])
    with stack_of(tmp_path, own_redis, batch_api, workers=1, PROVIDER_TIMEOUT_SECONDS=10) as stack:
        batch = submit(stack, 12)
        stack.until(lambda: batch_api.creates == 1, "the request for the job")
        assert job_states(stack, batch) == ["sent"]

        stack.kill_worker(signal.SIGKILL)
        stack.start_worker()
        stack.start_worker()
        counts = stack.until_done(batch)

        assert counts["succeeded"] == 12
        assert len(batch_api.jobs) == 1
        assert batch_api.creates == (1 if behaviour == "lost" else 2)
        assert batch_api.made() == {f"picture {n}": 1 for n in range(12)}
        assert costs(stack, batch) == (12 * HALF, 0, 0)
        assert {item["attempts"] for item in stack.items(batch)} == {1}


def test_with_consent_a_hanging_job_is_cancelled_and_the_rest_made_in_time_at_full_price(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["hang"], only=5)
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        needed_in_s = 40 + 3 + 8  # a picture in the normal lane counts 40 s until one was measured
        batch = submit(stack, 20, needed_in_s, full_price_ok=True)
        quote = batch_of(stack, batch)["cost"]
        assert (quote["quoted_micros"], quote["quoted_high_micros"]) == (20 * HALF, 20 * FULL)
        stack.until(lambda: job_states(stack, batch) == ["running"], "the job")

        counts = stack.until_done(batch)

        assert counts["succeeded"] == 20
        assert datetime.fromisoformat(batch_of(stack, batch)["finished_at"]) < datetime.fromisoformat(
            batch_of(stack, batch)["economy"]["needed_by"]
        )
        assert batch_api.made() == {f"picture {n}": 1 for n in range(20)}  # what the job had made is used
        assert costs(stack, batch) == (5 * HALF + 15 * FULL, 0, 0)
        economy = batch_of(stack, batch)["economy"]
        assert (economy["moved"], economy["jobs"][0]["state"]) == (15, "cancelled")
        assert all(item["cost_micros"] == PRICE_OF[item["lane"]] for item in stack.items(batch))


def test_where_the_cancel_is_not_confirmed_what_moves_counts_as_possibly_paid(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["deaf"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 6, 40 + 3 + 2, full_price_ok=True)

        assert stack.until_done(batch)["succeeded"] == 6
        assert costs(stack, batch) == (6 * FULL, 6 * HALF, 0)
        assert all(item["possibly_paid"] and item["attempts"] == 2 for item in stack.items(batch))


def test_without_consent_what_is_late_fails_and_is_not_charged(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["hang"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 4, 4)

        assert stack.until_done(batch)["failed"] == 4
        assert batch_api.calls == []
        assert costs(stack, batch) == (0, 0, 0)
        error = stack.items(batch)[0]["error"]
        assert (error["category"], error["code"], error["retryable"]) == ("timeout", "economy_late", True)

        stack.post(f"/api/batches/{batch}/retry", {})  # a person says that it may cost the full price
        assert stack.until_done(batch)["succeeded"] == 4
        assert costs(stack, batch) == (4 * FULL, 0, 0)


def test_partial_results_are_taken_and_errors_of_single_items_are_theirs_alone(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    refused: dict[str, int] = {}

    def fate(call: Call) -> str | None:
        number = int(call.prompt.split()[-1])
        refused[call.prompt] = refused.get(call.prompt, 0) + 1
        if number == 0:
            return "blocked"
        if number == 1:
            return "invalid_argument"
        return "overloaded" if number == 2 and refused[call.prompt] == 1 else None

    of(batch_api, plan=fate)
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 10)

        counts = stack.until_done(batch)

        assert (counts["succeeded"], counts["failed"]) == (8, 2)
        items = stack.items(batch)
        assert [items[n]["error"]["code"] for n in (0, 1)] == ["blocked_input", "invalid_input"]
        assert items[2]["attempts"] == 2
        assert len(batch_api.jobs) == 2
        assert costs(stack, batch) == (8 * HALF, 0, 0)


def test_a_job_that_fails_or_runs_out_gives_its_items_to_the_next(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["fail", "expire"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 3)

        assert stack.until_done(batch)["succeeded"] == 3
        assert job_states(stack, batch)[:2] == ["failed", "expired"]
        assert costs(stack, batch) == (3 * HALF, 0, 0)


def test_a_refused_creation_is_tried_again_as_the_same_attempt(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["rate_minute", "overloaded", "rate_minute"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 3)

        assert stack.until_done(batch)["succeeded"] == 3
        assert (batch_api.creates, len(batch_api.jobs)) == (4, 1)
        assert {item["attempts"] for item in stack.items(batch)} == {1}


def test_a_key_without_access_fails_the_items_and_sends_nothing_more(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_plan=["forbidden"])
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 3)

        assert stack.until_done(batch)["failed"] == 3
        assert batch_api.creates == 1
        assert costs(stack, batch) == (0, 0, 0)
        assert stack.items(batch)[0]["error"]["category"] == "auth"


@pytest.mark.parametrize("made", [0, 3])
def test_cancel_ends_the_job_and_keeps_what_it_had_made(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer, made: int
):
    of(batch_api, job_plan=["hang"], only=made)
    with stack_of(tmp_path, own_redis, batch_api, ECONOMY_JOB_ITEMS=8, ECONOMY_POLL_SECONDS=30) as stack:
        batch = submit(stack, 12)  # four wait for others to go with
        stack.until(lambda: job_states(stack, batch) == ["pending"], "the job")

        stack.post(f"/api/batches/{batch}/cancel")
        counts = stack.until_done(batch)

        assert (counts["succeeded"], counts["cancelled"]) == (made, 12 - made)
        assert len(batch_api.jobs) == 1
        assert next(iter(batch_api.jobs.values())).stopped
        assert costs(stack, batch) == (made * HALF, 0, 0)


def test_a_restart_in_the_middle_of_polling_loses_and_repeats_nothing(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    of(batch_api, job_latency_s=6.0)
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        batch = submit(stack, 8)
        stack.until(lambda: any(job.polls > 1 for job in batch_api.jobs.values()), "a poll")
        own_redis.stop()
        stack.kill_worker(signal.SIGKILL)
        stack.kill_worker(signal.SIGTERM)
        own_redis.start()
        stack.start_worker()

        assert stack.until_done(batch)["succeeded"] == 8
        assert batch_api.creates == 1
        assert costs(stack, batch) == (8 * HALF, 0, 0)


def test_a_job_takes_no_slot_from_others(tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer):
    of(batch_api, job_plan=["hang"])
    with stack_of(tmp_path, own_redis, batch_api, workers=1, WORKER_CONCURRENCY=1) as stack:
        batch = submit(stack, 5)
        stack.until(lambda: stack.counts(batch)["running"] == 5, "the job")

        other = stack.submit(3, provider="demo")["id"]

        assert stack.until_done(other)["succeeded"] == 3
        assert stack.counts(batch)["running"] == 5
