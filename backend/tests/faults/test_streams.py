"""Event streams on the real stack: so many per user, and a reader that hangs up is gone at once."""

import pytest
import requests

from tests.conftest import RedisServer
from tests.stack import Stack, Stream, running


def status_of(stack: Stack) -> int:
    with requests.get(f"{stack.url}/api/events", stream=True, timeout=30) as answer:
        return answer.status_code


def test_a_seventh_stream_is_refused_and_a_closed_one_makes_room(stack: Stack):
    streams = [Stream(f"{stack.url}/api/events") for _ in range(6)]
    try:
        refused = requests.get(f"{stack.url}/api/events", timeout=30, headers={"Accept-Language": "en"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_streams")
        assert refused.headers["Retry-After"]
        assert stack.get("/health")["status"] == "ok"
        streams.pop().close()
        stack.until(lambda: status_of(stack) == 200, "the place of the closed stream", 12)  # less than a heartbeat
    finally:
        for stream in streams:
            stream.close()


@pytest.mark.parametrize("after", ["nonsense", "0", "-1-1", "9" * 40, "1-", "\u0661-\u0661", "99999999999999-0"])
def test_a_bad_last_event_id_gives_a_reset_and_no_error(stack: Stack, after: str):
    answer = requests.get(f"{stack.url}/api/events", params={"after": after}, stream=True, timeout=30)
    with answer:
        lines = answer.iter_lines()
        first = [next(lines) for _ in range(3)]

    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert any(line.startswith((b"event: reset", b"retry:")) for line in first)


def test_sixty_open_streams_keep_nobody_from_working(tmp_path, own_redis: RedisServer):
    with running(tmp_path, own_redis, MAX_STREAMS_PER_USER=100) as stack:
        streams = [Stream(f"{stack.url}/api/events") for _ in range(60)]
        try:
            batch = stack.submit(2)["id"]
            assert stack.until_done(batch)["succeeded"] == 2
            assert stack.get("/health")["status"] == "ok"
            assert all(stream.take(30) is not None for stream in streams)
        finally:
            for stream in streams:
                stream.close()
