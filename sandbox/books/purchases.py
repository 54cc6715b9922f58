"""
Bills and the payments that settle them, each derivable from its place alone.

Purchases come in batches: up to four bills of one supplier in one month, with
the way in which they get paid. A batch follows from the company, the month and
its number, so that any page of a hundred thousand bills is made without the
others, and what was issued last month is the same when the next month is over.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from typing import Final, NamedTuple

from sandbox.books import chart, months
from sandbox.books.company import Company
from sandbox.books.dice import Dice
from sandbox.books.documents import Allocation, Batch, Bill, Line, Payment, Standing
from sandbox.books.money import foreign_price, in_tens, rate_of, share
from sandbox.books.months import Period
from sandbox.books.suppliers import HABITS, Habit, Supplier

BATCH: Final = 4  # bills
WEEK: Final = 7  # days between the bills of a batch
LINES: Final = (1, 1, 2, 3)
LATENESS: Final = (-5, -3, -2, -1, 0, 0, 0, 1, 2, 6, 13, 28)  # days after the due date
VOID_ONE_IN: Final = 40
DRAFT_ONE_IN: Final = 6
ANOTHER_HABIT_ONE_IN: Final = 8
DELIVERY_ONE_IN: Final = 5


class Share(Enum):
    """How much of a bill one payment covers."""

    WHOLE = "whole"
    HALF = "half"
    REST = "rest"


class Instalment(NamedTuple):
    """One payment to come: which bills of the batch, how much of each, how many days later."""

    bills: slice
    share: Share = Share.WHOLE
    wait: int = 0


ALL: Final = slice(0, BATCH)
ONE_BY_ONE: Final = tuple(Instalment(slice(n, n + 1)) for n in range(BATCH))
TOGETHER: Final = (Instalment(ALL),)
IN_PAIRS: Final = (Instalment(slice(0, 2)), Instalment(slice(2, BATCH)))
IN_HALVES: Final = (Instalment(ALL, Share.HALF), Instalment(ALL, Share.REST, wait=21))
HALF_ONLY: Final = (Instalment(ALL, Share.HALF),)
NEVER: Final[tuple[Instalment, ...]] = ()
PLANS: Final = (
    *(6 * (TOGETHER,)),
    *(6 * (ONE_BY_ONE,)),
    *(3 * (IN_PAIRS,)),
    *(3 * (IN_HALVES,)),
    HALF_ONLY,
    NEVER,
)


class Purchases:
    """All batches of a company, made when they are asked for."""

    def __init__(
        self,
        company: Company,
        period: Period,
        suppliers: tuple[Supplier, ...],
        bills: int,
    ) -> None:
        self._company, self._period, self._suppliers = company, period, suppliers
        self.bills = bills
        self.batches = -(-bills // BATCH)

    def __iter__(self) -> Iterator[Batch]:
        return map(self.batch, range(self.batches))

    def batch(self, number: int) -> Batch:
        """Make one batch; they are numbered through all months, oldest first."""
        months_before = number * len(self._period.months) // self.batches
        month = self._period.first + months_before
        place = number - self._first_batch(months_before)
        dice = Dice(self._company.seed, "batch", month, place)
        # The lower of two rolls: a few suppliers get most of the orders.
        supplier = self._suppliers[
            min(dice.roll(len(self._suppliers)), dice.roll(len(self._suppliers)))
        ]
        size = min(BATCH, self.bills - number * BATCH)
        bills = tuple(
            self._bill(supplier, month, place * BATCH + n) for n in range(size)
        )
        payments = self._payments(dice, bills, f"{months.label(month)}-{place + 1:05d}")
        return Batch(bills, tuple(payments))

    def _first_batch(self, months_before: int) -> int:
        return -(-months_before * self.batches // len(self._period.months))

    def _bill(self, supplier: Supplier, month: int, place: int) -> Bill:
        dice = Dice(self._company.seed, "bill", month, place)
        day = (place + WEEK * (place % BATCH)) % months.length(month)
        issued = months.first_day(month) + timedelta(days=day)
        standing = self._standing(dice, month)
        lines = tuple(_lines(dice, supplier))
        if standing is Standing.VOID:
            lines = tuple(line._replace(unit_amount=0, tax=0) for line in lines)
        number = f"{months.label(month)}-{place + 1:05d}"
        return Bill(
            id=f"bill-{number}",
            number=f"INV-{number}",
            supplier=supplier,
            issued=issued,
            due=issued + timedelta(days=supplier.terms),
            rate=self._rate(supplier, month),
            standing=standing,
            lines=lines,
            subtotal=sum(line.amount for line in lines),
            tax=sum(line.tax for line in lines),
        )

    def _standing(self, dice: Dice, month: int) -> Standing:
        """Only the newest bills are still drafts; both rolls are made, whatever the month."""
        is_void, is_draft = dice.one_in(VOID_ONE_IN), dice.one_in(DRAFT_ONE_IN)
        if is_void:
            return Standing.VOID
        is_newest = month == self._period.last
        return Standing.DRAFT if is_draft and is_newest else Standing.POSTED

    def _payments(
        self, dice: Dice, bills: tuple[Bill, ...], number: str
    ) -> Iterator[Payment]:
        """Follow the plan until the books end; what is no debt is not paid."""
        for part, instalment in enumerate(dice.pick(PLANS), start=1):
            lateness = timedelta(days=dice.pick(LATENESS) + instalment.wait)
            habit, digits = _habit(dice, bills[0].supplier), dice.digits(6)
            allocations = tuple(
                Allocation(bill, _part(bill, instalment.share))
                for bill in bills[instalment.bills]
                if bill.standing is Standing.POSTED
            )
            if not allocations:
                continue
            paid = max(bill.due for bill, _ in allocations) + lateness
            if paid <= self._period.last_day:
                yield Payment(
                    id=f"pay-{number}-{part}",
                    supplier=bills[0].supplier,
                    paid=paid,
                    rate=self._rate(bills[0].supplier, months.month_of(paid)),
                    habit=habit,
                    note=f"{habit.note} {digits}" if habit.note else "",
                    reference=f"PAY{digits}",
                    allocations=allocations,
                )

    def _rate(self, supplier: Supplier, month: int) -> int:
        return rate_of(supplier.currency, self._company.currency, month)


def _habit(dice: Dice, supplier: Supplier) -> Habit:
    another = dice.pick(HABITS)
    return another if dice.one_in(ANOTHER_HABIT_ONE_IN) else supplier.habit


def _lines(dice: Dice, supplier: Supplier) -> Iterator[Line]:
    low, high = supplier.trade.prices
    for _ in range(dice.pick(LINES)):
        goods, quantity = dice.pick(supplier.trade.goods), dice.between(1, 5)
        cents = dice.between(low * 100, high * 100)
        yield _line(supplier, goods, supplier.trade.account, quantity, cents)
    if dice.one_in(DELIVERY_ONE_IN):
        yield _line(supplier, "Delivery", chart.FREIGHT, 1, dice.between(500, 4_000))


def _line(
    supplier: Supplier, description: str, account: str, quantity: int, cents: int
) -> Line:
    if supplier.is_foreign:
        cents = foreign_price(cents)
    tax = share(quantity * cents, supplier.tax_percent)
    return Line(description, account, quantity, cents, tax)


def _part(bill: Bill, part: Share) -> int:
    half = bill.total // 2
    if bill.supplier.is_foreign:
        half = in_tens(half)
    return {Share.WHOLE: bill.total, Share.HALF: half, Share.REST: bill.total - half}[
        part
    ]
