"""Rows of every dataset, made up within the bounds of `domain.datasets`."""

import operator
from datetime import date
from decimal import Decimal
from functools import reduce
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.datasets import (
    DECIMAL_PLACES,
    RATE_DIGITS,
    ROWS,
    WHOLE_DIGITS,
    Amount,
    Currency,
    Dataset,
    Day,
    Flag,
    Key,
    Month,
    MonthOfYear,
    Rate,
    Row,
    Text,
)

_LARGEST: Final = Decimal("9" * WHOLE_DIGITS + "." + "9" * DECIMAL_PLACES)
_HIGHEST_RATE: Final = Decimal("9" * RATE_DIGITS + "." + "9" * DECIMAL_PLACES)
_LOWEST_RATE: Final = Decimal(1).scaleb(-DECIMAL_PLACES)
_ANY: Final[tuple[tuple[Any, st.SearchStrategy[Any]], ...]] = (
    (Text, st.text(max_size=20)),
    (Key, st.text(min_size=1, max_size=20)),
    (Currency, st.sampled_from(["GBP", "EUR", "JPY", "KWD"])),
    (Amount, st.decimals(-_LARGEST, _LARGEST, places=DECIMAL_PLACES)),
    (Rate, st.decimals(_LOWEST_RATE, _HIGHEST_RATE, places=DECIMAL_PLACES)),
    (Day, st.dates(date(1900, 1, 1), date(2200, 12, 31))),
    (Month, st.from_regex(r"\A20[0-9]{2}-(0[1-9]|1[0-2])\Z")),
    (MonthOfYear, st.integers(1, 12)),
    (Flag, st.booleans()),
)


def any_rows(dataset: Dataset) -> st.SearchStrategy[list[Row]]:
    """A page of up to five rows."""
    return st.lists(_row(ROWS[dataset]), max_size=5)


def _row(row: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(row, include_extras=True)
    return st.fixed_dictionaries({name: _value(hint) for name, hint in hints.items()})


def _value(hint: Any) -> st.SearchStrategy[Any]:
    known = [strategy for kind, strategy in _ANY if kind == hint]
    if known:
        return known[0]
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin in (Union, UnionType):
            return reduce(operator.or_, map(_value, arguments))
        case origin if origin is Literal:
            return st.sampled_from(arguments)
        case origin if origin is list:
            return st.lists(_value(arguments[0]), max_size=3)
    return st.none() if hint is NoneType else _row(hint)
