import threading

import pytest

from batchgen.domain.availability import CALL_EVIDENCE_MS, Evidence, Presence
from batchgen.store.connection import Client, connect
from batchgen.store.models import HURRY_MS, Models
from tests.conftest import RedisServer

NOW, HOUR = 1_800_000_000_000, 3_600_000
PRESENT, GONE, UNKNOWN = Presence.PRESENT, Presence.GONE, Presence.UNKNOWN


@pytest.fixture
def models(redis: Client) -> Models:
    return Models(redis)


def test_what_is_found_is_told_with_since_when_and_news_are_given_back(models: Models):
    assert models.note("gemini", {"a": PRESENT, "b": GONE}, Evidence.PROBE, NOW) == {"a": PRESENT, "b": GONE}
    assert models.note("gemini", {"a": PRESENT, "b": GONE}, Evidence.PROBE, NOW + 5) == {}

    found = models.get("gemini", "b")
    assert found is not None
    assert (found.state, found.evidence, found.since_ms, found.checked_ms) == (GONE, Evidence.PROBE, NOW, NOW + 5)
    assert set(models.all()) == {"gemini/a", "gemini/b"}
    assert models.get("openai", "a") is None


def test_what_could_not_be_found_out_leaves_what_is_known(models: Models):
    models.note("gemini", {"a": GONE}, Evidence.PROBE, NOW)

    assert models.note("gemini", {"a": UNKNOWN, "b": UNKNOWN}, Evidence.PROBE, NOW + 9) == {}

    assert [(name, state.state) for name, state in models.all().items()] == [("gemini/a", GONE)]


def test_a_refused_call_counts_until_a_probe_says_otherwise(models: Models):
    models.note("gemini", {"a": PRESENT}, Evidence.PROBE, NOW)
    assert models.note("gemini", {"a": GONE}, Evidence.CALL, NOW + 1) == {"a": GONE}
    assert models.note("gemini", {"a": PRESENT}, Evidence.PROBE, NOW + 2) == {"a": PRESENT}


def test_a_refused_call_alone_does_not_count_for_ever(models: Models):
    models.note("doubao", {"a": GONE}, Evidence.CALL, NOW)
    models.note("gemini", {"a": GONE}, Evidence.CALL, NOW)
    models.note("gemini", {"a": GONE}, Evidence.PROBE, NOW + 1)

    by_call, confirmed = models.get("doubao", "a"), models.get("gemini", "a")
    assert by_call is not None
    assert confirmed is not None
    assert by_call.is_gone(NOW + CALL_EVIDENCE_MS - 1)
    assert not by_call.is_gone(NOW + CALL_EVIDENCE_MS)
    assert confirmed.is_gone(NOW + 100 * CALL_EVIDENCE_MS)


def test_one_of_many_probes_when_it_is_time(models: Models, redis_server: RedisServer):
    claimed, gate = [], threading.Barrier(8)

    def try_it() -> None:
        mine = connect(redis_server.url)
        gate.wait()
        claimed.append(Models(mine).claim(HOUR, "config", NOW))
        mine.close()

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == [False] * 7 + [True]
    assert not models.claim(HOUR, now_ms=NOW + HOUR - 1)
    assert models.claim(HOUR, now_ms=NOW + HOUR)


def test_another_configuration_is_probed_at_its_start_and_what_was_found_before_is_dropped(models: Models):
    models.claim(HOUR, "one", NOW)
    models.note("gemini", {"a": GONE}, Evidence.PROBE, NOW)

    assert not models.claim(HOUR, "one", NOW + 1)
    assert models.all()
    assert models.claim(HOUR, "two", NOW + 2)
    assert models.all() == {}


def test_a_refused_call_brings_the_next_probe_forward_once(models: Models):
    models.claim(HOUR, "", NOW)
    models.note("gemini", {"a": GONE}, Evidence.CALL, NOW + 1)
    models.note("gemini", {"a": GONE}, Evidence.CALL, NOW + 2)

    assert not models.claim(HOUR, now_ms=NOW + HURRY_MS - 1)
    assert models.claim(HOUR, now_ms=NOW + HURRY_MS)
    models.note("gemini", {"a": GONE}, Evidence.CALL, NOW + HURRY_MS)
    assert not models.claim(HOUR, now_ms=NOW + 2 * HURRY_MS)
