import pytest

from batchgen.domain.ids import new_id
from batchgen.domain.models import Batch, BatchDraft, ItemDraft, Upload, User
from batchgen.domain.sharing import MAX_LINKS
from batchgen.store.batches import EVERYONE, TEAM
from batchgen.store.connection import Client
from batchgen.store.sharing import Shares
from tests.store.steps import World

ANN = User("ann", "Ann")


@pytest.fixture
def world(redis: Client) -> World:
    return World(redis)


@pytest.fixture
def shares(world: World) -> Shares:
    return Shares(world.redis, world.batches, world.items)


def stored(world: World, batch_id: str) -> Batch:
    found = world.batches.get(batch_id)
    assert found is not None
    return found


def test_sharing_twice_changes_once_and_each_change_is_a_version(world: World, shares: Shares):
    batch = stored(world, world.submit(1))

    assert [shares.share(batch, team) for team in (False, True, True, False)] == [False, True, False, True]
    assert stored(world, batch.id).version == batch.version + 2


def test_a_deleted_batch_is_not_brought_back_by_sharing_it(world: World, shares: Shares):
    batch = stored(world, world.submit(1))
    world.items.cancel(batch.id)
    assert world.batches.forget(stored(world, batch.id))

    assert not shares.share(batch, True)
    assert shares.add(batch.id, new_id("l"), "token", 1) is None
    assert not shares.remove(batch.id, new_id("l"))
    assert world.redis.keys(f"*{batch.id}*") == []
    assert [world.batches.find(name).ids for name in (EVERYONE, TEAM)] == [[], []]


def test_the_lists_of_the_team_and_of_everyone_are_newest_first(world: World, shares: Shares):
    ids = []
    for owner in ("ann", "bob", "ann"):
        world.now += 1
        ids.append(world.submit(1, owner))
    for batch_id in (ids[2], ids[0]):
        shares.share(stored(world, batch_id), True)

    assert world.batches.find(EVERYONE).ids == ids[::-1]
    assert world.batches.find(TEAM).ids == [ids[2], ids[0]]
    assert (world.batches.count(EVERYONE), world.batches.count(TEAM)) == (3, 2)


def test_every_image_of_a_shared_batch_is_known_to_show(world: World, shares: Shares):
    uploads = [Upload(new_id("u"), "ann", "a.png", f"{n}" * 64, "png", 3, 4, 5, 0) for n in range(4)]
    for upload in uploads:
        world.uploads.remember(upload)
    items = tuple(ItemDraft(f"{n}", "p", uploads[n % 2].id) for n in range(1100))
    draft = BatchDraft("n", "p", "demo", "m", items, references=(uploads[2].id,))
    batch_id, _ = world.batches.create(new_id("b"), ANN, draft)

    shares.share(stored(world, batch_id), True)

    shown = [[batch.id for batch in shares.showing(upload.id)] for upload in uploads]
    assert shown == [[batch_id], [batch_id], [batch_id], []]


def test_a_link_is_found_by_its_token_until_it_is_removed(world: World, shares: Shares):
    batch_id = world.submit(1)
    link = shares.add(batch_id, new_id("l"), "token", 3)
    assert link is not None

    found = shares.find("token")

    assert found == (stored(world, batch_id), link)
    assert link.expires_ms - link.created_ms == 3 * 86_400_000
    assert shares.find("other") is None
    assert shares.remove(batch_id, link.id)
    assert not shares.remove(batch_id, link.id)
    assert shares.find("token") is None
    assert stored(world, batch_id).shared.links == ()


def test_the_key_of_a_link_goes_when_the_link_ends(world: World, shares: Shares):
    batch_id = world.submit(1)
    link = shares.add(batch_id, new_id("l"), "token", 3)
    assert link is not None

    [name] = world.redis.keys("bg:link:*")

    left = world.redis.pttl(name)
    assert 3 * 86_400_000 - 600_000 < left <= 3 * 86_400_000


def test_no_more_links_than_the_limit_live_at_once(world: World, shares: Shares):
    batch_id, day = world.submit(1), 86_400_000
    for n in range(MAX_LINKS):
        assert shares.add(batch_id, new_id("l"), f"token{n}", 1, now_ms=world.now)

    assert shares.add(batch_id, new_id("l"), "one more", 1, now_ms=world.now) is None
    assert shares.add(batch_id, new_id("l"), "tomorrow", 1, now_ms=world.now + day) is not None
    assert len(stored(world, batch_id).shared.links) == 1
