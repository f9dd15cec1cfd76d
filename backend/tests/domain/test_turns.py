"""The board tells what the queue will do: compared with a queue that is played through picture by picture."""

from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.turns import Turn, Waiting, turns_of

QUEUES = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), max_size=5)


def played(queues: list[list[int]]) -> list[tuple[str, int, int]]:
    """(batch, place of its first picture, of its last), served as `lease_items` serves."""
    left = {(o, b): n for o, batches in enumerate(queues) for b, n in enumerate(batches)}
    waits = [[(o, b) for b in range(len(batches))] for o, batches in enumerate(queues)]
    first: dict[tuple[int, int], int] = {}
    last: dict[tuple[int, int], int] = {}
    served = 0
    while any(waits):
        for batches in filter(None, waits):
            one = batches.pop(0)
            served += 1
            first.setdefault(one, served)
            last[one] = served
            left[one] -= 1
            if left[one]:
                batches.append(one)
    return [(f"{o}.{b}", first[o, b], last[o, b]) for o, b in sorted(first, key=lambda one: first[one])]


@given(QUEUES)
def test_every_batch_is_served_first_and_last_when_the_board_says(queues: list[list[int]]):
    owners = [[Waiting(f"{o}.{b}", n) for b, n in enumerate(batches)] for o, batches in enumerate(queues)]

    told = turns_of(owners, slots=1, each_ms=1000)

    assert [(turn.batch_id, turn.position, turn.done_s) for turn in told] == played(queues)
    assert all(turn.next_s == turn.position - 1 for turn in told)


def test_slots_work_side_by_side():
    owners = [[Waiting("a", 4)], [Waiting("b", 2)]]

    assert turns_of(owners, slots=2, each_ms=10_000) == [Turn("a", 4, 1, 0, 30), Turn("b", 2, 2, 0, 20)]


def test_without_a_worker_or_a_measure_nothing_is_promised():
    for slots, each_ms in ((0, 1000), (1, 0)):
        assert turns_of([[Waiting("a", 1)]], slots=slots, each_ms=each_ms) == [Turn("a", 1, 1, None, None)]
