"""A model that went offline, as the API tells it. Demo's second model stands for it: it needs no key."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from batchgen.domain.availability import Evidence, Presence
from batchgen.store.connection import Client
from batchgen.store.models import Models

EN = {"Accept-Language": "en"}


@pytest.fixture
def models(redis: Client) -> Models:
    return Models(redis)


def demo(client: FlaskClient, headers: dict[str, str] = EN) -> dict[str, Any]:
    listed = client.get("/api/providers", headers=headers).get_json()
    return next(one for one in listed if one["id"] == "demo")


def submit(client: FlaskClient, **more: object):
    return client.post("/api/batches", json={"prompt": "p", "items": [{}], "provider": "demo", **more}, headers=EN)


def test_a_model_that_is_there_is_told_so(client):
    told = demo(client)

    assert (told["available"], told["default_model"], told["moved_from"]) == (True, "demo-paint", None)
    assert [(m["available"], m["reason"], m["successor"]) for m in told["models"]] == [(True, None, None)] * 2


def test_a_gone_model_stays_listed_with_the_reason_and_the_default_moves(client, models):
    models.note("demo", {"demo-paint": Presence.GONE}, Evidence.PROBE, 1_795_600_000_000)

    told = demo(client)
    paint, ink = told["models"]

    assert (told["available"], told["default_model"], told["moved_from"]) == (True, "demo-ink", "demo-paint")
    assert (paint["available"], paint["default"], paint["successor"]) == (False, False, "demo-ink")
    assert paint["reason"] == (
        "The provider has taken “Demo painter” offline (since 2026-11-25); use “Demo ink”."
    )  # fmt: skip
    assert (ink["available"], ink["default"]) == (True, True)
    assert "已停用“演示画师”（2026-11-25 起），请改用“演示墨线”" in demo(client, {})["models"][0]["reason"]


def test_a_submit_of_a_gone_model_is_refused_by_name_and_one_without_a_model_takes_the_successor(client, models):
    models.note("demo", {"demo-paint": Presence.GONE}, Evidence.CALL)

    refused = submit(client, model="demo-paint")
    taken = submit(client)

    error = refused.get_json()["error"]
    assert (refused.status_code, error["code"]) == (422, "model_gone")
    assert [(d["field"], d["code"]) for d in error["details"]] == [("model", "model_gone")]
    assert "“demo-ink”" in error["message"]
    assert (taken.status_code, taken.get_json()["model"]) == (202, "demo-ink")


def test_a_provider_without_any_model_left_is_told_and_refused(client, models):
    models.note("demo", {"demo-paint": Presence.GONE, "demo-ink": Presence.GONE}, Evidence.PROBE)

    told, refused = demo(client), submit(client)

    assert not told["available"]
    assert told["reason"] == "Provider “Demo (painted here, free)” has taken all its models offline. Tell your admin."
    assert [m["successor"] for m in told["models"]] == [None, None]
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (422, "models_gone")


def test_a_retry_with_a_gone_model_is_refused_too(client, models):
    models.note("demo", {"demo-ink": Presence.GONE}, Evidence.PROBE)
    batch = submit(client).get_json()["id"]
    client.post(f"/api/batches/{batch}/cancel")

    again = client.post(f"/api/batches/{batch}/retry", json={"model": "demo-ink"}, headers=EN)

    assert again.get_json()["error"]["code"] == "model_gone"
