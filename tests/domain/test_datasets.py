"""The canonical rows: what passes can be stored exactly, the rest is refused."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.datasets import (
    DATASETS,
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
    Text,
)
from domain.journey import DataType

KINDS: Mapping[str, TypeAdapter[Any]] = {
    "amount": TypeAdapter(Amount),
    "rate": TypeAdapter(Rate),
    "day": TypeAdapter(Day),
    "month": TypeAdapter(Month),
    "month of the year": TypeAdapter(MonthOfYear),
    "currency": TypeAdapter(Currency),
    "flag": TypeAdapter(Flag),
    "key": TypeAdapter(Key),
    "text": TypeAdapter(Text),
}
AMOUNTS = KINDS["amount"]
LARGEST = Decimal("9" * WHOLE_DIGITS + "." + "9" * DECIMAL_PLACES)
amounts = st.decimals(-LARGEST, LARGEST, allow_nan=False, places=DECIMAL_PLACES)
days = st.dates(date(1900, 1, 1), date(2200, 12, 31))


def test_every_data_type_needs_datasets_that_have_rows() -> None:
    """
    Whatever a bank asks for is made of datasets, and each dataset has a shape.
    """
    needed = {dataset for datasets in DATASETS.values() for dataset in datasets}

    assert set(DataType) == set(DATASETS)
    assert set(Dataset) == set(ROWS)
    assert set(Dataset) == needed


@pytest.mark.parametrize("data_type", DataType)
def test_no_dataset_is_read_twice(data_type: DataType) -> None:
    """
    A data type names each of its datasets once, and says first whose books they are.
    """
    datasets = DATASETS[data_type]

    assert len(set(datasets)) == len(datasets)
    assert Dataset.COMPANY_INFO == datasets[0]


@settings(deadline=None)
@given(amounts)
def test_money_is_exact(amount: Decimal) -> None:
    """
    An amount within the bounds comes through to the last digit, as text and as it is.
    """
    as_text = AMOUNTS.validate_json(f'"{amount:f}"')
    as_it_is = AMOUNTS.validate_python(amount)

    assert amount == as_text
    assert amount == as_it_is


@settings(deadline=None)
@given(days)
def test_days_are_days(day: date) -> None:
    """
    A day within the bounds comes through, as text and as it is.
    """
    adapter = KINDS["day"]

    assert day == adapter.validate_json(f'"{day.isoformat()}"')
    assert day == adapter.validate_python(day)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("amount", "NaN"),
        ("amount", "Infinity"),
        ("amount", "1e5"),
        ("amount", "12,5"),
        ("amount", ""),
        ("amount", "٣"),
        ("amount", "1\n"),
        ("amount", "1" + "0" * WHOLE_DIGITS),
        ("amount", "0." + "1" * (DECIMAL_PLACES + 1)),
        ("amount", 1e300),
        ("amount", True),
        ("amount", None),
        ("rate", "0"),
        ("rate", "-1.1"),
        ("rate", "1" + "0" * RATE_DIGITS),
        ("rate", "0." + "1" * (DECIMAL_PLACES + 1)),
        ("rate", "NaN"),
        ("day", "1899-12-31"),
        ("day", "2201-01-01"),
        ("day", "2025-02-29"),
        ("day", "2025-01-01T00:00:00"),
        ("day", "1700006400"),
        ("day", 1_700_006_400),
        ("month", "2025-13"),
        ("month", "1899-12"),
        ("month", "2025-01-01"),
        ("month of the year", 13),
        ("month of the year", "12"),
        ("currency", "gbp"),
        ("currency", "EURO"),
        ("flag", "yes"),
        ("flag", 1),
        ("key", ""),
        ("key", 7),
    ],
    ids=repr,
)
def test_what_could_not_be_stored_exactly_is_refused(kind: str, value: object) -> None:
    """
    Nothing is cut, rounded or guessed at: it is refused.
    """
    written = json.dumps(value)

    with pytest.raises(ValidationError):
        KINDS[kind].validate_json(written)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("amount", Decimal("NaN")),
        ("amount", Decimal("Infinity")),
        ("amount", Decimal(10) ** WHOLE_DIGITS),
        ("amount", Decimal(1).scaleb(-DECIMAL_PLACES - 1)),
        ("rate", Decimal(0)),
        ("rate", Decimal(10) ** RATE_DIGITS),
        ("day", date(1899, 12, 31)),
        ("day", datetime(2025, 1, 1, 12)),  # noqa: DTZ001 - any hour of any zone
        ("day", "2025-01-01"),
    ],
    ids=repr,
)
def test_values_have_the_same_bounds_as_texts(kind: str, value: object) -> None:
    """
    Rows that never were JSON, from an upload say, are held to the same rules.
    """
    adapter = KINDS[kind]

    with pytest.raises(ValidationError):
        adapter.validate_python(value)


def test_a_number_is_taken_by_its_digits() -> None:
    """
    Software that writes amounts as numbers is understood without a float's noise.
    """
    assert Decimal("12.1") == AMOUNTS.validate_json("12.10")
    assert Decimal(3) == AMOUNTS.validate_json("3")


def test_a_text_is_never_cut() -> None:
    """
    Ten thousand characters are kept, one more is refused.
    """
    longest = "x" * 10_000

    assert longest == KINDS["text"].validate_python(longest)
    with pytest.raises(ValidationError):
        KINDS["text"].validate_python(longest + "x")
