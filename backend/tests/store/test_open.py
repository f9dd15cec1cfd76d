"""How much of a person's work is open: a cap, held from all sides at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from batchgen.domain.budgets import Caps, Terms
from batchgen.domain.ids import new_id
from batchgen.domain.states import ItemState
from batchgen.errors import NoRoom, QueueFull
from batchgen.store.connection import Client, connect
from batchgen.store.keys import key
from batchgen.store.load import Loads
from batchgen.store.pilots import Pilots
from tests.conftest import RedisServer
from tests.store.sampled import ANN, draft, in_review, made, pilot
from tests.store.steps import World


def roomy(redis: Client, limit: int | None) -> World:
    return World(redis, terms=Terms(Caps(), max_open=limit))


def open_of(redis: Client, owner: str = "ann") -> int:
    return Loads(redis).open_of(owner)


def fail_all(world: World) -> None:
    for lease in world.lease():
        world.send(lease), world.settle(lease, ItemState.FAILED)


def test_what_would_pass_the_cap_is_refused_with_the_figures_and_leaves_nothing(redis: Client):
    world = roomy(redis, 5)
    world.submit(3)
    before = sorted(redis.keys("*"))

    with pytest.raises(QueueFull) as refused:
        world.submit(3)

    assert (refused.value.code, refused.value.status) == ("queue_full", 429)
    assert refused.value.params == {"limit": 5, "open": 3, "asked": 3, "seconds": 30}
    assert sorted(redis.keys("*")) == before
    assert world.submit(2)
    assert world.submit(5, owner="bob"), "each has a queue of their own"


def test_what_ends_makes_room_and_what_goes_on_does_not(redis: Client):
    world = roomy(redis, 3)
    batch = world.submit(3)
    first, second, third = world.lease()
    for lease in (first, second, third):
        world.send(lease)
    with pytest.raises(QueueFull):
        world.submit(1)

    world.settle(second, ItemState.WAITING, delay_ms=1_000)
    assert open_of(redis) == 3
    world.succeed(first), world.settle(third, ItemState.FAILED)
    assert open_of(redis) == 1
    world.items.cancel(batch, now_ms=world.now)
    assert open_of(redis) == 0
    assert not redis.exists(key("open", "ann"))


def test_a_retry_goes_back_whole_or_not_at_all(redis: Client):
    world = roomy(redis, 4)
    batch = world.submit(3)
    fail_all(world)
    world.submit(2)

    for now, then in (([0, 1, 2], []), ([0], [1, 2])):
        with pytest.raises(QueueFull):
            world.items.requeue(batch, now, {}, then=then, now_ms=world.now)
    assert world.counts(batch) == {"failed": 3}
    assert world.items.requeue(batch, [0], {}, then=[2], now_ms=world.now) == 1
    assert open_of(redis) == 3


def test_a_pilot_counts_whole_from_the_start_so_its_approval_is_never_refused(redis: Client):
    world = roomy(redis, 6)
    pilots = Pilots(redis, Terms(max_open=6))
    batch = in_review(world)
    assert open_of(redis) == 4
    world.submit(2)

    with pytest.raises(QueueFull):
        pilots.repeat(batch, {}, None)
    assert pilots.approve(batch) == 1
    assert open_of(redis) == 6


def test_a_duel_counts_all_its_contestants(redis: Client):
    world, pilots = roomy(redis, 11), Pilots(redis, Terms(max_open=11))
    two = [(new_id("b"), draft()), (new_id("b"), draft())]  # of six pictures each

    with pytest.raises(QueueFull):
        pilots.create_duel(new_id("d"), ANN, two)
    assert not redis.keys("bg:b:*")

    pilots = Pilots(redis, Terms(max_open=12))
    duel, _ = pilots.create_duel(new_id("d"), ANN, two)
    made(world)
    assert pilots.choose(duel, two[0][0]) == 1
    assert open_of(redis) <= 12


def test_submits_retries_and_repeats_at_once_never_pass_the_cap(redis: Client, redis_server: RedisServer):
    terms = Terms(Caps(), max_open=20)
    worlds = [World(connect(redis_server.url), terms=terms) for _ in range(8)]
    first = worlds[0]
    failed = [first.submit(1) for _ in range(12)]
    fail_all(first)
    ready = [in_review(first) for _ in range(2)]  # of each, two are made and four wait
    assert open_of(redis) == 8
    highest: list[int] = []

    def act(n: int) -> bool:
        world = worlds[n % 8]
        try:
            if n % 3 == 0:
                world.submit(1)
            elif n % 3 == 1:
                return bool(world.items.requeue(failed[n // 3 % 12], [0], {}, now_ms=world.now))
            else:
                return Pilots(world.redis, terms).repeat(ready[n % 2], {}, None, now_ms=world.now) == 1
        except NoRoom:
            return False
        finally:
            highest.append(open_of(world.redis))
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(act, range(120)))

    assert any(done)
    assert max(highest) == open_of(redis) == 20
    letters = "".join(redis.get(name) for name in redis.keys("bg:s:*"))
    assert sum(letters.count(one) for one in "qwr") == 20


def test_no_cap_is_none(redis: Client):
    world = roomy(redis, None)
    for _ in range(5):
        pilot(world)
    assert open_of(redis) == 30
