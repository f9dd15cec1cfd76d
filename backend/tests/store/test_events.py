from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from batchgen.store.events import Events
from tests.store.steps import World


def test_each_change_of_an_item_is_told_once_in_order_as_it_was(redis: Client):
    world = World(redis)
    events = Events(redis, redis, world.batches, world.items, world.uploads)
    start = events.last_id("ann")
    batch = world.submit(1)
    [lease] = world.lease()
    world.send(lease)
    world.settle(lease, ItemState.WAITING, delay_ms=1_000)
    world.now += 2_000
    [lease] = world.lease()
    world.send(lease)
    world.succeed(lease)

    changes = events.hydrate(events.since("ann", start))

    items = [c.item for c in changes if c.item]
    assert [i.state.value for i in items] == ["running", "waiting", "running", "succeeded"]
    assert [i.version for i in items] == [2, 3, 4, 5]
    assert items[1].error_code == "timeout"
    assert items[3].result is not None
    assert [c.batch.id for c in changes if c.batch] == [batch]


def test_an_id_is_held_while_it_stands_in_the_stream(redis: Client):
    world = World(redis)
    events = Events(redis, redis, world.batches, world.items, world.uploads)
    world.submit(1)
    last = events.last_id("ann")

    assert events.holds("ann", last)
    assert events.holds("ann", "0-0")
    for wrong in ("1-1", "", "x", "9" * 40, "1", "-"):
        assert not events.holds("ann", wrong)


def test_a_deleted_batch_is_told_as_gone(redis: Client):
    world = World(redis)
    events = Events(redis, redis, world.batches, world.items, world.uploads)
    batch = world.submit(1)
    world.items.cancel(batch)
    start = events.last_id("ann")
    found = world.batches.get(batch)
    assert found is not None
    world.batches.forget(found)

    [change] = events.hydrate(events.since("ann", start))
    assert (change.kind, change.batch_id) == ("gone", batch)
    assert change.id == events.last_id("ann")
