"""Months, counted one by one since the year 0: January 2026 is 24312."""

from calendar import monthrange
from datetime import date
from functools import cache
from typing import Final, NamedTuple

YEAR: Final = 12


def month_of(day: date) -> int:
    return day.year * YEAR + day.month - 1


@cache
def label(month: int) -> str:
    """Write a month as "2026-01"."""
    return f"{month // YEAR:04d}-{month % YEAR + 1:02d}"


@cache
def first_day(month: int) -> date:
    return date(month // YEAR, month % YEAR + 1, 1)


@cache
def length(month: int) -> int:
    return monthrange(month // YEAR, month % YEAR + 1)[1]


class Period(NamedTuple):
    """The months that the books cover, both included."""

    first: int
    last: int

    @classmethod
    def before(cls, today: date, months: int = 2 * YEAR) -> "Period":
        """The last full months: the books change when a month ends, never within it."""
        last = month_of(today) - 1
        return cls(last - months + 1, last)

    @property
    def months(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def last_day(self) -> date:
        return first_day(self.last).replace(day=length(self.last))
