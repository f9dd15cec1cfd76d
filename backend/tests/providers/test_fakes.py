"""The fakes hold callers to the wire format, so that a wrong request fails here before it fails for money."""

import base64
import re
import subprocess
import sys
import threading

import pytest
import requests

from batchgen.providers.base import mime_of
from tests.conftest import BACKEND
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.gemini_server import GeminiServer
from tests.fakes.pictures import plain
from tests.providers.conftest import DOUBAO, GEMINI

BODY = {"contents": [{"parts": [{"text": "x"}]}], "generationConfig": {"responseModalities": ["IMAGE"]}}
PATH = f"/v1beta/models/{GEMINI}:generateContent"
HEADERS = {"x-goog-api-key": "test-key-1"}


def image_part(mime: str = "image/png", data: str = "") -> dict[str, object]:
    return {"inlineData": {"mimeType": mime, "data": data or base64.b64encode(plain()).decode()}}


def image_config(**options: str) -> dict[str, object]:
    return {"generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": options}}


@pytest.mark.parametrize(
    ("path", "headers", "change", "status"),
    [
        (PATH, HEADERS, {}, 200),
        (PATH, {}, {}, 403),
        (PATH, {"x-goog-api-key": "test-key-2"}, {}, 400),
        (f"{PATH}?key=test-key-1", {}, {}, 404),
        (PATH.replace("v1beta", "v1"), HEADERS, {}, 404),
        (PATH.replace(GEMINI, "gemini-3.1-flash-image"), HEADERS, {}, 404),
        (PATH, HEADERS, {"contents": []}, 400),
        (PATH, HEADERS, {"contents": [{"parts": []}]}, 400),
        (PATH, HEADERS, {"contents": [{"parts": [image_part("image/bmp")]}]}, 400),
        (PATH, HEADERS, {"contents": [{"parts": [image_part(data="%%%")]}]}, 400),
        (PATH, HEADERS, {"contents": [{"parts": [image_part()] * 15}]}, 400),
        (PATH, HEADERS, {"generationConfig": {"responseModalities": ["TEXT"]}}, 400),
        (PATH, HEADERS, image_config(aspectRatio=""), 400),
        (PATH, HEADERS, image_config(imageSize="2k"), 400),
    ],
)
def test_gemini_refuses_what_the_real_one_refuses(path, headers, change, status):
    with GeminiServer(keys=["test-key-1"]) as fake:
        answer = requests.post(fake.url + path, json=BODY | change, headers=headers, timeout=20)

    assert answer.status_code == status
    assert fake.calls[0].status == status


@pytest.mark.parametrize(
    ("headers", "change", "status"),
    [
        ("Bearer test-key-1", {}, 200),
        ("Bearer test-key-2", {}, 401),
        ("", {}, 401),
        ("Bearer test-key-1", {"model": "doubao-seedream-9"}, 404),
        ("Bearer test-key-1", {"size": "64x64"}, 400),
        ("Bearer test-key-1", {"size": "1k"}, 400),
        ("Bearer test-key-1", {"n": 2}, 400),
        ("Bearer test-key-1", {"sequential_image_generation": "disabled"}, 400),
        ("Bearer test-key-1", {"image": "data:image/PNG;base64,AAAA"}, 400),
        ("Bearer test-key-1", {"image": ["data:image/png;base64,%%"]}, 400),
    ],
)
def test_ark_refuses_what_the_real_one_refuses(headers, change, status):
    with DoubaoServer(keys=["test-key-1"]) as fake:
        answer = requests.post(
            f"{fake.base_url}/images/generations", json={"model": DOUBAO, "prompt": "x"} | change,
            headers={"Authorization": headers}, timeout=20,
        )  # fmt: skip

    assert answer.status_code == status


def test_a_script_is_played_and_then_all_is_well():
    with GeminiServer(plan=["overloaded", {"name": "internal", "latency_s": 0}]) as fake:
        codes = [requests.post(fake.url + PATH, json=BODY, headers=HEADERS, timeout=20).status_code for _ in range(3)]

    assert codes == [503, 500, 200]


def test_every_nth_call_can_fail_and_a_function_can_choose():
    with GeminiServer(every={"n": 2, "behaviour": "overloaded"}) as fake:
        url = fake.url + PATH
        codes = [requests.post(url, json=BODY, headers=HEADERS, timeout=20).status_code for _ in range(4)]
        fake.plan = lambda call: "internal" if call.prompt == "x" else None
        codes.append(requests.post(url, json=BODY, headers=HEADERS, timeout=20).status_code)

    assert codes == [200, 503, 200, 503, 500]


def test_a_fake_runs_as_a_process_that_can_be_steered():
    command = [sys.executable, "-m", "tests.fakes.gemini_server", "--port", "0", "--keys", "test-key-1"]
    with subprocess.Popen(command, cwd=BACKEND, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        order = {"latency_s": 0, "plan": ["overloaded"]}
        assert requests.post(f"{url}/_control", json=order, timeout=20).json() == {"ok": True}
        codes = [requests.post(url + PATH, json=BODY, headers=HEADERS, timeout=20).status_code for _ in range(2)]
        log = requests.get(f"{url}/_log", timeout=20).json()
        while not all(call["answered"] for call in log):  # noted after the last byte, which may be read before
            log = requests.get(f"{url}/_log", timeout=20).json()
        process.terminate()

    assert codes == [503, 200]
    assert [(call["behaviour"], call["status"], call["prompt"]) for call in log] == [
        ("overloaded", 503, "x"), ("ok", 200, "x"),
    ]  # fmt: skip
    assert all(call["received"] <= call["answered"] for call in log)
    assert not re.search("test-key", str(log))


def test_64_calls_at_once_are_answered_each_with_its_own_picture():
    pictures: list[str] = []

    def call(n: int) -> None:
        body = BODY | {"contents": [{"parts": [{"text": f"picture {n}"}]}]}
        answer = requests.post(fake.url + PATH, json=body, headers=HEADERS, timeout=60).json()
        pictures.append(answer["candidates"][0]["content"]["parts"][0]["inlineData"]["data"])

    with GeminiServer(latency_s=0.3) as fake:
        threads = [threading.Thread(target=call, args=(n,)) for n in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(set(pictures)) == 64
    assert all(mime_of(base64.b64decode(picture)) == "image/png" for picture in pictures)
