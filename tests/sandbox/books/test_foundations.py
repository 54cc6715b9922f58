"""Dice, money, months and the chart: what everything else stands on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.books.chart import CHART
from sandbox.books.company import Company, slug_of
from sandbox.books.dice import Dice
from sandbox.books.money import in_base, in_tens, rate_of, written, written_rate
from sandbox.books.months import Period, label


def test_dice_repeat_themselves() -> None:
    """
    The same path rolls the same numbers, in this process and in every other.
    """
    rolled = [Dice("hoxton tea", "bill", 7).roll(1_000) for _ in range(2)]

    assert [993, 993] == rolled
    assert 993 != Dice("hoxton tea", "bill", 8).roll(1_000)


@given(st.integers(), st.integers(1, 1_000))
def test_dice_stay_within_their_bounds(seed: int, width: int) -> None:
    """
    No roll leaves what was asked for.
    """
    dice = Dice(seed)

    assert 0 <= dice.roll(width) < width
    assert 5 <= dice.between(5, 5 + width) <= 5 + width
    assert dice.pick("abc") in "abc"
    assert 4 == len(dice.digits(4))


@pytest.mark.parametrize(
    ("cents", "expected"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56"), (-100, "-1.00")],
)
def test_cents_are_written_as_decimals(cents: int, expected: str) -> None:
    """
    Two places, and the sign in front.
    """
    assert expected == written(cents)


@given(st.integers(0, 10**9), st.sampled_from(["GBP", "EUR", "USD"]))
def test_foreign_amounts_convert_exactly(cents: int, currency: str) -> None:
    """
    What comes in tens of a unit is a whole number of cents at any rate.
    """
    rate = rate_of(currency, "GBP", 24_312)

    assert in_base(in_tens(cents), rate) * 1_000 == in_tens(cents) * rate


def test_a_currency_is_at_par_with_itself() -> None:
    """
    One is one.
    """
    assert "1.000" == written_rate(rate_of("EUR", "EUR", 24_312))


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 1), "2024-11", "2026-10"),
        (date(2026, 11, 30), "2024-11", "2026-10"),
        (date(2027, 1, 15), "2025-01", "2026-12"),
    ],
)
def test_the_books_cover_two_full_years(today: date, first: str, last: str) -> None:
    """
    They end with the last month that is over.
    """
    period = Period.before(today)

    assert (first, last) == (label(period.first), label(period.last))
    assert 24 == len(period.months)


def test_a_period_ends_on_its_last_day() -> None:
    """
    Leap years included.
    """
    assert date(2028, 2, 29) == Period.before(date(2028, 3, 9)).last_day


def test_codes_of_accounts_are_unique() -> None:
    """
    No line of the chart hides another, and every type is known.
    """
    assert len(CHART) == len({account.name for account in CHART.values()})
    assert {"Asset", "Liability", "Equity", "Income", "Expense"} == {
        account.type for account in CHART.values()
    }


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Hoxton Tea & Co.", "hoxton-tea-co"), ("شركة", "company"), ("é", "company")],
)
def test_any_name_makes_an_address(name: str, slug: str) -> None:
    """
    What a domain can't spell is left out.
    """
    assert slug == slug_of(name)


def test_a_name_is_kept_as_it_was_written() -> None:
    """
    Spaces are tidied, case is kept; the company is the same either way.
    """
    company = Company.named("  Hoxton   Tea ")

    assert "Hoxton Tea" == company.name
    assert company.id == Company.named("HOXTON TEA").id
