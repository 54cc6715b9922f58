"""
Money is counted in cents, rates in thousandths: whole numbers, so nothing is ever rounded away.

What is billed in a foreign currency comes in tens of its unit. Times a rate of
three decimals, that is a whole number of cents in the base currency.
"""

from functools import cache
from typing import Final

from sandbox.books.dice import Dice

PAR: Final = 1000  # the rate between a currency and itself
FOREIGN_STEP: Final = 1000  # ten units, in cents
PERCENT: Final = 100

# What one unit is worth in thousandths of a common measure.
WORTH: Final = {"GBP": 1000, "EUR": 860, "USD": 790}


def written(cents: int) -> str:
    """Write cents as a decimal: -1234 is "-12.34"."""
    sign = "-" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    return f"{sign}{units}.{rest:02d}"


def written_rate(rate: int) -> str:
    """Write thousandths as a decimal: 857 is "0.857"."""
    return f"{rate // PAR}.{rate % PAR:03d}"


def in_base(cents: int, rate: int) -> int:
    """Convert to the base currency: base = foreign x rate, exactly."""
    return cents * rate // PAR


def in_tens(cents: int) -> int:
    """Bring an amount down to tens of a unit."""
    return cents // FOREIGN_STEP * FOREIGN_STEP


def foreign_price(cents: int) -> int:
    """Bring a price down to tens of a unit, but leave enough to pay it in two parts."""
    return max(in_tens(cents), 2 * FOREIGN_STEP)


def share(cents: int, percent: int) -> int:
    """Take so many percent, rounded half up."""
    return (cents * percent + PERCENT // 2) // PERCENT


@cache
def rate_of(currency: str, base: str, month: int) -> int:
    """Say what one unit of `currency` cost in `base` that month: the same for every company."""
    if currency == base:
        return PAR
    fair = WORTH[currency] * PAR // WORTH[base]
    return fair + Dice("rate", currency, base, month).between(-25, 25)
