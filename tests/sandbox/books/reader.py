"""A client's view of a company's books: all rows, with decimals and dates as such."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from hypothesis import strategies as st

from sandbox.books.library import Shelf, open_books
from sandbox.books.months import Period

Row = dict[str, Any]
PERIOD = Period.before(date(2026, 11, 21))
NAMES = st.text(min_size=1, max_size=40)


class Reader:
    """Everything that a client can read, and the sums that it would make."""

    def __init__(self, name: str, period: Period = PERIOD) -> None:
        books = open_books(name, period)
        self.accounts = {row["id"]: row for row in _all(books.accounts())}
        self.suppliers = {row["id"]: row for row in _all(books.suppliers())}
        self.methods = {row["id"]: row for row in _all(books.payment_methods())}
        self.bills = {row["id"]: row for row in _all(books.bills())}
        self.payments = _all(books.bill_payments())
        self.expenses = _all(books.expenses())
        self.profits = {row["month"]: row for row in _all(books.profit_and_loss())}
        self.sheets = {row["month"]: row for row in _all(books.balance_sheet())}
        self.organisation = _all(books.organisation())[0]

    @cached_property
    def allocated(self) -> dict[str, Decimal]:
        """How much was paid of each bill."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for payment in self.payments:
            for part in payment["allocations"]:
                sums[part["bill_id"]] += Decimal(part["amount"])
        return sums

    def balance(self, month: str, account: str) -> Decimal:
        return line_of(self.sheets[month], account)

    @property
    def last(self) -> str:
        last: str = max(self.sheets)
        return last

    def year_of(self, month: str) -> str:
        """Name the financial year of a month by the calendar year that it ends in."""
        year, number = map(int, month.split("-"))
        is_next = number > int(self.organisation["year_end_month"])
        return f"{year + is_next}"


def line_of(statement: Row, account: str) -> Decimal:
    """Find what a statement says of an account; what is not there is zero."""
    amounts = (
        Decimal(line["amount"])
        for line in statement["lines"]
        if line["account_id"] == account
    )
    return sum(amounts, Decimal(0))


def base(row: Row, field: str) -> Decimal:
    return Decimal(row[field]) * Decimal(row["currency_rate"])


@cache
def reader(name: str) -> Reader:
    return Reader(name)


def _all(shelf: Shelf) -> list[Row]:
    return shelf.read(0, shelf.total)
