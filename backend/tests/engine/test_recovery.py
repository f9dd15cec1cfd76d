import pytest

from batchgen.domain.failures import Charged
from batchgen.domain.states import ItemState
from batchgen.engine.recovery import Recovery
from batchgen.store.connection import Client
from tests.store.steps import World


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


def lose(world: World, *, sent: bool) -> str:
    """One item handed out (and sent), its worker gone; the item's id after the sweep."""
    recovery = Recovery(world.queue, world.items, max_attempts=6)
    world.now += 5_000
    [lease] = world.lease()
    if sent:
        world.send(lease)
    recovery.sweep(now_ms=world.now)
    while world.state(lease.item_id) == "running":
        world.now += 1_000
        recovery.sweep(now_ms=world.now)
    return lease.item_id


def test_what_was_never_sent_goes_back_without_counting_as_paid(world: World):
    batch = world.submit(1)
    lose(world, sent=False)

    [item] = world.batches.items(batch, [0])
    assert (item.state, item.possibly_paid, item.attempts) == (ItemState.WAITING, 0, 0)


def test_what_may_have_been_paid_is_rerun_once_and_then_left_to_a_person(world: World):
    batch = world.submit(1, price=50)
    lose(world, sent=True)
    [item] = world.batches.items(batch, [0])
    assert (item.state, item.possibly_paid, item.error_code) == (ItemState.WAITING, 1, "interrupted")

    lose(world, sent=True)

    [item] = world.batches.items(batch, [0])
    assert (item.state, item.possibly_paid, item.attempts) == (ItemState.FAILED, 2, 2)
    found = world.batches.get(batch)
    assert found is not None
    assert (found.held_micros, found.possibly_paid_micros) == (0, 100)


def test_an_item_that_takes_worker_after_worker_down_ends(world: World):
    batch = world.submit(1)
    for _ in range(5):
        lose(world, sent=False)

    [item] = world.batches.items(batch, [0])
    assert (item.state, item.error_code, item.possibly_paid) == (ItemState.FAILED, "interrupted", 0)


def test_a_person_s_retry_gives_an_item_all_its_chances_again(world: World):
    batch = world.submit(1)
    [lease] = world.lease()
    world.send(lease)
    world.settle(lease, ItemState.FAILED, charged=Charged.UNKNOWN)
    world.items.requeue(batch, [0], {}, now_ms=world.now)

    lose(world, sent=True)

    [item] = world.batches.items(batch, [0])
    assert item.state is ItemState.WAITING
