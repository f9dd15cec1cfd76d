from decimal import Decimal

import pytest

from batchgen.domain.money import Display, dollars, to_micros
from batchgen.domain.pictures import Billed, Capabilities
from batchgen.domain.prices import Made, made
from batchgen.providers.catalogue import catalogue

PLAIN = Capabilities("m", "m", "m", 20_000, prices=(("1K", 20_000), ("2K", 35_000)), input_price_micros=8_000)


def model(provider: str, name: str) -> Capabilities:
    entry = catalogue()[provider].find(name)
    assert entry is not None
    return entry.capabilities


@pytest.mark.parametrize(
    ("size", "images", "billed", "expected"),
    [
        (None, 0, Billed(), Made(20_000, 20_000, 1, "picture")),
        ("2K", 3, Billed(), Made(59_000, 35_000, 1, "picture")),
        ("2K", 3, Billed(pictures=2, images=1), Made(78_000, 35_000, 2, "picture")),
        (None, 0, Billed(output_tokens=4096), Made(20_000, 20_000, 1, "picture")),  # no price of a token is known
    ],
)
def test_a_picture_is_charged_at_its_size_with_what_was_sent_along(
    size: str | None, images: int, billed: Billed, expected: Made
):
    assert made(PLAIN, size, images, billed) == expected


@pytest.mark.parametrize(("size", "tokens"), [("1K", 1120), ("2K", 1680), ("4K", 2520)])
def test_geminis_tokens_cost_what_its_catalogue_row_says(size: str, tokens: int):
    default = model("gemini", "gemini-nano-banana-2.1")

    assert made(default, size, 2, Billed(output_tokens=tokens)).amount == default.price(size, 2)
    assert made(default, size, 0, Billed(output_tokens=tokens - 1)).amount == default.price(size) - 30


def test_openais_three_kinds_of_tokens_have_three_prices_and_a_part_of_a_micro_counts_whole():
    flare = model("openai", "gpt-image-2.5-flare")

    assert made(flare, "1K", 1, Billed(0, None, 1756, 12, 300)) == Made(55_140, 30_000_000, 1756, "tokens")
    odd = Capabilities("m", "m", "m", 1, output_token_micros_per_million=1_500_000)
    assert made(odd, None, 0, Billed(output_tokens=3)).amount == 5  # 4.5


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        (0, "$0.00"), (33_600, "$0.0336"), (3_200_000, "$3.20"), (1_234_567_890, "$1,234.5679"), (-50_000, "-$0.05"),
        (10**12, "$1,000,000.00"),
    ],
)  # fmt: skip
def test_an_amount_is_shown_with_the_places_that_it_needs(micros: int, shown: str):
    assert Display()(micros) == shown


def test_yuan_are_shown_by_the_rate_and_tables_have_exact_dollars():
    assert Display("CNY", Decimal("7.1"))(1_000_000) == "¥7.10"
    assert [dollars(m) for m in (33_600, -1, 0)] == ["0.033600", "-0.000001", "0.000000"]
    assert to_micros(Decimal("50.000001")) == 50_000_001
