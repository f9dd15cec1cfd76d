import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgen.domain.failures import KINDS, Charged, Failure, Rule
from batchgen.domain.retry import BACKOFF_S, CAP_S, HINT_CAP_S, Decision, decide
from batchgen.domain.states import ACCEPTS, FINAL, MOVES, BatchState, ItemState, batch_state, sources_of


def top(_low: float, high: float) -> float:
    return high


def after(code: str, *, tries: int = 1, reruns: int = 0, hint: float | None = None, most: int = 6) -> Decision:
    failure = Failure(code, Charged.UNKNOWN, hint)
    return decide(failure, tries=tries, reruns=reruns, max_attempts=most, spread=top)


def test_a_provider_s_own_delay_is_honoured_and_capped():
    assert after("provider_rate_limited", hint=18.2).delay_s >= 18.2
    assert HINT_CAP_S <= after("provider_rate_limited", hint=9_999).delay_s <= HINT_CAP_S * 1.1


@given(st.integers(1, 5), st.floats(0, 1))
def test_without_a_hint_the_delay_is_anything_up_to_a_doubling_cap(tries: int, part: float):
    failure = Failure("provider_rate_limited", Charged.NO)
    spread = lambda low, high: low + (high - low) * part  # noqa: E731
    decision = decide(failure, tries=tries, reruns=0, max_attempts=6, spread=spread)

    assert decision.to is ItemState.WAITING
    assert 0 <= decision.delay_s <= min(CAP_S, 2 * 2**tries)


def test_a_busy_provider_is_tried_three_more_times():
    delays = [after("upstream_busy", tries=n).delay_s for n in (1, 2, 3)]

    assert delays == list(BACKOFF_S)
    assert after("upstream_busy", tries=4).to is ItemState.FAILED


def test_a_missing_image_is_tried_once_more():
    assert after("no_image", tries=1) == Decision(ItemState.WAITING, 2.0)
    assert after("no_image", tries=2).to is ItemState.FAILED


@pytest.mark.parametrize("code", [c for c, k in KINDS.items() if k.rule is Rule.RERUN])
def test_what_may_have_been_paid_is_rerun_once_in_all(code: str):
    first = after(code, tries=3, reruns=0)

    assert (first.to, first.rerun) == (ItemState.WAITING, True)
    assert after(code, tries=4, reruns=1).to is ItemState.FAILED


@pytest.mark.parametrize("code", [c for c, k in KINDS.items() if k.rule in (Rule.NEVER, Rule.ASK)])
def test_what_a_rerun_cannot_mend_or_a_person_must_decide_fails_at_once(code: str):
    assert after(code).to is ItemState.FAILED


def test_no_item_is_tried_more_often_than_the_operator_allows():
    assert after("provider_rate_limited", tries=6, hint=1).to is ItemState.FAILED
    assert after("upstream_busy", tries=1, most=1).to is ItemState.FAILED


def test_final_states_are_left_by_a_retry_only():
    for state in FINAL:
        assert MOVES[state] <= {ItemState.QUEUED}
    assert sources_of(ItemState.QUEUED) == ["failed", "cancelled"]
    assert sources_of(ItemState.SUCCEEDED) == ["running"]


def test_only_a_person_s_word_makes_a_success_of_what_has_ended():
    assert sources_of(ItemState.SUCCEEDED, ACCEPTS) == ["failed", "cancelled"]
    assert not set(sources_of(ItemState.SUCCEEDED)) & set(sources_of(ItemState.SUCCEEDED, ACCEPTS))


def test_a_batch_s_state_follows_from_its_items():
    queued, done = {ItemState.QUEUED: 3}, {ItemState.SUCCEEDED: 3}

    assert batch_state(queued, paused=False, cancelled=False) is BatchState.QUEUED
    assert batch_state(queued, paused=True, cancelled=False) is BatchState.PAUSED
    assert batch_state(queued | done, paused=False, cancelled=False) is BatchState.RUNNING
    assert batch_state(done, paused=True, cancelled=False) is BatchState.COMPLETED
    assert batch_state(done, paused=False, cancelled=True) is BatchState.CANCELLED
