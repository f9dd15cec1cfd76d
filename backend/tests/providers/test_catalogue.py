import re
from datetime import date

import pytest

from batchgen.providers.catalogue import catalogue

ROWS = [pytest.param(s, e, id=e.capabilities.id) for s in catalogue().values() for e in s.models]
SIZES = {"512", "1K", "1.5K", "2K", "3K", "4K"}


def test_the_providers_are_those_that_have_adapters():
    assert list(catalogue()) == ["gemini", "doubao", "openai", "demo"]


@pytest.mark.parametrize("section", catalogue().values(), ids=catalogue())
def test_each_provider_offers_one_default_model_that_has_no_end_in_sight(section):
    [default] = [model for model in section.offered if model.default]

    assert default.deprecated is None
    assert len({entry.capabilities.id for entry in section.models}) == len(section.models)


@pytest.mark.parametrize(("section", "entry"), ROWS)
def test_a_row_is_complete(section, entry):
    known = entry.capabilities

    assert known.name_zh
    assert known.name_en
    assert known.source
    assert date.fromisoformat(known.as_of) <= date(2027, 12, 31)
    assert set(known.sizes) <= SIZES
    assert all(re.fullmatch(r"\d+:\d+", ratio) for ratio in known.aspect_ratios)
    assert known.max_references == max(0, known.max_images - 1)
    assert known.max_input_bytes <= known.max_request_bytes * 3 // 4
    assert 1024 <= known.max_input_side <= 4096
    assert 1 <= known.max_variants <= 8


@pytest.mark.parametrize(("section", "entry"), ROWS)
def test_a_row_says_how_a_ratio_is_asked_for(section, entry):
    known = entry.capabilities
    canvas = known.canvas

    assert canvas.mode in ("", "words", "pixels", "fixed")
    assert canvas.mode or not entry.available
    assert canvas.mode != "words" or known.aspect_ratios
    assert canvas.mode != "pixels" or 0 < canvas.fewest < canvas.most


@pytest.mark.parametrize(("section", "entry"), ROWS)
def test_a_row_has_a_price_for_each_size_except_that_the_demo_is_free(section, entry):
    prices = [entry.capabilities.price(size) for size in entry.capabilities.sizes or (None,)]

    assert entry.capabilities.price() == prices[0] == entry.capabilities.price_micros
    assert all((price > 0) == (section.id != "demo") for price in prices)


@pytest.mark.parametrize(("section", "entry"), ROWS)
def test_a_model_that_ends_names_one_that_does_not(section, entry):
    if entry.capabilities.deprecated or not entry.available:
        successor = section.find(entry.successor)
        assert successor is not None
        assert successor.available
        assert successor.capabilities.deprecated is None
    if entry.capabilities.deprecated:
        date.fromisoformat(entry.capabilities.deprecated)


def test_images_that_are_sent_cost_too_where_the_provider_says_so():
    pro = catalogue()["gemini"].find("gemini-3-pro-image")
    seedream = catalogue()["doubao"].find("doubao-seedream-5-5-261028")

    assert pro is not None
    assert seedream is not None
    assert pro.capabilities.price("4K", images=2) == 240_000 + 2 * 1_100
    assert seedream.capabilities.price(None, images=1) == 28_000
    assert seedream.capabilities.price("2K") == 35_000


def test_models_that_are_gone_are_known_but_not_offered():
    gemini = catalogue()["gemini"]

    for gone in ("gemini-3.1-flash-image", "gemini-2.5-flash-image"):
        assert gemini.find(gone) is not None
        assert gone not in [model.id for model in gemini.offered]
