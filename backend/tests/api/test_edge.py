"""What stands around every view: rates, headers, the names we answer to, the proxy in front."""

from pathlib import Path

import pytest

from batchgen.api.rates import GROUPS
from batchgen.settings import load
from tests.api.conftest import Make
from tests.api.test_bad_input import EN, GOOD, png, told, upload
from tests.conftest import free_port


def test_too_many_submits_of_one_person_are_refused_with_the_time_to_wait(make: Make):
    client = make(RATE_BATCHES="3/hour")

    answers = [client.post("/api/batches", json=GOOD, headers=EN) for _ in range(4)]

    assert [a.status_code for a in answers] == [202, 202, 202, 429]
    assert told(answers[3])[1] == "rate_limited"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 3601
    assert answers[3].headers["Retry-After"] in answers[3].get_json()["error"]["message"]
    assert client.get("/api/batches").get_json()["total"] == 3


@pytest.mark.parametrize(
    ("setting", "method", "path"),
    [
        ("RATE_UPLOADS", "POST", "/api/uploads"),
        ("RATE_UPLOADS", "POST", "/api/prompts/table"),
        ("RATE_BATCHES", "POST", "/api/batches/b/retry"),
        ("RATE_BATCHES", "POST", "/api/items/b-0/retry"),
        ("RATE_BATCHES", "POST", "/api/generate"),
        ("RATE_BATCHES", "POST", "/api/me/notices/test"),
        ("RATE_ESTIMATES", "POST", "/api/estimates"),
        ("RATE_ESTIMATES", "POST", "/api/prompts/preview"),
        ("RATE_ARCHIVES", "GET", "/api/batches/b/archive"),
    ],
)
def test_what_costs_work_has_a_rate_of_its_own(make: Make, setting: str, method: str, path: str):
    client = make(**{setting: "1/hour"})

    first = client.open(path, method=method, json={} if method == "POST" else None)
    second = client.open(path, method=method, json={} if method == "POST" else None)

    assert first.status_code != 429
    assert told(second)[:2] == (429, "rate_limited")
    assert client.get("/api/batches").status_code == 200  # looking costs nothing


def test_the_rate_of_an_address_holds_over_all_that_costs(make: Make):
    client = make(RATE_PER_ADDRESS="2/hour")
    client.post("/api/estimates", json=GOOD)
    client.post("/api/batches", json=GOOD)

    assert told(upload(client))[:2] == (429, "rate_limited")
    elsewhere = client.post("/api/estimates", json=GOOD, environ_overrides={"REMOTE_ADDR": "127.0.0.2"})
    assert elsewhere.status_code == 200


def test_two_processes_count_together(make: Make):
    one, other = make(RATE_ESTIMATES="2/hour"), make(RATE_ESTIMATES="2/hour")
    one.post("/api/estimates", json=GOOD)
    other.post("/api/estimates", json=GOOD)

    assert one.post("/api/estimates", json=GOOD).status_code == 429


def test_every_endpoint_with_a_rate_exists_and_each_group_has_a_setting(make: Make):
    endpoints = set(make().application.view_functions)

    assert set(GROUPS) <= endpoints
    assert {f"rate_{group}" for group in GROUPS.values()} <= set(type(load({})).model_fields)


def test_forwarded_headers_are_not_believed_without_a_trusted_proxy(make: Make):
    client = make(RATE_ESTIMATES="1000/hour", RATE_PER_ADDRESS="1/hour")
    client.post("/api/estimates", json=GOOD, headers={"X-Forwarded-For": "203.0.113.1"})
    spoofed = {"X-Forwarded-For": "203.0.113.2", "X-Forwarded-Proto": "https"}

    answer = client.post("/api/estimates", json=GOOD, headers=spoofed)

    assert answer.status_code == 429
    assert "Strict-Transport-Security" not in answer.headers


def test_of_a_trusted_proxy_only_what_it_added_itself_is_believed(make: Make):
    client = make(TRUSTED_PROXIES=1, RATE_PER_ADDRESS="1/hour")

    def ask(chain: str) -> int:
        return client.post("/api/estimates", json=GOOD, headers={"X-Forwarded-For": chain}).status_code

    assert ask("203.0.113.1") == 200
    assert ask("198.51.100.7, 203.0.113.1") == 429  # a client's own entry in front changes nothing
    assert ask("203.0.113.2") == 200


def test_under_https_browsers_are_told_to_stay_there_also_on_errors(make: Make):
    client = make(TRUSTED_PROXIES=1)

    for path in ("/health", "/api/nothing"):
        headers = client.get(path, headers={"X-Forwarded-Proto": "https"}).headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in client.get(path).headers


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Prefix"])
def test_a_foreign_name_is_echoed_nowhere(make: Make, header: str):
    client = make(TRUSTED_PROXIES=1, PUBLIC_URL="https://images.example.com")
    evil = {header: "host=evil.example" if header == "Forwarded" else "evil.example"}

    for path in ("/", "/api/batches", "/health", "/api/nothing"):
        answer = client.get(path, headers=evil, buffered=True)
        assert b"evil.example" not in answer.data + str(answer.headers).encode()


@pytest.mark.parametrize("host", ["evil.example", "images.example.com.evil.example", "127.0.0.1.evil.example", ""])
def test_an_unknown_name_is_refused_and_the_public_one_answered(make: Make, host: str):
    client = make(PUBLIC_URL="https://images.example.com")

    answer = client.get("/api/batches", headers={"Host": host, **EN})
    assert told(answer)[:2] == (421, "unknown_host")
    assert client.get("/health/live", headers={"Host": "images.example.com"}).status_code == 200


def test_only_listed_sites_may_read_and_none_is_reflected(make: Make):
    client = make(CORS_ORIGINS="https://shop.example.com, http://127.0.0.1:3000")

    def allowed(origin: str) -> str | None:
        answer = client.get("/api/batches", headers={"Origin": origin})
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("https://shop.example.com") == "https://shop.example.com"
    foreign = ("https://evil.example", "http://shop.example.com", "https://shop.example.com.evil.example", "null")
    assert [allowed(origin) for origin in foreign] == [None] * 4
    asked = client.options("/api/batches", headers={"Origin": "https://shop.example.com"})
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    "path", ["/", "/settings", "/assets/none.js", "/api/batches", "/api/nothing", "/static/x", "/health"]
)
def test_every_answer_carries_every_header(make: Make, path: str):
    headers = make().get(path, buffered=True).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith(("default-src 'none'", "default-src 'self'"))
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("path", ["/api/batches", "/api/providers", "/api/nothing", "/health"])
def test_what_is_told_is_not_stored_on_the_way(make: Make, path: str):
    assert make().get(path).headers["Cache-Control"] == "no-store"


def test_a_person_s_quota_refuses_the_next_image_and_keeps_nothing_of_it(make: Make, tmp_path: Path):
    client = make(MAX_UPLOADS_PER_USER=1)
    first = upload(client).get_json()
    kept = sorted(p.name for p in tmp_path.rglob("*") if p.is_file())

    refused = upload(client, data=png("blue"))

    assert told(refused)[:2] == (413, "quota_exceeded")
    assert "50 GB / 1" in refused.get_json()["error"]["message"]
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == kept
    assert upload(client).get_json()["id"] == first["id"]
    client.delete(f"/api/uploads/{first['id']}")
    assert upload(client, data=png("blue")).status_code == 201


def test_below_the_free_space_floor_nothing_is_taken_in(make: Make):
    client = make(MIN_FREE_MB=10**9)

    assert told(upload(client))[:2] == (507, "storage_full")


def test_where_the_disk_fills_up_no_new_work_is_taken_on_and_it_is_said(make: Make):
    client = make(LOW_FREE_MB=10**9)
    words = {"prompt": "a fox", "items": [{}]}

    assert told(upload(client))[:2] == (507, "storage_full")
    assert told(client.post("/api/batches", json=words))[:2] == (507, "storage_full")
    assert client.post("/api/estimates", json=words).status_code == 200
    health = client.get("/health")
    assert (health.status_code, health.get_json()["status"], health.get_json()["checks"]["storage"]) == (
        200, "degraded", "low",
    )  # fmt: skip
    assert make().post("/api/batches", json=words).status_code == 202


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/estimates"), ("POST", "/api/batches"), ("GET", "/api/batches"), ("GET", "/api/events"),
     ("GET", "/api/batches/b00000000000000000000/archive"), ("GET", "/metrics")],
)  # fmt: skip
def test_without_redis_the_rates_stand_in_nobody_s_way_and_the_view_says_so(make: Make, method: str, path: str):
    client = make(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")

    answer = client.open(path, method=method, json=GOOD if method == "POST" else None, headers=EN)

    assert told(answer)[:2] == (503, "state_unavailable")
    assert answer.headers["Retry-After"]
