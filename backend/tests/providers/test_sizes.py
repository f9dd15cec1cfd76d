from hypothesis import given
from hypothesis import strategies as st

from batchgen.providers.catalogue import RATIOS, catalogue
from batchgen.providers.doubao_sizes import _AREA, fit, size_for
from tests.providers.conftest import BASE, DOUBAO, asked

MODELS = {entry.capabilities.id: entry for entry in catalogue()["doubao"].models}


def test_every_ratio_at_every_size_is_within_the_models_pixels_and_within_three_percent():
    for entry in catalogue()["doubao"].models:
        for size in entry.capabilities.sizes:
            for ratio in RATIOS["R14"]:
                wide, high = map(int, ratio.split(":"))
                w, h = fit(wide / high, _AREA[size], entry.pixels)
                assert entry.pixels[0] <= w * h <= entry.pixels[1], (entry.capabilities.id, size, ratio)
                assert abs(w / h / (wide / high) - 1) < 0.03, (entry.capabilities.id, size, ratio)


@given(
    ratio=st.floats(1 / 40, 40), area=st.sampled_from(sorted(_AREA.values())),
    model=st.sampled_from([entry for entry in MODELS.values() if entry.pixels != (0, 0)]),
)  # fmt: skip
def test_any_image_gets_a_size_that_ark_takes(ratio, area, model):
    w, h = fit(ratio, area, model.pixels)

    assert model.pixels[0] <= w * h <= model.pixels[1]
    assert max(w, h) <= 16 * min(w, h)
    assert (w % 8, h % 8) == (0, 0)


def test_a_larger_size_has_more_pixels():
    sizes = [size_for(asked(DOUBAO, "x", BASE, size=size), MODELS[DOUBAO]) for size in ("1K", "1.5K", "2K")]

    assert sizes == ["1184x888", "1776x1328", "2368x1776"]


def test_text_alone_leaves_the_ratio_to_the_model():
    assert size_for(asked(DOUBAO), MODELS[DOUBAO]) == "1K"
    assert size_for(asked(DOUBAO, size="2K"), MODELS[DOUBAO]) == "2K"


def test_seededit_knows_one_word():
    model = "doubao-seededit-3-0-i2i-250628"

    assert size_for(asked(model, "x", BASE), MODELS[model]) == "adaptive"
