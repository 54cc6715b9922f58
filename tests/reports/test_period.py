"""The months that a report covers."""

from datetime import UTC, date, datetime

import pytest

from reports.period import Period, earlier, last_day_of, months_between


@pytest.mark.parametrize(
    ("as_of", "months", "start"),
    [
        (datetime(2026, 7, 15, tzinfo=UTC), 12, date(2025, 7, 1)),
        (datetime(2024, 2, 29, 23, 59, tzinfo=UTC), 12, date(2023, 2, 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), 1, date(2025, 12, 1)),
        (datetime(2026, 3, 31, tzinfo=UTC), 24, date(2024, 3, 1)),
    ],
)
def test_a_period_is_the_last_full_months_and_the_current_one(
    as_of: datetime, months: int, start: date
) -> None:
    """
    It begins with a month and ends on the day of reading, leap day or not.
    """
    period = Period.before(as_of, months)

    assert (start, as_of.date()) == period
    assert months + 1 == len(period.months)


def test_months_between_two_days_are_their_first_days() -> None:
    """
    The turn of a year is a month like any other.
    """
    assert (date(2025, 12, 1), date(2026, 1, 1)) == months_between(
        date(2025, 12, 31), date(2026, 1, 1)
    )


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2023, 2, 1), date(2023, 2, 28)),
        (date(2023, 12, 1), date(2023, 12, 31)),
    ],
)
def test_months_end_where_the_calendar_says(month: date, expected: date) -> None:
    """
    February ends on the 29th in leap years.
    """
    assert expected == last_day_of(month)


def test_earlier_counts_across_years() -> None:
    """
    Months are counted, not days: a year before January is January.
    """
    assert date(2023, 1, 1) == earlier(date(2024, 1, 31), 12)
