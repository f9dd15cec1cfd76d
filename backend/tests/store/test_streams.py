"""How many event streams a user has open, over all processes."""

from batchgen.store.connection import Client
from batchgen.store.streams import LIFE_MS, Streams


def test_a_user_has_at_most_so_many_and_others_are_not_concerned(redis: Client):
    streams = Streams(redis, 2)

    assert [streams.open("ann", name) for name in ("a", "b", "c")] == [True, True, False]
    assert streams.open("ben", "d")
    assert streams.count() == 3


def test_closing_makes_room_and_a_sign_of_life_takes_none(redis: Client):
    streams = Streams(redis, 1)
    streams.open("ann", "a")

    assert streams.open("ann", "a")
    assert not streams.open("ann", "b")
    streams.close("ann", "a")
    assert streams.open("ann", "b")
    assert streams.count() == 1


def test_a_stream_of_a_process_that_died_runs_out(redis: Client):
    streams = Streams(redis, 1)
    streams.open("ann", "lost", now_ms=1_000_000)

    assert not streams.open("ann", "b", now_ms=1_000_000 + LIFE_MS - 1)
    assert streams.open("ann", "b", now_ms=1_000_000 + LIFE_MS)
