"""Amounts as people read them. Inside, money is whole micro-USD everywhere."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Currency = Literal["USD", "CNY"]
MICROS = 1_000_000
MOST_MICROS = 10**12
_SIGNS: dict[Currency, str] = {"USD": "$", "CNY": "¥"}
_TENTH_OF_A_CENT = Decimal("0.0001")


def to_micros(dollars: Decimal) -> int:
    return int((dollars * MICROS).to_integral_value(ROUND_HALF_UP))


def dollars(micros: int) -> str:
    """Exact, for tables: "0.033600"."""
    return f"{Decimal(micros) / MICROS:.6f}"


@dataclass(frozen=True, slots=True)
class Display:
    """`rate`: CNY for one USD; it changes what is shown, never what is counted."""

    currency: Currency = "USD"
    rate: Decimal = Decimal("7.1")

    def __call__(self, micros: int) -> str:
        """ "$3.20"; with more places where an amount has them: "$0.0336"."""
        amount = Decimal(micros) / MICROS * (self.rate if self.currency == "CNY" else 1)
        text = f"{abs(amount).quantize(_TENTH_OF_A_CENT, ROUND_HALF_UP):,f}"
        whole, _, places = text.partition(".")
        sign = "-" if amount < 0 else ""
        return f"{sign}{_SIGNS[self.currency]}{whole}.{places[:2]}{places[2:].rstrip('0')}"
