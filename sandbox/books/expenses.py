"""What is paid on the spot, without a bill: fuel, lunches, tickets, and now and then money back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from sandbox.books import months
from sandbox.books.company import Company
from sandbox.books.dice import Dice
from sandbox.books.documents import Expense, Line
from sandbox.books.money import foreign_price, rate_of
from sandbox.books.months import Period
from sandbox.books.suppliers import ON_THE_SPOT, Supplier

REFUND_ONE_IN: Final = 20
SECOND_LINE_ONE_IN: Final = 4
CHEAPER: Final = 4  # what is bought on the spot costs a part of what is billed


class Expenses:
    """All direct spend of a company, made when it is asked for."""

    def __init__(
        self, company: Company, period: Period, suppliers: tuple[Supplier, ...]
    ) -> None:
        self._company, self._period, self._suppliers = company, period, suppliers

    def __len__(self) -> int:
        return len(self._period.months) * self._company.expenses_a_month

    def __iter__(self) -> Iterator[Expense]:
        return map(self.expense, range(len(self)))

    def expense(self, number: int) -> Expense:
        """Make one expense; they are numbered through all months, oldest first."""
        months_before, place = divmod(number, self._company.expenses_a_month)
        month = self._period.first + months_before
        dice = Dice(self._company.seed, "expense", month, place)
        supplier = dice.pick(self._suppliers)
        return Expense(
            id=f"exp-{months.label(month)}-{place + 1:03d}",
            supplier=supplier,
            spent=months.first_day(month)
            + timedelta(days=dice.roll(months.length(month))),
            rate=rate_of(supplier.currency, self._company.currency, month),
            habit=dice.pick(ON_THE_SPOT),
            reference=f"EXP{dice.digits(6)}",
            lines=tuple(_lines(dice, supplier)),
        )


def _lines(dice: Dice, supplier: Supplier) -> Iterator[Line]:
    trade = supplier.trade
    low, high = trade.prices
    side = -1 if dice.one_in(REFUND_ONE_IN) else 1
    for _ in range(2 if dice.one_in(SECOND_LINE_ONE_IN) else 1):
        cents = dice.between(low * 100, high * 100) // CHEAPER
        if supplier.is_foreign:
            cents = foreign_price(cents)
        yield Line(dice.pick(trade.goods), trade.account, 1, side * cents, tax=0)
