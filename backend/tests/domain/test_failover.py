"""Where an item goes on: by its batch's policy, in order, only where it fits."""

from dataclasses import replace

import pytest

from batchgen.domain.failover import MOVABLE, Need, Offer, Place, next_place
from batchgen.domain.failures import Category
from batchgen.domain.pictures import Capabilities, Options


def model(id_: str, price: int, **more: object) -> Capabilities:
    plain = Capabilities(id_, id_, id_, price, aspect_ratios=("1:1", "16:9"), sizes=("1K",), max_references=3)
    return replace(plain, **more)  # type: ignore[arg-type]


OFFERS = [
    Offer("gemini", (model("g", 34),)),
    Offer("doubao", (model("d-pro", 45), model("d-lite", 31))),
    Offer("relay", (model("r", 34),)),
    Offer("demo", (model("demo-1", 0),)),
]
NEED = Need(Options(), references=0, has_image=True, price_micros=34)


def test_the_next_configured_provider_takes_it_with_its_default_model():
    assert next_place("any", NEED, ["gemini"], OFFERS) == Place("doubao", "d-pro", 45)


def test_the_same_price_takes_a_model_that_costs_no_more():
    assert next_place("same_price", NEED, ["gemini"], OFFERS) == Place("doubao", "d-lite", 31)


def test_a_provider_that_had_it_does_not_get_it_again():
    assert next_place("any", NEED, ["gemini", "doubao"], OFFERS) == Place("relay", "r", 34)
    assert next_place("any", NEED, ["gemini", "doubao", "relay"], OFFERS) is None


def test_without_a_policy_it_stays():
    assert next_place("none", NEED, ["gemini"], OFFERS) is None


def test_the_demo_takes_nothing_over_and_gives_nothing_away():
    assert next_place("any", NEED, ["gemini"], OFFERS[3:]) is None
    assert next_place("any", NEED, ["demo"], OFFERS) is None


@pytest.mark.parametrize(
    "need",
    [
        NEED._replace(options=Options(aspect_ratio="21:9")),
        NEED._replace(options=Options(size="4K")),
        NEED._replace(options=Options(format="webp")),
        NEED._replace(references=4),
    ],
)
def test_a_model_that_cannot_make_it_as_it_was_asked_for_is_passed_over(need: Need):
    assert next_place("any", need, ["gemini"], OFFERS) is None


def test_a_model_that_needs_an_image_is_passed_over_for_words_alone():
    offers = [Offer("a", (model("edits-only", 1, text_to_image=False),)), *OFFERS]

    assert next_place("any", NEED._replace(has_image=False), ["gemini"], offers) == Place("doubao", "d-pro", 45)


def test_what_a_provider_refused_to_make_is_the_person_s_to_decide():
    assert Category.BLOCKED not in MOVABLE
    assert Category.INVALID_INPUT not in MOVABLE
