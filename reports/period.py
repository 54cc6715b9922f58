"""Which months a report covers."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

YEAR = 12


class Period(NamedTuple):
    """Whole months up to the day on which the books were read, both days included."""

    start: date
    end: date

    @classmethod
    def before(cls, as_of: datetime, months: int) -> "Period":
        """The last full months before a time, and the month that it is in."""
        return cls(earlier(as_of.date(), months), as_of.date())

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each month, the empty ones too."""
        return months_between(self.start, self.end)


def first_of(day: date) -> date:
    return day.replace(day=1)


def earlier(day: date, months: int) -> date:
    """The first day of the month that was so many months before."""
    counted = day.year * YEAR + day.month - 1 - months
    return date(counted // YEAR, counted % YEAR + 1, 1)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """The first day of every month from one day's to another's."""
    count = (last.year - first.year) * YEAR + last.month - first.month
    return tuple(earlier(first, -number) for number in range(count + 1))


def last_day_of(month: date) -> date:
    return earlier(month, -1) - timedelta(days=1)
