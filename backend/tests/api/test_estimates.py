"""What is said before a start: cost, time and what will come out otherwise than asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from batchgen.bootstrap import core, make_web
from batchgen.domain.models import BatchDraft, ItemDraft, User
from batchgen.settings import load
from batchgen.store.batches import Batches
from batchgen.store.connection import Client
from batchgen.store.items import Items
from batchgen.store.keys import key
from batchgen.store.queue import Queue
from batchgen.store.uploads import Uploads
from tests.api.test_bad_input import CASES, EN, GOOD, ZH, leftovers, png, told, upload
from tests.conftest import RedisServer
from tests.fakes.images import encode

LANE = "demo/demo-paint"
UNFINISHED = {"an empty prompt", "an item's empty prompt", "no items"}


@pytest.fixture
def keyed(
    redis: Client, redis_server: RedisServer, var: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """The web app with keys for all providers; nothing is called."""
    for name in ("GEMINI_API_KEY", "DOUBAO_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "test-key-1")
    models = var.with_name("models.toml")
    models.write_text('[[doubao.models]]\nid = "doubao-seedream-4-5-251128"\ndeprecated = "2099-12-31"\n')
    parts = core(load({"REDIS_URL": redis_server.url, "VAR_DIR": str(var), "MODELS_FILE": str(models)}))
    yield make_web(parts).test_client()
    parts.close()


def estimate(client: FlaskClient, headers: dict[str, str] = EN, **body: object) -> Any:
    answer = client.post("/api/estimates", json=GOOD | body, headers=headers)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def uploaded(client: FlaskClient, size: tuple[int, int]) -> str:
    return str(upload(client, f"{size[0]}x{size[1]}.png", png(size=size)).get_json()["id"])


def test_words_alone_have_a_price_and_nothing_is_queued(keyed: FlaskClient, redis: Client, var: Path):
    before = leftovers(redis, var)

    found = estimate(keyed, provider="gemini", items=[{}, {}], variants=3, options={"size": "4K"})

    assert found == {
        "items": 2, "pictures": 6, "cost_low_micros": 6 * 75_600, "cost_high_micros": 6 * 75_600, "seconds": None,
        "warnings": [],
    }  # fmt: skip
    assert leftovers(redis, var) == before


def test_the_most_is_what_a_submit_then_holds(keyed: FlaskClient):
    image = uploaded(keyed, (900, 900))
    body: dict[str, Any] = {
        "provider": "doubao",
        "items": [{"upload_id": image}, {}],
        "references": [image],
        "variants": 2,
    }

    found = estimate(keyed, **body)
    batch = keyed.post("/api/batches", json=GOOD | body).get_json()

    assert (found["cost_low_micros"], found["cost_high_micros"]) == (2 * (36_000 + 28_000), 4 * 36_000)
    assert batch["cost"]["held_micros"] == batch["cost"]["quoted_micros"] == found["cost_high_micros"]


def economy(client: FlaskClient, *, full_price_ok: bool = False, hours: float = 5, **more: Any) -> Any:
    needed_by = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    return estimate(
        client, provider="gemini", lane="economy", needed_by=needed_by, full_price_ok=full_price_ok, **more
    )  # fmt: skip


def test_the_economy_lane_is_half_the_price_and_takes_until_it_is_needed(keyed: FlaskClient):
    found = economy(keyed, items=[{}, {}], variants=2, options={"size": "4K"})

    assert (found["cost_low_micros"], found["cost_high_micros"]) == (4 * 37_800, 4 * 37_800)
    assert 4.9 * 3600 < found["seconds"] <= 5 * 3600


def test_with_consent_the_most_is_that_all_of_it_moves_to_the_full_price(keyed: FlaskClient):
    found = economy(keyed, full_price_ok=True, items=[{}, {}])

    assert (found["cost_low_micros"], found["cost_high_micros"]) == (2 * 16_800, 2 * 33_600)


def test_a_time_that_is_not_chosen_yet_is_no_fault_of_an_estimate(keyed: FlaskClient):
    found = estimate(keyed, provider="gemini", lane="economy", items=[{}])

    assert (found["cost_high_micros"], found["seconds"]) == (16_800, None)
    answer = keyed.post("/api/estimates", json=GOOD | {"provider": "demo", "lane": "economy"}, headers=EN)
    assert answer.get_json()["error"]["code"] == "economy_not_offered"


def test_a_form_that_is_still_empty_gets_an_answer(keyed: FlaskClient):
    found = estimate(keyed, prompt="", items=[])

    assert (found["items"], found["pictures"], found["cost_high_micros"], found["seconds"]) == (0, 0, 0, None)
    assert estimate(keyed, prompt=" ", items=[{"prompt": ""}])["pictures"] == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "fields"), [c[1:] for c in CASES if c[0] not in UNFINISHED],
    ids=[c[0] for c in CASES if c[0] not in UNFINISHED],
)  # fmt: skip
def test_what_is_wrong_is_told_as_a_submit_would(
    client: FlaskClient, redis: Client, var: Path, body: object, status: int, code: str, fields: list[str]
):
    before = leftovers(redis, var)

    assert told(client.post("/api/estimates", json=body, headers=EN)) == (status, code, fields)
    assert leftovers(redis, var) == before


def test_ratios_that_come_out_otherwise_are_told_in_the_request_s_language(keyed: FlaskClient):
    items = [{"upload_id": uploaded(keyed, size)} for size in ((1200, 900), (2400, 600), (2800, 700))]
    body: dict[str, Any] = {"provider": "gemini", "model": "gemini-3-pro-image", "items": items}

    [english], [chinese] = (estimate(keyed, headers, **body)["warnings"] for headers in (EN, ZH))

    assert english == {
        "code": "ratio_not_offered", "items": [1, 2], "count": 2,
        "message": "2 of the images will come out as 21:9, the nearest offered.",
    }  # fmt: skip
    assert chinese["message"] == "2 张将以 21:9 输出，这是此模型最接近原图的比例。"
    assert estimate(keyed, **body | {"model": "gemini-nano-banana-2.1"})["warnings"] == []


def test_small_and_see_through_images_and_models_that_end_are_told(keyed: FlaskClient):
    clear = encode(Image.new("RGBA", (200, 200), (0, 0, 0, 0)), "png")
    items = [{"upload_id": uploaded(keyed, (900, 900))}, {"upload_id": upload(keyed, "b.png", clear).get_json()["id"]}]

    found = estimate(keyed, provider="doubao", model="doubao-seedream-4-5-251128", items=items)

    assert [(w["code"], w["items"], w["count"]) for w in found["warnings"]] == [
        ("image_too_small", [0, 1], 2), ("alpha_flattened", [1], 1), ("model_deprecated", [], 0),
    ]  # fmt: skip
    assert all(w["message"] for w in found["warnings"])


def test_the_time_is_that_of_the_lane_with_what_stands_before(client: FlaskClient, redis: Client):
    queue = Queue(redis, {}, 15_000)
    redis.hset(key("speed"), LANE, 2000)
    assert estimate(client, items=[{}] * 10)["seconds"] is None  # nobody works

    queue.tell("w1", 5)
    assert estimate(client, items=[{}] * 10)["seconds"] == 4

    items, uploads = Items(redis), Uploads(redis)
    draft = BatchDraft("n", "p", "demo", "demo-paint", tuple(ItemDraft(str(i), "p") for i in range(40)))
    Batches(redis, items, uploads).create("b" + "0" * 20, User("other", "other"), draft)
    assert estimate(client, items=[{}] * 10)["seconds"] == 8  # 10 of the 40 get their turn in between
    assert estimate(client, items=[{}])["seconds"] == 2


# options that a model does not hold to, at submit

REFUSED: list[tuple[str, dict[str, object], str, str]] = [
    ("doubao", {"options": {"seed": 1}}, "option_not_offered", "options.seed"),
    ("openai", {"options": {"seed": 1}}, "option_not_offered", "options.seed"),
    ("openai", {"options": {"watermark": True}}, "option_not_offered", "options.watermark"),
    ("gemini", {"options": {"watermark": True}}, "option_not_offered", "options.watermark"),
    ("gemini", {"options": {"format": "png"}}, "option_not_offered", "options.format"),
    ("doubao", {"options": {"format": "webp"}}, "option_not_offered", "options.format"),
    ("doubao", {"options": {"size": "4K"}}, "option_not_offered", "options.size"),
    ("openai", {"options": {"aspect_ratio": "1:8"}}, "option_not_offered", "options.aspect_ratio"),
]


@pytest.mark.parametrize("path", ["/api/batches", "/api/estimates"])
@pytest.mark.parametrize(("provider", "body", "code", "field"), REFUSED)
def test_an_option_that_would_be_ignored_is_refused_by_name(keyed: FlaskClient, path, provider, body, code, field):
    answer = keyed.post(path, json=GOOD | {"provider": provider} | body, headers=EN)

    assert told(answer) == (422, code, [field])
    value = next(iter(body["options"].values()))
    assert (str(value).lower() if isinstance(value, bool) else str(value)) in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("path", ["/api/batches", "/api/estimates"])
@pytest.mark.parametrize(("size", "code"), [((14, 40), "image_side_refused"), ((340, 20), "image_ratio_refused")])
def test_an_image_that_a_model_refuses_is_named_before_anything_is_queued(keyed: FlaskClient, path, size, code):
    fine, wrong = uploaded(keyed, (300, 300)), uploaded(keyed, size)
    body = {"provider": "doubao", "items": [{"upload_id": fine}, {"upload_id": wrong}], "references": [wrong]}

    answer = keyed.post(path, json=GOOD | body, headers=EN)

    assert told(answer) == (422, code, ["items[1].upload_id", "references[0]"])
    assert f"{size[0]}x{size[1]}.png" in answer.get_json()["error"]["message"]
    assert keyed.post(path, json=GOOD | body | {"provider": "gemini"}, headers=EN).status_code < 300


def test_a_base_image_takes_the_place_of_a_reference(keyed: FlaskClient):
    images = [uploaded(keyed, (300, 300 + n)) for n in range(10)]
    body = GOOD | {"provider": "doubao", "references": images}

    with_base = keyed.post("/api/batches", json=body | {"items": [{}, {"upload_id": images[0]}]}, headers=EN)

    assert told(with_base) == (422, "too_many_references", ["references"])
    assert keyed.post("/api/batches", json=body).status_code == 202


def test_a_retry_with_a_model_that_lacks_an_option_is_refused_by_name(keyed: FlaskClient):
    body = GOOD | {"provider": "gemini", "options": {"seed": 4}}
    batch = keyed.post("/api/batches", json=body).get_json()["id"]
    keyed.post(f"/api/batches/{batch}/cancel")

    answer = keyed.post(f"/api/batches/{batch}/retry", json={"provider": "doubao"}, headers=EN)

    assert told(answer) == (422, "option_not_offered", ["options.seed"])
    assert keyed.post(f"/api/batches/{batch}/retry", json={"model": "gemini-3-pro-image"}).status_code == 200


def test_the_catalogue_tells_what_can_be_chosen_and_what_it_costs(keyed: FlaskClient):
    models = {m["id"]: m for p in keyed.get("/api/providers").get_json() for m in p["models"]}
    seedream, nano = models["doubao-seedream-5-5-261028"], models["gemini-nano-banana-2.1"]

    assert (seedream["formats"], seedream["takes_seed"], seedream["takes_watermark"]) == (["jpeg", "png"], False, True)
    assert seedream["prices"][-1] == {"size": "2K", "price_micros": 35_000}
    assert (seedream["input_price_micros"], seedream["max_variants"]) == (8_000, 8)
    assert (nano["formats"], nano["takes_seed"], nano["takes_watermark"]) == ([], True, False)
