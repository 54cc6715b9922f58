"""Cells: what is taken as typed, and what is refused with a sentence that helps."""

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.datasets import Amount, Day, Month, Rate
from providers.workbook.cells import AMOUNT_PLACES, Cell, Wrong, read
from providers.workbook.columns import SHEETS, Column, Kind

CHOICES = {"Open": "open", "Void": "void"}

TAKEN: list[tuple[Kind, Cell, Any]] = [
    (Kind.ID, " B/1 ", "B/1"),
    (Kind.ID, 1001.0, "1001"),
    (Kind.ID, 1_000_000.0, "1000000"),
    (Kind.ID, 0.5, "0.5"),
    (Kind.ID, "../../etc/passwd", "../../etc/passwd"),
    (Kind.TEXT, "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    (Kind.TEXT, "two\nlines", "two\nlines"),
    (Kind.TEXT, "é" * 10_000, "é" * 10_000),
    (Kind.TEXT, "   ", None),
    (Kind.DAY, date(2024, 2, 29), date(2024, 2, 29)),
    (Kind.DAY, datetime(2026, 7, 31, 12), date(2026, 7, 31)),  # noqa: DTZ001
    (Kind.DAY, "2026-07-31", date(2026, 7, 31)),
    (Kind.DAY, date(1900, 1, 1), date(1900, 1, 1)),
    (Kind.DAY, date(2200, 12, 31), date(2200, 12, 31)),
    (Kind.MONTH, "2026-07", "2026-07"),
    (Kind.MONTH, date(2026, 7, 31), "2026-07"),
    (Kind.AMOUNT, 120.0, Decimal(120)),
    (Kind.AMOUNT, 0.1 + 0.2, Decimal("0.3")),
    (Kind.AMOUNT, -0.0001, Decimal("-0.0001")),
    (Kind.AMOUNT, 1234567890123.45, Decimal("1234567890123.45")),
    (Kind.AMOUNT, 0.0, Decimal(0)),
    (Kind.RATE, 0.0000001, Decimal("0.0000001")),
    (Kind.CURRENCY, "eur", "EUR"),
    (Kind.MONTH_OF_YEAR, 6.0, 6),
    (Kind.CHOICE, "open", "open"),
    (Kind.CHOICE, "Cancelled", "void"),
]

REFUSED: list[tuple[Kind, Cell, str]] = [
    (Kind.ID, "x" * 201, "at most 200 characters"),
    (Kind.ID, "two\nlines", "one line"),
    (Kind.ID, True, "TRUE or FALSE"),
    (Kind.ID, 1e30, "lost digits"),
    (Kind.ID, math.nan, "lost digits"),
    (Kind.TEXT, "x" * 10_001, "10,000 characters"),
    (Kind.TEXT, "bell \x07", "control character"),
    (Kind.TEXT, "nul \0", "control character"),
    (Kind.TEXT, date(2026, 7, 31), "format the cell as text"),
    (Kind.TEXT, timedelta(1), "format the cell as text"),
    (Kind.DAY, "03/04/2026", "2026-07-31"),
    (Kind.DAY, "2026-02-30", "no such day"),
    (Kind.DAY, "\N{ARABIC-INDIC DIGIT TWO}026-07-31", "2026-07-31"),
    (Kind.DAY, "1700006400", "2026-07-31"),
    (Kind.DAY, 46_000.0, "format the cell as one"),
    (Kind.DAY, time(12), "format the cell as one"),
    (Kind.DAY, date(1, 1, 1), "from 1900 to 2200"),
    (Kind.DAY, date(1899, 12, 31), "from 1900 to 2200"),
    (Kind.DAY, date(9999, 12, 31), "from 1900 to 2200"),
    (Kind.MONTH, "2026-13", "such as 2026-07"),
    (Kind.MONTH, "July", "such as 2026-07"),
    (Kind.MONTH, "0001-01", "from 1900"),
    (Kind.MONTH, date(2200, 1, 1), "from 1900"),
    (Kind.MONTH, 7.0, "a date"),
    (Kind.AMOUNT, "120", "found text"),
    (Kind.AMOUNT, "NaN", "found text"),
    (Kind.AMOUNT, math.nan, "not a number"),
    (Kind.AMOUNT, math.inf, "not a number"),
    (Kind.AMOUNT, True, "TRUE or FALSE"),
    (Kind.AMOUNT, date(2026, 7, 31), "date or time"),
    (Kind.AMOUNT, 1e30, "13 digits"),
    (Kind.AMOUNT, 1e13, "13 digits"),
    (Kind.AMOUNT, 1.23456, "4 decimals"),
    (Kind.AMOUNT, 1e-30, "4 decimals"),
    (Kind.RATE, 0.0, "above zero"),
    (Kind.RATE, -1.0, "above zero"),
    (Kind.RATE, 0.12345678901, "10 decimals"),
    (Kind.CURRENCY, "EURO", "three letters"),
    (Kind.CURRENCY, "XYZ", "three letters"),
    (Kind.CURRENCY, 978.0, "three letters"),
    (Kind.MONTH_OF_YEAR, 13.0, "1 to 12"),
    (Kind.MONTH_OF_YEAR, 6.5, "1 to 12"),
    (Kind.MONTH_OF_YEAR, True, "1 to 12"),
    (Kind.MONTH_OF_YEAR, "June", "1 to 12"),
    (Kind.CHOICE, "Perhaps", "Open, Void"),
    (Kind.CHOICE, 1.0, "Open, Void"),
]


def column(kind: Kind, *, required: bool = False) -> Column:
    return Column("H", "h", kind, required, "", CHOICES, {"Cancelled": "void"})


@pytest.mark.parametrize(("kind", "cell", "value"), TAKEN)
def test_a_sound_cell_is_its_value(kind: Kind, cell: Cell, value: Any) -> None:
    """
    What a person typed is what is kept, to the digit.
    """
    assert value == read(column(kind), cell)


@pytest.mark.parametrize(("kind", "cell", "sentence"), REFUSED)
def test_any_other_cell_says_what_was_expected(
    kind: Kind, cell: Cell, sentence: str
) -> None:
    """
    Nothing is guessed: a cell that could mean two things is told, without repeating it.
    """
    with pytest.raises(Wrong) as wrong:
        read(column(kind), cell)

    assert sentence in str(wrong.value)
    assert len(str(wrong.value)) < 120


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_cell_is_nothing_unless_needed(kind: Kind) -> None:
    """
    Every kind of column can be left empty, unless it is required.
    """
    assert None is read(column(kind), "")
    with pytest.raises(Wrong, match="needed"):
        read(column(kind, required=True), " ")


def test_an_amount_keeps_its_plain_form() -> None:
    """
    A thousand is 1000 in the file for the next reader, not 1E+3.
    """
    assert "1000" == str(read(column(Kind.AMOUNT), 1000.0))


@given(st.integers(-(10**13) + 1, 10**13 - 1), st.integers(0, AMOUNT_PLACES))
def test_amounts_of_fifteen_digits_survive(digits: int, places: int) -> None:
    """
    Whatever a spreadsheet can hold exactly is read exactly.
    """
    typed = Decimal(digits).scaleb(-places)

    assert typed == read(column(Kind.AMOUNT), float(typed))


CELLS = st.one_of(
    st.text(),
    st.floats(),
    st.integers().map(float),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
DEFINITIONS: dict[Kind, TypeAdapter[Any]] = {
    Kind.DAY: TypeAdapter(Day),
    Kind.MONTH: TypeAdapter(Month),
    Kind.AMOUNT: TypeAdapter(Amount),
    Kind.RATE: TypeAdapter(Rate),
    Kind.ID: TypeAdapter(str),
    Kind.TEXT: TypeAdapter(str),
}


@pytest.mark.parametrize("kind", DEFINITIONS)
@given(cell=CELLS)
def test_whatever_a_cell_holds_it_is_a_canonical_value_or_told(
    kind: Kind, cell: Cell
) -> None:
    """
    No cell can make the reader stumble, or slip through what snapshots can store.
    """
    try:
        value = read(column(kind), cell)
    except Wrong:
        return

    assert value is None or value == DEFINITIONS[kind].validate_python(value)


def test_every_choice_has_words_of_its_own() -> None:
    """
    No two words of a column differ only in their capitals.
    """
    chosen = [each for sheet in SHEETS for each in sheet.columns if each.choices]

    for each in chosen:
        assert len(each.words) == len(each.choices) + len(each.also)
