"""Amounts in the base currency: converted at the document's own rate, rounded once."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import polars as pl

CENTS: Final = 2
# Currencies whose smallest unit is not a hundredth (ISO 4217).
SMALLEST_UNIT: Final[Mapping[str, int]] = {
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
}


def in_base(amount: str, currency: str) -> pl.Expr:
    """
    Convert a column: base = amount x rate, rounded half up to what the currency knows.

    What is in the base currency already is left as it is, to the last digit.
    """
    rate = pl.col("currency_rate")
    places = SMALLEST_UNIT.get(currency, CENTS)
    converted = (pl.col(amount) * rate).round(places, mode="half_away_from_zero")
    return pl.when(rate == Decimal(1)).then(pl.col(amount)).otherwise(converted)
