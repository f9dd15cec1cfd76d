"""What one owner may keep: counted in the step that stores it."""

import threading
from dataclasses import replace

import pytest

from batchgen.domain.models import Upload
from batchgen.store.connection import Client, connect
from batchgen.store.uploads import Quota, Uploads


def upload(n: int, owner: str = "ann", size: int = 100) -> Upload:
    return Upload(f"u{n:020}", owner, f"{n}.png", f"{n:064x}", "png", 4, 4, size, 0)


def test_a_count_over_the_quota_is_refused_and_equal_bytes_are_no_new_ones(redis: Client):
    uploads = Uploads(redis, Quota(uploads=2))

    assert [uploads.remember(upload(n)) is not None for n in (1, 2, 3)] == [True, True, False]
    assert uploads.remember(replace(upload(2), id="uagain")) == (uploads.get(upload(2).id), False)
    assert uploads.get(upload(3).id) is None
    assert not uploads.is_held(upload(3).sha256)


def test_bytes_over_the_quota_are_refused_to_the_byte(redis: Client):
    uploads = Uploads(redis, Quota(bytes=250))
    uploads.remember(upload(1, size=100))

    assert uploads.is_full("ann", 151)
    assert not uploads.is_full("ann", 150)
    assert uploads.remember(upload(2, size=151)) is None
    assert uploads.remember(upload(2, size=150)) is not None


def test_what_is_removed_makes_room_again(redis: Client):
    uploads = Uploads(redis, Quota(bytes=100))
    uploads.remember(upload(1))

    assert uploads.remember(upload(2)) is None
    uploads.forget(upload(1))
    assert uploads.remember(upload(2)) is not None


def test_the_quota_is_each_owner_s_own(redis: Client):
    uploads = Uploads(redis, Quota(uploads=1))

    assert uploads.remember(upload(1, "ann")) is not None
    assert uploads.remember(upload(2, "ben")) is not None


@pytest.mark.parametrize("quota", [Quota(), Quota(uploads=0, bytes=0)])
def test_zero_is_no_limit(redis: Client, quota: Quota):
    uploads = Uploads(redis, quota)

    assert all(uploads.remember(upload(n, size=10**12)) for n in range(20))


def test_twenty_at_once_do_not_exceed_it(redis: Client, redis_server):
    uploads = Uploads(connect(redis_server.url), Quota(uploads=5, bytes=450))
    stored: list[bool] = []
    threads = [
        threading.Thread(target=lambda n=n: stored.append(uploads.remember(upload(n)) is not None)) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(stored) == 4  # 4 × 100 bytes fit, a fifth does not
    assert int(redis.hget("bg:used", "ann")) == 400


def test_an_upload_that_is_removed_twice_gives_back_its_share_of_the_bytes_once(redis: Client):
    uploads = Uploads(redis, Quota())
    hers, his = upload(1, "ann"), replace(upload(1, "ben"), id=f"u{2:020}")
    assert uploads.remember(hers)
    assert uploads.remember(his)

    for _ in range(2):
        uploads.forget(hers)

    assert uploads.is_held(his.sha256)
