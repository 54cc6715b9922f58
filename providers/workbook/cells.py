"""
Cells: what one holds, as the value that its column asks for, or what was expected.

A spreadsheet keeps every number as a float, of which 15 digits are true; money is
read to the digits that the customer typed.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from domain.datasets import RATE_DIGITS
from providers.workbook.columns import Column, Kind
from providers.workbook.currencies import CURRENCIES

Cell = str | float | bool | date | datetime | time | timedelta
"""What the workbook's reader finds; an empty cell is an empty text."""

LONGEST_TEXT: Final = 10_000
LONGEST_ID: Final = 200
WHOLE_DIGITS: Final = 13
"""Cents of a larger amount would be lost in a spreadsheet."""

AMOUNT_PLACES: Final = 4
RATE_PLACES: Final = 10
HIGHEST_RATE: Final = 10**RATE_DIGITS
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200

_LARGEST_EXACT: Final = 10**15  # a whole number beyond has lost digits
_ROUNDING: Final = 4  # units in a float's last place that sums leave behind
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_LAYOUT: Final = frozenset("\t\n\r")
_CURRENCIES: Final = frozenset(CURRENCIES)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Wrong(Exception):
    """The cell can't be used; the text says what was expected, for the customer."""


def read(column: Column, cell: Cell) -> Any:
    """Return the cell's value, None where it is empty, or raise Wrong."""
    if isinstance(cell, str):
        cell = cell.strip()
        if not cell:
            return _nothing(column)
    return _READERS[column.kind](column, cell)


def _nothing(column: Column) -> None:
    if column.required:
        raise Wrong("This is needed.")


def _id(column: Column, cell: Cell) -> str:
    text = _text(column, cell)
    if len(text) > LONGEST_ID:
        raise Wrong(f"An ID has at most {LONGEST_ID} characters.")
    if _LAYOUT & set(text):
        raise Wrong("An ID stands on one line.")
    return text


def _text(column: Column, cell: Cell) -> str:
    match cell:
        case bool():
            raise Wrong("Expected text, found TRUE or FALSE.")
        case int() | float():
            return _number_as_text(cell)
        case str():
            return _sound(cell)
    raise Wrong("Expected text, found a date or time: format the cell as text.")


def _number_as_text(number: float) -> str:
    """Write a number as it was typed: the id 1001 reads as 1001.0."""
    if not math.isfinite(number) or abs(number) >= _LARGEST_EXACT:
        raise Wrong("This number has lost digits: format the cell as text.")
    return f"{Decimal(repr(number)).normalize():f}"


def _sound(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Wrong(f"At most {LONGEST_TEXT:,} characters fit here.")
    if _CONTROL.search(text):
        raise Wrong("There is an invisible control character in this text.")
    return text


def _day(column: Column, cell: Cell) -> date:
    match cell:
        case datetime():
            day = cell.date()
        case date():
            day = cell
        case str() if _DAY.fullmatch(cell):
            day = _written_day(cell)
        case str():
            raise Wrong("Expected a date, found text: write it as 2026-07-31.")
        case _:
            raise Wrong("Expected a date: format the cell as one.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Wrong(f"Expected a date from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def _written_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Wrong("There is no such day.") from None


def _month(column: Column, cell: Cell) -> str:
    match cell:
        case str() if (found := _MONTH.fullmatch(cell)) is not None:
            year = int(found[1])
        case str():
            raise Wrong("Expected a month, such as 2026-07.")
        case _:
            day = _day(column, cell)
            year, cell = day.year, f"{day:%Y-%m}"
    if not FIRST_YEAR <= year < LAST_YEAR:
        raise Wrong(f"Expected a month from {FIRST_YEAR} to {LAST_YEAR - 1}.")
    return cell


def _amount(column: Column, cell: Cell) -> Decimal:
    return _decimal(cell, AMOUNT_PLACES)


def _rate(column: Column, cell: Cell) -> Decimal:
    rate = _decimal(cell, RATE_PLACES)
    if rate <= 0:
        raise Wrong("An exchange rate is above zero.")
    if rate >= HIGHEST_RATE:
        raise Wrong("An exchange rate is below ten million.")
    return rate


def _decimal(cell: Cell, places: int) -> Decimal:
    number = _number(cell)
    if abs(number) >= 10**WHOLE_DIGITS:
        raise Wrong(f"Expected at most {WHOLE_DIGITS} digits before the point.")
    exact = Decimal(repr(number))
    rounded = round(exact, places)
    if abs(exact - rounded) > Decimal(_ROUNDING * math.ulp(number)):
        raise Wrong(f"Expected at most {places} decimals: round it.")
    return Decimal(f"{rounded.normalize():f}")


def _number(cell: Cell) -> float:
    match cell:
        case bool():
            raise Wrong("Expected a number, found TRUE or FALSE.")
        case int() | float() if math.isfinite(cell):
            return float(cell)
        case int() | float():
            raise Wrong("This is not a number.")
        case str():
            raise Wrong("Expected a number, found text.")
    raise Wrong("Expected a number, found a date or time.")


def _currency(column: Column, cell: Cell) -> str:
    code = cell.upper() if isinstance(cell, str) else ""
    if code not in _CURRENCIES:
        raise Wrong("Expected a currency of ISO 4217: three letters, such as EUR.")
    return code


def _month_of_year(column: Column, cell: Cell) -> int:
    number = cell if isinstance(cell, int | float) else math.nan
    if number not in range(1, 13) or isinstance(cell, bool):
        raise Wrong("Expected the number of a month, 1 to 12.")
    return int(number)


def _choice(column: Column, cell: Cell) -> str:
    word = cell.casefold() if isinstance(cell, str) else ""
    ours = column.words.get(word)
    if ours is None:
        raise Wrong(f"Expected one of: {', '.join(column.choices)}.")
    return ours


_READERS: Final[Mapping[Kind, Callable[[Column, Cell], Any]]] = MappingProxyType(
    {
        Kind.ID: _id,
        Kind.TEXT: _text,
        Kind.DAY: _day,
        Kind.MONTH: _month,
        Kind.AMOUNT: _amount,
        Kind.RATE: _rate,
        Kind.CURRENCY: _currency,
        Kind.MONTH_OF_YEAR: _month_of_year,
        Kind.CHOICE: _choice,
    }
)
