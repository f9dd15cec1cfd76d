"""Whose turn it is, on the real stack."""

from tests.stack import Stack


def started(stack: Stack, *batches: str) -> list[str]:
    """The batches of all items in the order in which they started."""
    items = [item for batch in batches for item in stack.items(batch) if item["started_at"]]
    return [i["batch_id"] for i in sorted(items, key=lambda i: (i["started_at"], i["index"]))]


def test_one_image_behind_five_hundred_starts_within_two_freed_slots(stack: Stack):
    pile = stack.submit(500)["id"]
    stack.until(lambda: stack.counts(pile)["succeeded"] > 16, "the pile to be under way")
    single = stack.submit(1)
    before = single["created_at"]
    stack.until_done(single["id"])

    item = stack.items(single["id"])[0]
    between = [i for i in stack.items(pile) if i["started_at"] and before < i["started_at"] < item["started_at"]]
    stack.post(f"/api/batches/{pile}/cancel")
    stack.until_done(pile)
    assert len(between) <= 2


def test_two_piles_advance_alike(stack: Stack):
    first, second = stack.submit(200)["id"], stack.submit(200)["id"]
    ahead = 200 - stack.counts(first)["queued"]  # what had the slots to itself
    stack.until(lambda: stack.counts(first)["succeeded"] > 90, "half of the first pile")

    done = [stack.counts(first)["succeeded"] - ahead, stack.counts(second)["succeeded"]]
    assert abs(done[0] - done[1]) <= 0.1 * max(done) + 8  # those under way
    for batch in (first, second):
        stack.post(f"/api/batches/{batch}/cancel")
        stack.until_done(batch)
    order = started(stack, first, second)[16:160]
    assert abs(order.count(first) - order.count(second)) <= 0.1 * len(order)
