"""The event stream on the real stack: each change once, in order, across a cut."""

from typing import Any

from tests.stack import Stack, Stream


def changes(stream: Stream, batch: str, count: int) -> list[tuple[str, int, str]]:
    """(item, version, state) of the next `count` item events."""
    seen: list[tuple[str, int, str]] = []
    while len(seen) < count:
        event = stream.take()
        assert event is not None, "the stream ended early"
        _, name, data = event
        if name == "item" and data["batch_id"] == batch:
            seen.append((data["id"], data["version"], data["state"]))
    return seen


def expected(stack: Stack, batch: str) -> list[tuple[str, int]]:
    """Every version that each item went through; its first is the creation, which is no change."""
    return sorted((i["id"], v) for i in stack.items(batch) for v in range(2, i["version"] + 1))


def test_a_stream_that_is_cut_in_the_middle_resumes_without_loss_or_repeat(stack: Stack):
    first = Stream(f"{stack.url}/api/events")
    whole = Stream(f"{stack.url}/api/events")  # the second tab
    batch = stack.submit(100)["id"]
    before = changes(first, batch, 80)
    first.close()

    resumed = Stream(f"{stack.url}/api/events", last_id=first.last_id)
    after = changes(resumed, batch, 200 - len(before))
    seen = before + after
    tab = changes(whole, batch, 200)
    resumed.close()
    whole.close()

    assert sorted((i, v) for i, v, _ in seen) == expected(stack, batch)
    assert len(seen) == 200
    assert seen == tab
    for item in {i for i, _, _ in seen}:
        assert [v for i, v, _ in seen if i == item] == [2, 3]


def test_a_new_connection_may_ask_by_after_and_one_batch_may_be_followed_alone(stack: Stack):
    other, batch = stack.submit(3)["id"], stack.submit(3)["id"]
    stack.until_done(batch), stack.until_done(other)
    stream = Stream(f"{stack.url}/api/batches/{batch}/events?after=0-0")
    seen = changes(stream, batch, 6)
    stream.close()

    assert sorted((i, v) for i, v, _ in seen) == expected(stack, batch)


def test_an_id_that_the_stream_no_longer_holds_gives_one_reset_with_the_batch(stack: Stack):
    batch = stack.submit(1)["id"]
    stack.until_done(batch)
    stream = Stream(f"{stack.url}/api/batches/{batch}/events", last_id="1-1")
    event: Any = stream.take()
    stream.close()

    assert event[1] == "reset"
    assert event[2]["id"] == batch


def test_the_last_word_on_a_batch_is_that_it_is_completed(stack: Stack):
    stream = Stream(f"{stack.url}/api/events")
    batch = stack.submit(5)["id"]
    state = ""
    while state != "completed":
        event = stream.take()
        assert event is not None
        if event[1] == "batch" and event[2]["id"] == batch:
            state = event[2]["state"]
    stream.close()
