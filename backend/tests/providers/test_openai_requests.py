"""What reaches a server with OpenAI's images API, and what becomes of its picture."""

import hashlib
import threading
from itertools import pairwise

import pytest
import requests

from batchgen.domain.failures import Charged
from batchgen.domain.pictures import InputImage
from batchgen.providers.base import mime_of
from batchgen.providers.catalogue import load_catalogue
from batchgen.providers.openai_images import OpenAIImages
from batchgen.providers.registry import ProviderConfig
from tests.conftest import free_port
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.pictures import picture_for, plain
from tests.providers.conftest import BASE, KEYS, OPENAI, REFERENCES, asked, failure_of, told


def sha256(image: InputImage) -> str:
    return hashlib.sha256(image.data).hexdigest()


def size_of(fake: OpenAIServer) -> list[object]:
    return [call.options["size"] for call in fake.calls]


def test_text_alone_is_a_generation_and_nothing_is_sent_that_was_not_chosen(openai, openai_fake):
    picture = openai.generate(asked(OPENAI, "一只红色的狐狸"), timeout_s=20)

    assert picture.data == picture_for("一只红色的狐狸", [])
    assert (picture.mime, picture.seed, picture.response_id) == ("image/png", None, "req_test")
    [call] = openai_fake.calls
    assert (call.model, call.prompt, call.images) == (OPENAI, "一只红色的狐狸", [])
    assert call.options == {"size": "auto", "quality": "medium"}


def test_tokens_are_told(openai):
    assert openai.generate(asked(OPENAI, "p", BASE), timeout_s=20).usage == {
        "input_tokens": 1034, "output_tokens": 1756, "total_tokens": 2790,
        "input_tokens_details.text_tokens": 10, "input_tokens_details.image_tokens": 1024,
    }  # fmt: skip


def test_an_image_is_an_edit(openai, openai_fake):
    openai.generate(asked(OPENAI, "像素风，“引号”\n第二行", BASE), timeout_s=20)

    [call] = openai_fake.calls
    assert (call.prompt, call.images, call.mimes) == ("像素风，“引号”\n第二行", [sha256(BASE)], ["image/jpeg"])
    assert call.options == {"size": "1152x864", "quality": "medium"}  # 4:3, as the image


def test_the_base_image_comes_first_then_the_references(openai, openai_fake):
    openai.generate(asked(OPENAI, "as in the references", BASE, *REFERENCES), timeout_s=20)

    [call] = openai_fake.calls
    assert call.images == [sha256(image) for image in (BASE, *REFERENCES)]
    assert call.mimes == ["image/jpeg", "image/png", "image/jpeg"]


@pytest.mark.parametrize("images", [(), (BASE,)], ids=["generation", "edit"])
@pytest.mark.parametrize(("format_", "mime"), [("png", "image/png"), ("jpeg", "image/jpeg"), ("webp", "image/webp")])
def test_ratio_size_and_format(openai, openai_fake, images, format_, mime):
    picture = openai.generate(asked(OPENAI, "x", *images, aspect_ratio="16:9", size="4K", format=format_), timeout_s=20)

    assert picture.mime == mime_of(picture.data) == mime
    assert openai_fake.calls[0].options == {"size": "3840x2160", "quality": "medium", "output_format": format_}


def test_a_size_without_a_ratio_is_a_square(openai, openai_fake):
    openai.generate(asked(OPENAI, size="2K"), timeout_s=20)

    assert size_of(openai_fake) == ["2048x2048"]


@pytest.mark.parametrize(
    ("width", "height", "size"), [(64, 48, "1536x1024"), (48, 64, "1024x1536"), (64, 60, "1024x1024")]
)
def test_a_model_with_three_sizes_gets_the_nearest(relay, width, height, size):
    adapter, fake = relay

    adapter.generate(asked("old", "x", InputImage(plain((width, height)), "image/jpeg", width, height)), timeout_s=20)
    adapter.generate(asked("old", "x", BASE, aspect_ratio="2:3"), timeout_s=20)
    adapter.generate(asked("old", "x"), timeout_s=20)

    assert size_of(fake) == [size, "1024x1536", "auto"]


# relays


ROWS = """
[[servers]]
id = "relay"
base_url = "{url}"
[[servers.models]]
id = "old"
price_micros = 1
[[servers.models]]
id = "bare"
price_micros = 1
sends = []
"""


@pytest.fixture
def relay(tmp_path):
    """(adapter, its server): a relay that asks for no key; `old` wants `response_format`, `bare` is sent no option."""
    file = tmp_path / "models.toml"
    with OpenAIServer(relay=True) as fake:
        file.write_text(ROWS.format(url=fake.base_url))
        adapter = OpenAIImages(ProviderConfig(base_url=fake.base_url), load_catalogue(file)["relay"])
        yield adapter, fake
        adapter.close()


def test_a_relay_is_asked_for_bytes(relay):
    adapter, fake = relay

    picture = adapter.generate(asked("old", "x", BASE, *REFERENCES), timeout_s=20)

    assert picture.data == picture_for("x", fake.calls[0].images, size=(1536, 1024))
    assert fake.calls[0].options == {"size": "1536x1024", "response_format": "b64_json"}
    assert fake.fetches == []


def test_a_relay_may_give_a_url_and_is_asked_for_it_without_a_key(relay):
    adapter, fake = relay

    picture = adapter.generate(asked("bare", "x"), timeout_s=20)

    assert (picture.data, picture.mime) == (picture_for("x", []), "image/png")
    assert fake.calls[0].options == {}
    assert "authorization" not in fake.fetches[0]


def test_openai_itself_refuses_what_relays_want(openai_fake):
    body = {"model": OPENAI, "prompt": "x", "response_format": "b64_json"}
    answer = post(openai_fake, json=body)

    assert answer.status_code == 400
    assert "response_format" in answer.text


# answers


@pytest.mark.parametrize("behaviour", ["data_url", "null_error", "no_usage", "url", "revised"])
def test_answers_come_in_several_forms(openai, openai_fake, behaviour):
    openai_fake.plan = [behaviour]

    picture = openai.generate(asked(OPENAI, "x"), timeout_s=20)

    assert picture.data == picture_for("x", [])
    assert picture.description == ("better: x" if behaviour == "revised" else "")


def test_a_result_by_url_is_fetched_without_the_key(openai, openai_fake):
    openai_fake.plan = ["url"]

    openai.generate(asked(OPENAI, "x"), timeout_s=20)

    assert "authorization" not in openai_fake.fetches[0]


# calls


def test_keys_take_turns(openai, openai_fake):
    for _ in range(2 * len(KEYS)):
        openai.generate(asked(OPENAI), timeout_s=20)

    turns = [call.key for call in openai_fake.calls]
    assert sorted(turns) == sorted([0, 1, 2] * 2)
    assert all(before != after for before, after in pairwise(turns))


def test_one_adapter_serves_many_threads(openai, openai_fake):
    pictures: dict[int, bytes] = {}

    def work(n: int) -> None:
        pictures[n] = openai.generate(asked(OPENAI, f"prompt {n}", *[BASE] * (n % 2)), timeout_s=60).data

    threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(pictures.values())) == len(openai_fake.calls) == 32


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"aspect_ratio": "1:8"}, "aspect_ratio 1:8"),
        ({"size": "9K"}, "size 9K"),
        ({"format": "gif"}, "format gif"),
        ({"seed": 7}, "seed 7"),
        ({"watermark": True}, "watermark true"),
    ],
)
def test_an_option_that_a_model_does_not_offer_is_refused_before_it_costs(openai, openai_fake, options, words):
    failure = failure_of(lambda: openai.generate(asked(OPENAI, **options), timeout_s=20))

    assert (failure.code, failure.charged) == ("invalid_input", Charged.NO)
    assert words in failure.detail
    assert openai_fake.calls == []


def test_more_than_16_images_are_refused_before_they_cost(openai, openai_fake):
    small = InputImage(plain((8, 8)), "image/jpeg", 8, 8)

    openai.generate(asked(OPENAI, "x", *[small] * 16), timeout_s=20)
    failure = failure_of(lambda: openai.generate(asked(OPENAI, "x", *[small] * 17), timeout_s=20))

    assert failure.code == "invalid_input"
    assert len(openai_fake.calls) == 1


def test_a_model_that_nobody_knows_is_not_asked_for(openai, openai_fake):
    failure = failure_of(lambda: openai.generate(asked("dall-e-3"), timeout_s=20))

    assert (failure.code, failure.charged) == ("model_unavailable", Charged.NO)
    assert openai_fake.calls == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_is_not_there_is_not_charged(scheme):
    adapter = OpenAIImages(ProviderConfig(("test-key-1",), f"{scheme}://127.0.0.1:{free_port()}/v1"))

    failure = told(adapter, OPENAI)

    assert (failure.code, failure.charged) == ("upstream_busy", Charged.NO)


def test_a_key_that_no_header_can_carry_is_a_wrong_key(openai_fake):
    adapter = OpenAIImages(ProviderConfig(("test-键-1",), openai_fake.base_url))

    failure = told(adapter, OPENAI)
    adapter.close()

    assert (failure.code, failure.charged) == ("auth", Charged.NO)
    assert "键" not in failure.detail


# the fake holds callers to the wire format


def post(fake: OpenAIServer, path: str = "generations", key: str = "test-key-1", **body) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.post(f"{fake.base_url}/images/{path}", headers=headers, timeout=20, **body)


def files(*names: str, mime: str = "image/png") -> dict[str, object]:
    return {"data": {"model": OPENAI, "prompt": "x"}, "files": [(n, ("a.png", plain(), mime)) for n in names]}


@pytest.mark.parametrize(
    ("path", "key", "body", "status"),
    [
        ("generations", "test-key-1", {"json": {"model": OPENAI, "prompt": "x"}}, 200),
        ("generations", "test-key-9", {"json": {"model": OPENAI, "prompt": "x"}}, 401),
        ("generations", "test-key-1", {"json": {"model": "dall-e-3", "prompt": "x"}}, 404),
        ("generations", "test-key-1", {"json": {"model": OPENAI}}, 400),
        ("generations", "test-key-1", {"json": {"model": OPENAI, "prompt": "x", "size": "1000x1000"}}, 400),
        ("generations", "test-key-1", {"json": {"model": OPENAI, "prompt": "x", "size": "3840x1024"}}, 400),
        ("generations", "test-key-1", {"json": {"model": OPENAI, "prompt": "x", "watermark": False}}, 400),
        ("generations", "test-key-1", files("image[]"), 400),
        ("variations", "test-key-1", {"json": {}}, 404),
        ("edits", "test-key-1", files("image[]", "image[]"), 200),
        ("edits", "test-key-1", files("image"), 200),
        ("edits", "test-key-1", files("image", "image"), 400),
        ("edits", "test-key-1", files("image[]", mime="image/bmp"), 400),
        ("edits", "test-key-1", {"json": {"model": OPENAI, "prompt": "x"}}, 400),
    ],
)
def test_the_fake_refuses_what_the_real_one_refuses(openai_fake, path, key, body, status):
    assert post(openai_fake, path, key, **body).status_code == status
