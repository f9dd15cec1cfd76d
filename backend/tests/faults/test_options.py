"""Ratios, references, variants, seeds, formats: on the real stack, against servers that paint what they are asked."""

import io
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from tests.conftest import RedisServer
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.images import encode, photo
from tests.fakes.openai_server import OpenAIServer
from tests.stack import Stack, running

TEN = [(200, 800), (300, 900), (450, 800), (600, 800), (707, 1000), (640, 640), (1000, 830), (1200, 800), (1680, 720),
       (1200, 300)]  # fmt: skip
MODELS = {
    "gemini": "gemini-3-pro-image", "doubao": "doubao-seedream-5-5-261028", "openai": "gpt-image-2.5-flare",
    "demo": "demo-paint",
}  # fmt: skip
WIDEST = {"gemini": 21 / 9, "openai": 3.0}  # the others hold all ten


@pytest.fixture(scope="module")
def fakes() -> Iterator[dict[str, Any]]:
    with GeminiServer() as gemini, DoubaoServer() as doubao, OpenAIServer() as openai:
        yield {"gemini": gemini, "doubao": doubao, "openai": openai}


@pytest.fixture(scope="module")
def painters(
    tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer, fakes: dict[str, Any]
) -> Iterator[Stack]:
    with running(
        tmp_path_factory.mktemp("painters"), own_redis, GEMINI_API_KEY="test-key-1", DOUBAO_API_KEY="test-key-1",
        OPENAI_API_KEY="test-key-1", GEMINI_BASE_URL=fakes["gemini"].url, DOUBAO_BASE_URL=fakes["doubao"].base_url,
        OPENAI_BASE_URL=fakes["openai"].base_url,
    ) as stack:  # fmt: skip
        yield stack


@pytest.fixture(scope="module")
def ten(painters: Stack) -> list[dict[str, str]]:
    uploads = [painters.upload(f"{w}x{h}.png", encode(photo(w, h), "png")) for w, h in TEN]
    return [{"upload_id": upload["id"]} for upload in uploads]


def done(stack: Stack, body: dict[str, Any]) -> list[Any]:
    batch = stack.post("/api/batches", {"prompt": "make it blue"} | body)["id"]
    counts = stack.until_done(batch)
    items = stack.items(batch)
    assert counts["failed"] == 0, [item["error"] for item in items]
    return items


@pytest.mark.parametrize("provider", MODELS)
def test_ten_ratios_come_out_as_the_estimate_says(painters: Stack, ten: list[dict[str, str]], provider: str):
    body = {"prompt": "make it blue", "provider": provider, "model": MODELS[provider], "items": ten}
    estimate = painters.post("/api/estimates", body)
    told = {n: w for w in estimate["warnings"] if w["code"] == "ratio_not_offered" for n in w["items"]}

    items = done(painters, body)

    for n, ((wide, high), item) in enumerate(zip(TEN, items, strict=True)):
        came = item["result"]["width"] / item["result"]["height"]
        if n in told:  # the nearest that is offered, by its name
            word = told[n]["message"].partition(" come out as ")[2].partition(",")[0]
            a, _, b = word.partition(":")
            assert came == pytest.approx(int(a) / int(b), rel=0.02), (wide, high, word)
        else:
            assert came == pytest.approx(wide / high, rel=0.03), (wide, high)
    beyond = [n for n, (w, h) in enumerate(TEN) if max(w / h, h / w) > WIDEST.get(provider, 16) * 1.02]
    assert set(beyond) <= set(told)
    assert provider == "gemini" or sorted(told) == beyond  # only there ratios have gaps between them
    paid = sum(item["cost_micros"] for item in items)
    assert paid == pytest.approx(estimate["cost_high_micros"], rel=0.05)  # by tokens, where those are counted


def test_references_go_with_every_item_behind_its_image_and_give_no_ratio(
    painters: Stack, fakes: dict[str, Any], ten: list[dict[str, str]]
):
    references = [one["upload_id"] for one in ten[:2]]
    fakes["doubao"].calls.clear()

    done(painters, {"provider": "doubao", "items": [*ten[5:8], {}], "references": references})

    calls = fakes["doubao"].calls
    assert sorted(len(call.images) for call in calls) == [2, 3, 3, 3]
    assert len({tuple(call.images[-2:]) for call in calls}) == 1
    [words] = [call for call in calls if len(call.images) == 2]
    assert words.options["size"] == "1K"


def test_variants_have_seeds_of_their_own_and_names_that_tell_them_apart(
    painters: Stack, fakes: dict[str, Any], ten: list[dict[str, str]]
):
    fakes["gemini"].calls.clear()

    items = done(painters, {"provider": "gemini", "items": ten[5:7], "variants": 8, "options": {"seed": 2**31 - 2}})

    assert [item["name"] for item in items][:2] == ["640x640-1.png", "640x640-2.png"]
    seeds = Counter(call.options["seed"] for call in fakes["gemini"].calls)
    assert seeds == Counter([2**31 - 2, 2**31 - 1, 0, 1, 2, 3, 4, 5] * 2)
    assert sorted(item["result"]["seed"] for item in items) == sorted(seeds.elements())


@pytest.mark.parametrize(("provider", "format_"), [("doubao", "png"), ("openai", "webp"), ("demo", "webp")])
def test_format_size_and_watermark_reach_the_provider(
    painters: Stack, fakes: dict[str, Any], ten: list[dict[str, str]], provider: str, format_: str
):
    options = {"format": format_, "size": "2K", "watermark": provider != "openai"}
    if provider in fakes:
        fakes[provider].calls.clear()

    [item] = done(painters, {"provider": provider, "items": ten[7:8], "options": options})

    assert item["result"]["format"] == format_
    assert item["result"]["width"] * item["result"]["height"] == pytest.approx(2048**2, rel=0.03)
    if provider in fakes:
        sent = fakes[provider].calls[0].options
        assert sent["output_format"] == format_
        assert sent.get("watermark", False) is options["watermark"]


def test_see_through_parts_are_white_for_ark_and_kept_for_others(painters: Stack, fakes: dict[str, Any]):
    clear = Image.new("RGBA", (300, 300), (200, 0, 0, 0))
    image = [{"upload_id": painters.upload("clear.png", encode(clear, "png"))["id"]}]

    for provider, mime in (("doubao", "image/jpeg"), ("gemini", "image/png"), ("openai", "image/png")):
        fakes[provider].calls.clear()
        done(painters, {"provider": provider, "items": image})
        assert fakes[provider].calls[0].mimes == [mime]


def test_fourteen_large_images_fit_into_one_request(painters: Stack, fakes: dict[str, Any]):
    noisy = [Image.effect_noise((2100, 2100 + n), 120) for n in range(14)]
    ids = [painters.upload(f"{n}.jpg", encode(one, "jpeg", quality=98))["id"] for n, one in enumerate(noisy)]
    fakes["gemini"].calls.clear()

    done(painters, {"provider": "gemini", "items": [{"upload_id": ids[0]}], "references": ids[1:]})

    assert len(fakes["gemini"].calls[0].images) == 14


def test_a_watermark_of_the_demo_is_on_the_picture(painters: Stack):
    bodies = [{"items": [{}], "options": {"seed": 5, "watermark": mark}, "provider": "demo"} for mark in (False, True)]
    urls = [done(painters, body)[0]["result"]["url"] for body in bodies]
    plain, marked = (requests.get(painters.url + url, timeout=20).content for url in urls)

    assert plain != marked
    assert struct.unpack(">H", marked[:2]) == (0xFFD8,)
    assert Image.open(io.BytesIO(marked)).size == Image.open(io.BytesIO(plain)).size
