from batchgen.store.connection import Client
from batchgen.store.load import Load, Loads
from tests.store.steps import World

LANE = "demo/m"


def test_a_lane_that_nobody_used_is_empty_and_was_never_measured(redis: Client):
    assert Loads(redis).of(LANE) == Load(0, (), 0)


def test_what_runs_and_what_each_batch_has_left_is_told_of_all_owners(redis: Client):
    world = World(redis)
    world.submit(5, "ann")
    world.submit(3, "ann")
    world.submit(7, "bob")
    world.submit(9, "bob", provider="slow")
    lease = next(one for one in world.lease(4) if one.lane == LANE)

    before = Loads(redis).of(LANE)
    world.send(lease)
    world.now += 2000
    world.succeed(lease)
    after = Loads(redis).of(LANE)

    assert before.running + sum(before.queued) == 15
    assert len(before.queued) == 3
    assert (after.running, after.each_ms) == (before.running - 1, 2000)
