from batchgen.domain.ids import new_id
from batchgen.domain.models import BatchDraft, ItemDraft, Upload, User
from batchgen.domain.states import BatchState, ItemState
from batchgen.store.connection import Client
from tests.store.steps import World

ANN = User("ann", "Ann")


def draft(upload: str | None = None) -> BatchDraft:
    return BatchDraft("n", "p", "demo", "m", (ItemDraft("a.png", "p", upload), ItemDraft("b.png", "own")))


def remember(world: World, owner: str = "ann", sha: str = "s" * 64) -> Upload:
    upload = Upload(new_id("u"), owner, "a.png", sha, "png", 3, 4, 5, 0)
    stored = world.uploads.remember(upload)
    assert stored is not None
    return stored[0]


def test_the_same_key_and_body_give_the_first_batch_and_another_body_a_conflict(redis: Client):
    world = World(redis)
    first, new = world.batches.create("b1", ANN, draft(), key_hash=("k", "h"))

    assert (first, new) == ("b1", 1)
    assert world.batches.create("b2", ANN, draft(), key_hash=("k", "h")) == ("b1", 0)
    assert world.batches.create("b3", ANN, draft(), key_hash=("k", "other")) == ("b1", -1)
    assert world.batches.create("b4", User("bob", "Bob"), draft(), key_hash=("k", "h")) == ("b4", 1)
    assert world.batches.count("ann") == 1


def test_an_upload_that_vanished_refuses_the_whole_batch(redis: Client):
    world = World(redis)

    assert world.batches.create("b1", ANN, draft("gone")) == ("gone", -2)
    assert world.batches.get("b1") is None
    assert world.lease() == []


def test_an_upload_in_use_cannot_be_forgotten_until_its_batch_is(redis: Client):
    world = World(redis)
    upload = remember(world)
    batch, _ = world.batches.create(new_id("b"), ANN, draft(upload.id))
    assert world.uploads.forget(upload) == 0

    world.items.cancel(batch)
    found = world.batches.get(batch)
    assert found is not None
    world.batches.forget(found)

    assert world.uploads.forget(upload) == 2
    assert not redis.keys(f"*{batch}*")


def test_equal_bytes_are_one_upload_per_owner_over_one_blob(redis: Client):
    world = World(redis)
    mine, again, theirs = remember(world), remember(world), remember(world, "bob")

    assert mine.id == again.id != theirs.id
    assert world.uploads.forget(mine) == 1
    assert world.uploads.forget(theirs) == 2


def test_pages_go_through_all_items_once_with_and_without_a_state(redis: Client):
    world = World(redis)
    batch_id = world.submit(25)
    for lease in world.lease(10):
        world.send(lease), world.succeed(lease)
    batch = world.batches.get(batch_id)
    assert batch is not None

    for state, expected in ((None, range(25)), (ItemState.SUCCEEDED, range(10)), (ItemState.QUEUED, range(10, 25))):
        seen, after = [], -1
        while True:
            page = world.batches.page(batch, after, 4, state)
            seen += [item.index for item in page.items]
            if page.next_cursor is None:
                break
            after = int(page.next_cursor)
        assert seen == list(expected)
        assert page.total == len(expected)


def test_a_batch_goes_through_its_states(redis: Client):
    world = World(redis)
    batch = world.submit(2)

    def state() -> BatchState:
        found = world.batches.get(batch)
        assert found is not None
        return found.state

    assert state() is BatchState.QUEUED
    first, second = world.lease()
    assert state() is BatchState.RUNNING
    world.batches.pause(batch)
    assert state() is BatchState.PAUSED
    world.send(first), world.succeed(first), world.send(second), world.settle(second, ItemState.FAILED)
    assert state() is BatchState.COMPLETED
    world.items.requeue(batch, [1], {})
    world.items.cancel(batch)
    assert state() is BatchState.CANCELLED


def test_history_is_newest_first_and_pages_from_a_batch(redis: Client):
    world = World(redis)
    ids = []
    for _ in range(5):
        world.now += 1
        ids.append(world.submit(1))

    def newest(after: tuple[int, str] | None, count: int) -> list[str]:
        return world.batches.find("ann", after, most=count).ids

    assert newest(None, 2) == ids[:2:-1]
    assert newest((world.now - 1, ids[3]), 10) == ids[2::-1]
    world.items.cancel(ids[3])
    batch = world.batches.get(ids[3])
    assert batch is not None
    world.batches.forget(batch)
    assert newest((world.now - 1, ids[3]), 10) == ids[2::-1]  # the place stays where the batch is gone
