"""What counts in the window of a key's limit: calls that left, and those that may leave at any time."""

import pytest

from batchgen.domain.pace import Room
from batchgen.domain.states import ItemState
from batchgen.store.connection import Client
from tests.store.steps import World


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis, limits={"rated": Room(100, 10, ("a", "b"))})


def test_a_start_that_is_put_off_for_longer_than_the_window_still_counts(world: World):
    world.submit(60, provider="rated")
    put_off = world.lease()
    world.now += 61_000
    assert world.lease() == []
    for lease in put_off:
        world.send(lease)
    world.now += 59_000

    assert world.lease() == []
    world.now += 2_000
    assert len(world.lease()) == 20


def test_what_was_never_sent_gives_its_place_in_the_window_back(world: World):
    world.submit(40, provider="rated")
    for lease in world.lease():
        world.settle(lease, ItemState.FAILED)

    assert len(world.lease()) == 20
