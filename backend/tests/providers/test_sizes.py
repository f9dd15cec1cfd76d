from batchgen.domain.pictures import Request
from batchgen.providers.catalogue import catalogue
from batchgen.providers.doubao_sizes import size_for
from tests.providers.conftest import BASE, DOUBAO, REFERENCES, asked

MODELS = {entry.capabilities.id: entry for entry in catalogue()["doubao"].models}


def test_a_larger_size_has_more_pixels():
    sizes = [size_for(asked(DOUBAO, "x", BASE, size=size), MODELS[DOUBAO]) for size in ("1K", "1.5K", "2K")]

    assert sizes == ["1184x888", "1760x1320", "2368x1776"]


def test_text_alone_leaves_the_ratio_to_the_model():
    assert size_for(asked(DOUBAO), MODELS[DOUBAO]) == "1K"
    assert size_for(asked(DOUBAO, size="2K"), MODELS[DOUBAO]) == "2K"


def test_references_give_no_ratio():
    assert size_for(Request(DOUBAO, "x", REFERENCES, references=2), MODELS[DOUBAO]) == "1K"


def test_seededit_knows_one_word():
    model = "doubao-seededit-3-0-i2i-250628"

    assert size_for(asked(model, "x", BASE), MODELS[model]) == "adaptive"
