from batchgen.domain.audit import Caller
from batchgen.domain.models import User
from batchgen.store.audit import Audit
from batchgen.store.connection import Client

ANN = User("ann", "安", "admin")


def test_an_act_comes_back_as_it_was_written(redis: Client):
    audit = Audit(redis, 10)
    audit.add(ANN, "batch.cancel", "b1", Caller("::1", "token"), {"owner": "李", "items": 3})

    [act] = audit.newest(None)

    assert (act.actor, act.action, act.target, act.caller) == (ANN, "batch.cancel", "b1", Caller("::1", "token"))
    assert act.details == {"owner": "李", "items": 3}


def test_the_oldest_acts_go_where_there_are_too_many(redis: Client):
    audit = Audit(redis, 600)
    for n in range(1300):
        audit.add(ANN, "batch.cancel", str(n), Caller(), {})

    assert [act.target for act in audit.newest(None)] == [str(n) for n in range(1299, 699, -1)]


def test_a_page_goes_on_behind_its_last_act_also_where_new_ones_came(redis: Client):
    audit = Audit(redis, 100)
    for n in range(3):
        audit.add(ANN, "batch.cancel", str(n), Caller(), {})
    last = next(audit.newest(None))
    audit.add(ANN, "batch.cancel", "new", Caller(), {})

    assert [act.target for act in audit.newest(last.id)] == ["1", "0"]


def test_the_same_act_from_the_same_address_is_news_once(redis: Client):
    audit = Audit(redis, 10)
    asked = [
        ("link.open", "l1", "::1"),
        ("link.open", "l1", "::1"),
        ("link.open", "l1", "::2"),
        ("link.open", "l2", "::1"),
    ]

    assert [audit.is_news(*one) for one in asked] == [True, False, True, True]
    assert all(0 < redis.ttl(name) <= 3600 for name in redis.keys("bg:heard:*"))
