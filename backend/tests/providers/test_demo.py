import io

import pytest
from PIL import Image, ImageChops, ImageStat

from batchgen.domain.failures import Charged, Rule
from batchgen.domain.pictures import InputImage
from batchgen.providers.registry import ProviderConfig, Registry
from tests.fakes.pictures import picture_for, plain
from tests.providers.conftest import asked, failure_of

PHOTO = InputImage(picture_for("a photo", [], 1.5, "JPEG"), "image/jpeg", 384, 256)


def painted(prompt: str = "a red fox", *images: InputImage, model: str = "demo-paint", **options: object) -> bytes:
    request = asked(model, prompt, *images, **options)
    return Registry({}).adapter("demo").generate(request, timeout_s=60).data


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_the_same_request_and_seed_paint_the_same_picture():
    assert painted("a fox", PHOTO, seed=3) == painted("a fox", PHOTO, seed=3)
    assert painted("a fox", seed=0) == painted("a fox", seed=0)


def test_without_a_seed_each_picture_is_its_own_and_tells_its_seed():
    first, second = (Registry({}).adapter("demo").generate(asked("demo-paint", "a fox"), timeout_s=60) for _ in "12")

    assert first.data != second.data
    assert first.seed is not None
    assert painted("a fox", seed=first.seed) == first.data


def test_prompt_seed_image_and_model_each_change_the_picture():
    other = InputImage(picture_for("another", [], 1.5, "JPEG"), "image/jpeg", 384, 256)
    pictures = [
        painted("a fox", PHOTO), painted("a hare", PHOTO), painted("a fox", PHOTO, seed=1), painted("a fox", other),
        painted("a fox", PHOTO, model="demo-ink"), painted("a fox"), painted("a fox", seed=1),
    ]  # fmt: skip

    assert len(set(pictures)) == len(pictures)


@pytest.mark.parametrize("model", ["demo-paint", "demo-ink"])
@pytest.mark.parametrize("prompt", ["one", "two", "three", "four", "five"])
def test_an_image_is_changed_visibly_and_keeps_its_ratio(model, prompt):
    picture = opened(painted(prompt, PHOTO, model=model))

    assert picture.width / picture.height == pytest.approx(1.5, rel=0.01)
    before = opened(PHOTO.data).resize(picture.size)
    assert sum(ImageStat.Stat(ImageChops.difference(before, picture)).mean) > 20


@pytest.mark.parametrize("ratio", ["1:1", "16:9", "9:16", "21:9", "1:8"])
@pytest.mark.parametrize("images", [(), (PHOTO,)], ids=["text", "image"])
def test_a_ratio_that_is_asked_for_is_held(ratio, images):
    wide, high = map(int, ratio.split(":"))

    picture = opened(painted("x", *images, aspect_ratio=ratio))

    assert picture.width / picture.height == pytest.approx(wide / high, rel=0.02)


def test_sizes_are_one_and_four_megapixels():
    assert opened(painted("x")).size == (1024, 1024)
    assert opened(painted("x", size="2K")).size == (2048, 2048)


@pytest.mark.parametrize(("wanted", "kind"), [(None, "JPEG"), ("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_formats(wanted, kind):
    picture = opened(painted("x", format=wanted))
    picture.load()

    assert picture.format == kind


def test_a_picture_from_text_is_not_blank():
    assert ImageStat.Stat(opened(painted("x")).convert("L")).stddev[0] > 20


@pytest.mark.parametrize(
    "prompt", ["夕阳下的灯塔，海浪拍打礁石，油画风格" * 30, "🦊" * 50, "a " * 2000, "w" * 3000, " ", ""]
)
def test_any_prompt_can_be_painted(prompt):
    assert opened(painted(prompt)).size == (1024, 1024)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK"])
def test_any_kind_of_image_can_be_painted(mode):
    out = io.BytesIO()
    Image.new(mode, (40, 30)).save(out, "TIFF" if mode == "CMYK" else "PNG")

    picture = opened(painted("x", InputImage(out.getvalue(), "image/png", 40, 30)))

    assert picture.mode == "RGB"


def test_an_image_that_cannot_be_read_is_refused_for_free():
    failure = failure_of(lambda: _generate("x", InputImage(b"\xff\xd8\xff not a jpeg", "image/jpeg", 10, 10)))

    assert (failure.code, failure.charged) == ("invalid_input", Charged.NO)


@pytest.mark.parametrize(
    ("words", "code", "rule"),
    [
        ("[fail:blocked]", "blocked_input", Rule.NEVER),
        ("[fail:rate]", "provider_rate_limited", Rule.HINTED),
        ("[fail:timeout]", "timeout", Rule.RERUN),
        ("[fail:no_image]", "no_image", Rule.ONCE),
    ],
)
def test_words_in_the_prompt_try_a_failure_out(words, code, rule):
    failure = failure_of(lambda: _generate(f"a fox {words} in snow"))

    assert (failure.code, failure.rule) == (code, rule)


def test_words_in_the_prompt_try_out_pictures_that_nobody_asked_for():
    def of(words: str) -> Image.Image:
        return opened(painted(f"a fox {words}", PHOTO, aspect_ratio="3:2", format="png"))

    assert of("[fail:blank]").getextrema() == ((255, 255),) * 3
    before = opened(PHOTO.data).resize(of("[fail:unchanged]").size)
    assert sum(ImageStat.Stat(ImageChops.difference(before, of("[fail:unchanged]"))).mean) < 10
    wide = of("[fail:ratio]")
    assert wide.width / wide.height == pytest.approx(1.5 * 1.5, rel=0.01)
    assert of("[fail:small]").width == 200


@pytest.mark.parametrize("colour", ["black", "white", "gray", "teal"])
@pytest.mark.parametrize("model", ["demo-paint", "demo-ink"])
def test_an_image_of_one_colour_does_not_come_out_as_one(colour, model):
    for seed in range(6):
        picture = opened(painted("x", InputImage(plain(colour=colour), "image/jpeg", 64, 48), model=model, seed=seed))

        assert max(ImageStat.Stat(picture).stddev) > 3


def test_a_latency_over_the_time_limit_is_a_timeout():
    adapter = Registry({"demo": ProviderConfig(latency_s=600)}).adapter("demo")

    failure = failure_of(lambda: adapter.generate(asked("demo-paint"), timeout_s=0.01))

    assert (failure.code, failure.charged) == ("timeout", Charged.NO)


def test_the_demo_is_free():
    info = Registry({}).info("demo")

    assert info is not None
    assert {model.price(size, 5) for model in info.models for size in model.sizes} == {0}
    assert info.default_model == "demo-paint"


def _generate(prompt: str, *images: InputImage):
    return Registry({}).adapter("demo").generate(asked("demo-paint", prompt, *images), timeout_s=60)
