"""Cancel, pause, resume, retry on the real stack."""

import time

from tests.stack import Stack


def attempts(stack: Stack, batch_id: str) -> int:
    return sum(item["attempts"] for item in stack.items(batch_id))


def test_nothing_is_sent_after_the_answer_to_a_cancel_and_what_runs_is_kept(stack: Stack):
    batch = stack.submit(80)["id"]
    stack.until(lambda: stack.counts(batch)["succeeded"] > 4, "some pictures")

    answered = stack.post(f"/api/batches/{batch}/cancel")
    sent = attempts(stack, batch)

    assert answered["counts"]["queued"] == 0
    counts = stack.until_done(batch)
    time.sleep(0.6)
    assert attempts(stack, batch) == sent == counts["succeeded"]
    assert counts["succeeded"] + counts["cancelled"] == 80
    assert counts["cancelled"] > 0
    assert stack.get(f"/api/batches/{batch}")["state"] == "cancelled"
    assert all(item["result"] for item in stack.items(batch) if item["state"] == "succeeded")


def test_a_paused_batch_stands_still_and_resumes_where_it_was(stack: Stack):
    batch = stack.submit(40)["id"]
    stack.until(lambda: stack.counts(batch)["succeeded"] > 2, "some pictures")
    assert stack.post(f"/api/batches/{batch}/pause")["paused"] is True
    stack.until(lambda: stack.counts(batch)["running"] == 0, "running ones to finish")
    still = stack.counts(batch)
    assert still["queued"] > 0

    time.sleep(0.8)
    assert stack.counts(batch) == still
    assert stack.get(f"/api/batches/{batch}")["state"] == "paused"
    stack.post(f"/api/batches/{batch}/resume")

    assert stack.until_done(batch)["succeeded"] == 40
    assert attempts(stack, batch) == 40


def test_failed_items_are_rerun_with_other_words_and_succeeded_ones_are_not_touched(stack: Stack):
    items = [{"prompt": "fine"}, {"prompt": "[fail:blocked] not fine"}, {"prompt": "fine too"}]
    batch = stack.post("/api/batches", {"prompt": "p", "items": items})["id"]
    counts = stack.until_done(batch)
    assert (counts["succeeded"], counts["failed"]) == (2, 1)
    before = {i["id"]: i for i in stack.items(batch) if i["state"] == "succeeded"}
    failed = stack.get(f"/api/batches/{batch}/items", state="failed")["items"][0]
    assert failed["error"]["category"] == "blocked"

    stack.post(f"/api/batches/{batch}/retry", {"categories": ["blocked"], "prompt": "kinder words"})

    assert stack.until_done(batch)["succeeded"] == 3
    after = {i["id"]: i for i in stack.items(batch)}
    assert all(after[i] == before[i] for i in before)
    assert after[failed["id"]]["prompt"] == "kinder words"
    assert [a["outcome"] for a in stack.get(f"/api/items/{failed['id']}")["attempt_log"]][-1] == "succeeded"


def test_one_cancelled_item_is_run_again_alone(stack: Stack):
    batch = stack.submit(20)["id"]
    last = f"{batch}-19"
    assert stack.post(f"/api/items/{last}/cancel")["state"] == "cancelled"
    assert stack.until_done(batch)["cancelled"] == 1

    stack.post(f"/api/items/{last}/retry", {})

    assert stack.until_done(batch)["succeeded"] == 20


def test_retry_without_anything_to_retry_says_so(stack: Stack):
    batch = stack.submit(1)["id"]
    stack.until_done(batch)

    answer = stack.http.post(f"{stack.url}/api/batches/{batch}/retry", json={})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_to_retry")
