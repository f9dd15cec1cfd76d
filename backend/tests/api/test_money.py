"""Budgets and the ledger over HTTP, without a worker: the test ends the items itself."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.bootstrap import Core, core, make_web
from batchgen.domain.failures import Charged
from batchgen.domain.models import User
from batchgen.domain.states import ItemState
from batchgen.errors import AppError
from batchgen.services.ledger import Asked, LedgerService
from batchgen.settings import load
from batchgen.store.books import Books
from batchgen.store.budgets import Budgets
from batchgen.store.connection import Client
from batchgen.store.ledger import Ledger
from tests.api.test_bad_input import EN, ZH, leftovers, told
from tests.conftest import RedisServer

RELAY = """
[[servers]]
id = "relay"
base_url = "http://127.0.0.1:9/v1"
[[servers.models]]
id = "painter"
price_micros = 1_250_000
"""
PICTURE = 1_250_000


class Shop:
    """The web app with a provider whose pictures cost 1.25 USD, and a hand that makes them."""

    def __init__(self, parts: Core) -> None:
        self.parts, self.web = parts, make_web(parts).test_client()

    def submit(self, count: int, headers: dict[str, str] = EN) -> Any:
        body = {"prompt": "p", "provider": "relay", "items": [{}] * count}
        return self.web.post("/api/batches", json=body, headers=headers)

    def work(self, charged: Charged = Charged.YES) -> None:
        self.parts.queue.tell("hand", 100)
        leases = self.parts.queue.lease(100)
        self.parts.queue.leave("hand")  # else a submit would lease by itself
        for lease in leases:
            self.parts.items.send(*lease)
            paid = charged is Charged.YES
            fields: dict[str, str | int] = {"format": "png", "width": 1, "height": 1, "bytes": 1}
            self.parts.items.settle(
                lease.item_id, lease.token, ItemState.SUCCEEDED if paid else ItemState.FAILED,
                fields=fields if paid else {"error": "timeout"}, outcome="succeeded" if paid else "timeout",
                charged=charged,
            )  # fmt: skip

    def get(self, path: str) -> Any:
        answer = self.web.get(path, headers=EN)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def budget(self, payer: str, micros: int | None) -> Any:
        return self.web.put(f"/api/budgets/{payer}", json={"monthly_micros": micros}, headers=EN)


@pytest.fixture
def shop(request: pytest.FixtureRequest, redis: Client, redis_server: RedisServer, tmp_path: Path) -> Iterator[Shop]:
    (tmp_path / "models.toml").write_text(RELAY)
    wanted = {
        "REDIS_URL": redis_server.url, "VAR_DIR": str(tmp_path / "var"), "MODELS_FILE": str(tmp_path / "models.toml"),
        "USER_BUDGET_USD": "10",
    }  # fmt: skip
    parts = core(load(wanted | getattr(request, "param", {})))
    yield Shop(parts)
    parts.close()


def test_a_submit_over_the_budget_is_refused_with_its_figures_in_both_languages(
    shop: Shop, redis: Client, tmp_path: Path
):
    shop.submit(2)
    shop.work()
    shop.submit(1)
    before = leftovers(redis, tmp_path / "var")

    answer, chinese = shop.submit(6), shop.submit(6, ZH)

    assert told(answer) == (402, "budget_exceeded", ["budget.user"])
    said = answer.get_json()["error"]
    assert said["message"] == "Over the budget: of $10.00, $2.50 is used and $1.25 held; this needs $7.50."
    assert said["details"][0]["code"] == "budget_of_user"
    assert chinese.get_json()["error"]["message"] == "超出预算：预算 $10.00，已用 $2.50，已预留 $1.25，本次需要 $7.50。"
    assert leftovers(redis, tmp_path / "var") == before
    assert shop.submit(5).status_code == 202  # to the last cent


@pytest.mark.parametrize("shop", [{"DISPLAY_CURRENCY": "CNY", "USD_CNY_RATE": "7.0"}], indirect=True)
def test_amounts_are_told_in_the_currency_of_the_settings(shop: Shop):
    assert "¥70.00" in shop.submit(9).get_json()["error"]["message"]
    money = shop.get("/api/money")
    assert (money["currency"], money["usd_cny_rate"]) == ("CNY", "7.0")


@pytest.mark.parametrize("shop", [{"USER_BUDGET_USD": "0", "BATCH_LIMIT_USD": "2.5"}], indirect=True)
def test_one_batch_has_a_limit_of_its_own(shop: Shop):
    assert [shop.submit(n).status_code for n in (2, 3)] == [202, 402]
    assert told(shop.submit(3))[2] == ["budget.batch"]
    assert shop.get("/api/money")["batch_limit_micros"] == 2_500_000


def test_an_admin_raises_a_budget_and_a_retry_that_was_refused_goes_on(shop: Shop):
    batch = shop.submit(8).get_json()["id"]
    shop.work(Charged.UNKNOWN)
    refused = shop.web.post(f"/api/batches/{batch}/retry", json={}, headers=EN)
    one = shop.web.post(f"/api/items/{batch}-0/retry", json={"prompt": "other"}, headers=EN)
    assert [told(a)[:2] for a in (refused, one)] == [(402, "budget_exceeded")] * 2
    assert shop.get(f"/api/batches/{batch}")["counts"]["failed"] == 8

    rows = shop.budget("local", 20_000_000).get_json()

    assert [(r["id"], r["monthly_micros"], r["own"]) for r in rows] == [
        ("team", None, False), ("local", 20_000_000, True),
    ]  # fmt: skip
    assert shop.web.post(f"/api/batches/{batch}/retry", json={}).status_code == 200
    mine = shop.get("/api/money")["user"]
    assert (mine["held_micros"], mine["settled_micros"], mine["possibly_paid_micros"]) == (8 * PICTURE, 0, 8 * PICTURE)
    assert shop.budget("local", None).get_json()[1]["monthly_micros"] == 10_000_000


@pytest.mark.parametrize("wrong", [-1, 10**12 + 1, 1.5, "5", True])
def test_a_budget_is_a_whole_number_within_bounds(shop: Shop, wrong: Any):
    assert shop.budget("local", wrong).status_code == 422
    assert shop.web.put("/api/budgets/local", json={}).status_code == 422
    assert shop.web.put("/api/budgets/a%20b", json={"monthly_micros": 1}).status_code == 404


def test_the_ledger_comes_in_pages_sums_and_a_table_that_all_tell_the_same(shop: Shop):
    shop.submit(3)
    shop.work()
    shop.submit(2)
    shop.work(Charged.UNKNOWN)

    entries, cursor = [], ""
    while cursor is not None:
        page = shop.get("/api/ledger?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        entries += page["items"]
        cursor = page["next_cursor"]
    assert [e["kind"] for e in entries] == ["possibly_paid"] * 2 + ["settled"] * 3
    assert {(e["amount_micros"], e["unit_price_micros"], e["quantity"], e["unit"]) for e in entries} == {
        (PICTURE, PICTURE, 1, "picture")
    }
    assert entries[0]["user"] == {"id": "local", "name": "local"}
    for by, key in (("user", "local"), ("model", "relay/painter"), ("day", None)):
        [row] = shop.get(f"/api/ledger/summary?by={by}")
        assert (row["settled_micros"], row["possibly_paid_micros"], row["calls"]) == (3 * PICTURE, 2 * PICTURE, 5)
        assert row["key"] == key or by == "day"
    answer = shop.web.get("/api/ledger.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [r["item"] for r in rows] == [e["item_id"] for e in entries][::-1]
    assert {r["amount_usd"] for r in rows} == {"1.250000"}
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ledger.csv"'
    assert shop.get("/api/ledger/check") == {"clean": True, "differences": []}


def test_the_ledger_is_cut_by_day_user_and_model(shop: Shop):
    shop.submit(1)
    shop.work()
    zone = shop.parts.terms.zone
    today, tomorrow = (datetime.now(UTC).astimezone(zone) + timedelta(days=n) for n in (0, 1))

    def found(**query: str) -> tuple[int, int]:
        words = "&".join(f"{name}={value}" for name, value in query.items())
        table = shop.web.get(f"/api/ledger.csv?{words}").data.decode().strip().splitlines()
        assert len(table) - 1 == len(shop.get(f"/api/ledger?{words}")["items"])
        return len(table) - 1, len(shop.get(f"/api/ledger/summary?{words}"))

    assert found(**{"from": f"{today:%F}", "to": f"{today:%F}", "user": "local", "model": "painter"}) == (1, 1)
    assert found(**{"from": f"{tomorrow:%F}", "to": f"{tomorrow:%F}"}) == (0, 0)
    assert found(user="somebody") == found(model="other") == (0, 0)
    assert found(**{"from": "2999-12-31", "to": "2000-01-01"}) == (0, 0)


@pytest.mark.parametrize(
    "query", ["from=1999-12-31", "to=9999-12-31", "from=yesterday", "cursor=x", "cursor=-", "by=cost", "limit=0", "x=1"]
)
def test_a_wrong_question_to_the_ledger_is_told_by_its_field(shop: Shop, query: str):
    path = "/api/ledger/summary" if query.startswith("by") else "/api/ledger"
    assert told(shop.web.get(f"{path}?{query}"))[0::2] == (422, [query.partition("=")[0]])


def test_a_member_sees_only_what_is_their_own(shop: Shop, redis: Client):
    shop.submit(1)
    shop.work()
    terms, ledger = shop.parts.terms, Ledger(redis)
    service = LedgerService(ledger, Budgets(redis, terms), Books(redis, ledger, terms), terms)
    member, owner = User("ann", "ann"), User("local", "local")

    assert service.page(member, Asked(), None, 50)[0].items == []
    assert len(service.page(owner, Asked(), None, 50)[0].items) == 1
    assert service.summary(member, Asked(), "day") == []
    for foreign in (
        lambda: service.page(member, Asked(user="local"), None, 50),
        lambda: service.table(member, Asked(user="local")),
    ):
        with pytest.raises(AppError, match="not_found"):
            foreign()
    with pytest.raises(AppError, match="forbidden"):
        service.differences(member)


def test_the_check_names_a_planted_difference(shop: Shop, redis: Client):
    shop.submit(1)
    shop.work()
    month = shop.get("/api/money")["month"]
    redis.hincrby(f"bg:month:local:{month}", "settled", -1)

    assert shop.get("/api/ledger/check") == {
        "clean": False,
        "differences": [
            {"of": f"month local {month}", "sum": "ledger settled", "expected": PICTURE, "found": PICTURE - 1}
        ],
    }  # fmt: skip


def test_a_settings_month_is_that_of_the_team(client: FlaskClient):
    money = client.get("/api/money").get_json()

    assert money["time_zone"] == "Asia/Shanghai"
    assert money["user"]["monthly_micros"] is None
    assert money["team"]["monthly_micros"] is None
