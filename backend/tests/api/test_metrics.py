"""GET /metrics: what it tells, and to whom."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from batchgen.domain.models import User
from batchgen.observability import metrics as counted
from batchgen.store.connection import Client
from tests.api.conftest import Make
from tests.api.test_bad_input import EN, GOOD, told

TOKEN = "a-word-that-only-prometheus-knows"


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_it_tells_of_requests_and_of_the_queue_by_provider(make: Make):
    client = make(METRICS_TOKEN=TOKEN)
    before = samples(client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True))
    client.post("/api/batches", json=GOOD | {"items": [{}] * 3})
    client.get("/api/batches/b00000000000000000000")

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    now = samples(answer.get_data(as_text=True))

    assert answer.mimetype == "text/plain"
    assert now["batchgen_queue_items", (("provider", "demo"),)] == 3
    route = (("method", "POST"), ("route", "/api/batches"), ("status", "202"))
    assert now["batchgen_http_requests_total", route] - before.get(("batchgen_http_requests_total", route), 0) == 1
    absent = (("method", "GET"), ("route", "/api/batches/<batch_id>"), ("status", "404"))
    assert now["batchgen_http_requests_total", absent] >= 1
    seconds = (("method", "POST"), ("route", "/api/batches"))
    assert now["batchgen_http_request_seconds_count", seconds] >= 1
    top = now["batchgen_http_request_seconds_bucket", (("le", "+Inf"), *seconds)]
    assert top == now["batchgen_http_request_seconds_count", seconds]


def test_a_path_that_is_made_up_makes_no_series_of_its_own(make: Make):
    client = make(METRICS_TOKEN=TOKEN)
    client.get("/made/up/by-a-scanner.php")
    client.open("/api/batches", method="BREW")

    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)

    assert "scanner" not in text
    assert "BREW" not in text


@pytest.mark.parametrize(
    "given", ["", "Bearer wrong-wrong-wrong-wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"]
)
def test_without_the_token_a_member_sees_nothing(make: Make, monkeypatch: pytest.MonkeyPatch, given: str):
    monkeypatch.setattr("batchgen.api.metrics.current_user", lambda: User("m", "member", "member"))
    client = make(METRICS_TOKEN=TOKEN)

    answer = client.get("/metrics", headers=EN | {"Authorization": given})

    assert told(answer)[0] in (403, 404)
    assert b"batchgen_" not in answer.data


def test_an_empty_token_opens_nothing(make: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("batchgen.api.metrics.current_user", lambda: User("m", "member", "member"))

    assert make().get("/metrics", headers={"Authorization": "Bearer "}).status_code in (403, 404)


def test_what_two_processes_count_is_added_up_and_nothing_is_brought_twice(redis: Client):
    sums: dict[str, float] = {}

    def add(growth):
        for name, value in growth.items():
            sums[name] = sums.get(name, 0) + value

    shipper = counted.Shipper(add)
    shipper.ship()
    name = counted.sample_name("batchgen_leases_lost_total", {})
    before = sums.get(name, 0)

    counted.LEASES_LOST.inc()
    shipper.ship()
    shipper.ship()

    assert sums[name] == before + 1


def test_counts_that_could_not_be_brought_are_brought_later():
    taken: list[dict[str, float]] = []
    away = True

    def add(growth):
        if away:
            raise ConnectionError
        taken.append(dict(growth))

    shipper = counted.Shipper(add)
    counted.LEASES_LOST.inc()
    with pytest.raises(ConnectionError):
        shipper.ship()
    away = False
    shipper.ship()

    assert taken[0][counted.sample_name("batchgen_leases_lost_total", {})] >= 1
