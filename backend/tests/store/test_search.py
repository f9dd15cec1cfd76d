"""A search looks at so many batches and no more, tells where it stopped, and misses none on the way."""

from batchgen.domain.ids import new_id
from batchgen.domain.models import BatchDraft, ItemDraft, User
from batchgen.store.batches import EVERYONE
from batchgen.store.connection import Client
from tests.store.steps import World


def submit(world: World, name: str, prompt: str = "p", owner: str = "ann") -> str:
    world.now += 1
    draft = BatchDraft(name, prompt, "demo", "m", (ItemDraft("a", prompt),))
    return world.batches.create(new_id("b"), User(owner, owner.title()), draft, now_ms=world.now)[0]


def all_found(world: World, owner: str = "ann", looks: int = 3, **more: object) -> tuple[list[str], int]:
    """Everything that a search finds, and how many looks it took."""
    ids: list[str] = []
    after, times = None, 0
    while times == 0 or after:
        found = world.batches.find(owner, after, looks=looks, **more)  # type: ignore[arg-type]
        ids, after, times = ids + found.ids, found.stopped, times + 1
    return ids, times


def test_each_word_stands_somewhere_in_the_name_or_the_prompt(redis: Client):
    world = World(redis)
    shoes = submit(world, "Red SHOES", "on white")
    hats = submit(world, "Hats", "red, on black")
    tea = submit(world, "茶壶", "红色茶壶，纯白背景")

    assert all_found(world, words=["red"])[0] == [hats, shoes]
    assert all_found(world, words=["white", "red"])[0] == [shoes]
    assert all_found(world, words=["纯白"])[0] == [tea]
    assert all_found(world, words=["shoe%", "."])[0] == []


def test_capitals_of_every_script_are_found(redis: Client):
    world = World(redis)
    cafe = submit(world, "CAFÉ ÉTÉ")

    assert all_found(world, words=["été"])[0] == [cafe]
    world.batches.rename(cafe, "STRASSE ÜBER")
    assert all_found(world, words=["été"])[0] == []
    assert all_found(world, words=["über"])[0] == [cafe]
    world.batches.rename(cafe, "Plain")
    assert all_found(world, words=["plain"])[0] == [cafe]


def test_people_are_found_where_they_count(redis: Client):
    world = World(redis)
    bobs = submit(world, "one", owner="bob")
    submit(world, "two", owner="ann")

    assert all_found(world, EVERYONE, words=["bob"], people=True)[0] == [bobs]
    emiles = submit(world, "x", owner="émile")
    assert all_found(world, EVERYONE, words=["émile"], people=True)[0] == [emiles]
    assert all_found(world, EVERYONE, words=["bob"])[0] == []


def test_one_look_goes_through_no_more_than_it_may_and_all_of_them_through_everything(redis: Client):
    world = World(redis)
    ids = [submit(world, "needle" if n in (0, 11) else "hay") for n in range(23)]

    first = world.batches.find("ann", looks=5, words=["needle"])
    assert (first.ids, first.stopped) == ([], (world.now - 4, ids[-5]))
    assert all_found(world, looks=5, words=["needle"]) == ([ids[11], ids[0]], 5)


def test_a_page_goes_on_behind_the_last_that_it_showed(redis: Client):
    world = World(redis)
    ids = [submit(world, "n") for _ in range(7)]

    seen, after = [], None
    while True:
        found = world.batches.find("ann", after, most=2)
        seen += found.ids
        after = found.stopped
        if after is None:
            break
    assert seen == ids[::-1]


def test_batches_of_one_millisecond_are_each_found_once(redis: Client):
    world = World(redis)
    ids = []
    for _ in range(9):
        world.now -= 1  # undone by submit
        ids.append(submit(world, "n"))

    assert sorted(all_found(world, looks=2)[0]) == sorted(ids)


def test_a_state_is_looked_for_among_those_that_may_have_it(redis: Client):
    world = World(redis)
    done = submit(world, "a")
    (lease,) = world.lease()
    world.send(lease), world.succeed(lease)
    open_, stopped = submit(world, "b"), submit(world, "c")
    world.items.cancel(stopped)

    assert all_found(world, kind="open")[0] == [open_]
    assert all_found(world, kind="ended")[0] == [stopped, done]
    assert all_found(world, kind="cancelled")[0] == [stopped]
