"""Ten ratios from 1:4 to 4:1 through the real clients: the picture that comes has the ratio that was promised."""

import io

import pytest
from PIL import Image

from batchgen.domain.pictures import InputImage, Options
from batchgen.domain.ratios import TOLERANCE, promised_ratio
from batchgen.providers.registry import Registry
from tests.fakes.pictures import plain
from tests.providers.conftest import DOUBAO, GEMINI, OPENAI, asked

TEN = [(250, 1000), (333, 1000), (9 * 50, 16 * 50), (600, 800), (707, 1000), (640, 640), (1000, 830), (1200, 800),
       (1680, 720), (1200, 300)]  # fmt: skip
LITE = "doubao-seedream-5-0-260128"
PRO = "gemini-3-pro-image"


@pytest.fixture(params=[GEMINI, PRO, DOUBAO, LITE, OPENAI, "demo-paint"])
def painter(request):
    """(adapter, model): each provider's own client on its wire server, and the demo."""
    model = request.param
    if model.startswith("demo"):
        return Registry({}).adapter("demo"), model
    name = "gemini" if model.startswith("gemini") else "doubao" if model.startswith("doubao") else "openai"
    return request.getfixturevalue(name), model


def image_of(size: tuple[int, int]) -> InputImage:
    return InputImage(plain(size), "image/jpeg", *size)


@pytest.mark.parametrize("size", TEN, ids=lambda s: f"{s[0]}x{s[1]}")
def test_the_picture_has_the_ratio_of_the_image_or_the_nearest_that_is_offered(painter, size):
    adapter, model = painter
    promise = promised_ratio(adapter.capabilities(model), Options(), size)

    picture = Image.open(io.BytesIO(adapter.generate(asked(model, "x", image_of(size)), timeout_s=60).data))

    assert picture.width / picture.height == pytest.approx(promise.ratio, rel=TOLERANCE)
    if promise.size:
        assert picture.size == promise.size
    if promise.exact:  # a name is itself held within 1 %
        assert picture.width / picture.height == pytest.approx(size[0] / size[1], rel=TOLERANCE + 0.01)


@pytest.mark.parametrize("largest", [False, True], ids=["default", "largest"])
def test_a_larger_size_is_larger_in_the_same_ratio(painter, largest):
    adapter, model = painter
    known = adapter.capabilities(model)
    options = {"size": known.sizes[-1]} if largest else {}

    picture = Image.open(
        io.BytesIO(adapter.generate(asked(model, "x", image_of((1200, 800)), **options), timeout_s=60).data)
    )

    assert picture.width / picture.height == pytest.approx(1.5, rel=TOLERANCE)
    assert picture.width * picture.height > (2_600_000 if largest else 600_000)
