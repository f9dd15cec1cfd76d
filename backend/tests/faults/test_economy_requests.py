"""The economy lane asks for what the normal lane would ask for, and holds the answers to the same promises."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import RedisServer
from tests.fakes.calls import Call
from tests.fakes.gemini_batch_server import GeminiBatchServer
from tests.fakes.images import encode, photo
from tests.faults.economy import HALF, costs, of, stack_of, submit

pytestmark = pytest.mark.timeout(400)


def calls_of(fake: GeminiBatchServer) -> list[Call]:
    """By their words, as the order of a job's requests is nobody's promise."""
    return in_order(call for job in fake.jobs.values() for _, call in job.requests)


def in_order(calls: Iterable[Call]) -> list[Call]:
    return sorted(calls, key=lambda call: (call.prompt, call.options.get("seed", 0)))


def wide() -> bytes:
    return encode(photo().resize((1600, 900)), "jpeg")


def test_words_options_and_images_are_those_of_single_calls(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        upload = stack.upload("kite.jpg", wide())["id"]
        items = [
            {"upload_id": upload, "variables": {"colour": "red"}},
            {"prompt": "own words in {colour}", "variables": {"colour": "blue"}},
        ]
        asked: dict[str, Any] = {
            "prompt": "{filename} in {colour}", "items": items, "references": [upload], "variants": 2,
            "options": {"size": "2K", "seed": 7},
        }  # fmt: skip
        cheap = submit(stack, 0, **asked)
        assert stack.until_done(cheap, 180)["succeeded"] == 4
        single = stack.post("/api/batches", asked | {"provider": "gemini"})["id"]
        assert stack.until_done(single, 180)["succeeded"] == 4

        ours, theirs = calls_of(batch_api), in_order(batch_api.calls)

        assert [call.prompt for call in ours] == ["kite in red"] * 2 + ["own words in blue"] * 2
        for one, other in zip(ours, theirs, strict=True):
            assert (one.order, one.images, one.options) == (other.order, other.images, other.options)
        assert {call.options["seed"] for call in ours} == {7, 8}
        assert ours[0].options["imageConfig"] == {"aspectRatio": "16:9", "imageSize": "2K"}
        assert [item["result"]["seed"] for item in stack.items(cheap)] == [7, 8, 7, 8]


def test_an_answer_that_is_not_what_was_asked_for_is_marked_and_kept(
    tmp_path: Path, own_redis: RedisServer, batch_api: GeminiBatchServer
):
    blank = io.BytesIO()
    Image.new("RGB", (1024, 1024), "white").save(blank, "PNG")
    batch_api.given = {"blank": blank.getvalue(), "same": wide(), "square": encode(photo(900, 900, seed=2), "png")}
    of(batch_api, plan=lambda call: f"given:{call.prompt}")
    with stack_of(tmp_path, own_redis, batch_api) as stack:
        upload = stack.upload("wide.jpg", wide())["id"]
        items = [{"prompt": "blank"}, *({"upload_id": upload, "prompt": name} for name in ("same", "square"))]
        batch = submit(stack, 0, items=items)

        assert stack.until_done(batch, 180)["failed"] == 3

        found = stack.items(batch)
        assert [item["result"]["flags"][0] for item in found] == ["blank", "unchanged", "ratio"]
        assert costs(stack, batch) == (3 * HALF, 0, 0)
        assert stack.post(f"/api/batches/{batch}/accept")["counts"]["succeeded"] == 3
        assert costs(stack, batch) == (3 * HALF, 0, 0)
