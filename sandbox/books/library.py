"""
The books of a company as shelves of rows: how many there are, and any stretch of them.

Nothing is kept but the suppliers, the ledger and where each batch's payments
begin, so that a hundred thousand bills take no more memory than one page.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, NamedTuple

from sandbox.books import ledger, rows
from sandbox.books.company import Company
from sandbox.books.documents import Batch, Payment
from sandbox.books.expenses import Expenses
from sandbox.books.ledger import Ledger
from sandbox.books.months import Period
from sandbox.books.purchases import BATCH, Purchases
from sandbox.books.rows import Row
from sandbox.books.statements import Statements
from sandbox.books.suppliers import METHODS, suppliers_of

REMEMBERED: Final = 64  # companies


class Shelf(NamedTuple):
    """Rows in a fixed order: `read(start, stop)` gives a stretch of them."""

    total: int
    read: Callable[[int, int], list[Row]]

    @classmethod
    def of(cls, items: list[Row]) -> "Shelf":
        return cls(len(items), lambda start, stop: items[start:stop])


class Survey(NamedTuple):
    """What takes one walk through all documents to know."""

    ledger: Ledger
    payments_before: "array[int]"  # an array cannot be subscripted before Python 3.12


class Books:
    """One company's books over one period."""

    def __init__(self, name: str, period: Period, bills: int | None = None) -> None:
        self.company, self.period = Company.named(name), period
        usual = len(period.months) * self.company.batches_a_month * BATCH
        total = usual if bills is None else bills
        self._suppliers = suppliers_of(self.company, total)
        self.purchases = Purchases(self.company, period, self._suppliers, total)
        self.direct_spend = Expenses(self.company, period, self._suppliers)

    def organisation(self) -> Shelf:
        return Shelf.of([rows.organisation_row(self.company)])

    def accounts(self) -> Shelf:
        return Shelf.of(self.statements.accounts())

    def profit_and_loss(self) -> Shelf:
        return Shelf.of(list(map(self.statements.profit_and_loss, self.period.months)))

    def balance_sheet(self) -> Shelf:
        return Shelf.of(list(map(self.statements.balance_sheet, self.period.months)))

    def suppliers(self) -> Shelf:
        return Shelf.of(list(map(rows.supplier_row, self._suppliers)))

    def payment_methods(self) -> Shelf:
        return Shelf.of(list(map(rows.method_row, METHODS)))

    def bills(self) -> Shelf:
        return Shelf(self.purchases.bills, self._read_bills)

    def bill_payments(self) -> Shelf:
        return Shelf(self.survey.payments_before[-1], self._read_payments)

    def expenses(self) -> Shelf:
        return Shelf(len(self.direct_spend), self._read_expenses)

    @cached_property
    def statements(self) -> Statements:
        company = self.company
        return Statements(self.survey.ledger, company.year_end_month, company.currency)

    @cached_property
    def survey(self) -> Survey:
        """Walk once through all documents: 100,000 bills take a few seconds."""
        before = array("I", [0])

        def counted() -> Iterator[Batch]:
            for batch in self.purchases:
                before.append(before[-1] + len(batch.payments))
                yield batch

        kept = ledger.keep(self.company, self.period, counted(), self.direct_spend)
        return Survey(kept, before)

    def _read_bills(self, start: int, stop: int) -> list[Row]:
        first, skipped = divmod(start, BATCH)
        bills = (
            rows.bill_row(batch, bill)
            for batch in self._batches_from(first)
            for bill in batch.bills
        )
        return list(islice(bills, skipped, skipped + stop - start))

    def _read_payments(self, start: int, stop: int) -> list[Row]:
        first = bisect_right(self.survey.payments_before, start) - 1
        skipped = start - self.survey.payments_before[first]
        payments: Iterator[Payment] = (
            payment for batch in self._batches_from(first) for payment in batch.payments
        )
        wanted = islice(payments, skipped, skipped + stop - start)
        return list(map(rows.payment_row, wanted))

    def _read_expenses(self, start: int, stop: int) -> list[Row]:
        numbers = range(len(self.direct_spend))[start:stop]
        return [
            rows.expense_row(self.direct_spend.expense(number)) for number in numbers
        ]

    def _batches_from(self, first: int) -> Iterator[Batch]:
        return map(self.purchases.batch, range(first, self.purchases.batches))


@lru_cache(maxsize=REMEMBERED)
def open_books(name: str, period: Period, bills: int | None = None) -> Books:
    """Open the books of a company; what was worked out once is kept for a while."""
    return Books(name, period, bills)
