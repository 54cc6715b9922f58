"""What the ledger is written from: bills, payments and expenses, in cents of their own currency."""

from datetime import date
from enum import Enum
from typing import NamedTuple

from sandbox.books.money import in_base
from sandbox.books.suppliers import Habit, Supplier


class Standing(Enum):
    """What the ledger thinks of a bill."""

    POSTED = "posted"
    DRAFT = "draft"
    VOID = "void"


class Line(NamedTuple):
    """One line of a document, in cents."""

    description: str
    account: str
    quantity: int
    unit_amount: int
    tax: int

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_amount


class Bill(NamedTuple):
    """One bill in the supplier's currency, in cents; `rate` leads to the base currency."""

    id: str
    number: str
    supplier: Supplier
    issued: date
    due: date
    rate: int
    standing: Standing
    lines: tuple[Line, ...]
    subtotal: int
    tax: int

    @property
    def total(self) -> int:
        return self.subtotal + self.tax


class Allocation(NamedTuple):
    """What part of a payment went to which bill."""

    bill: Bill
    amount: int


class Payment(NamedTuple):
    """Money that left, for one or more bills of one supplier."""

    id: str
    supplier: Supplier
    paid: date
    rate: int
    habit: Habit
    note: str
    reference: str
    allocations: tuple[Allocation, ...]

    @property
    def amount(self) -> int:
        return sum(allocation.amount for allocation in self.allocations)

    @property
    def settled_in_base(self) -> int:
        """What it takes off the creditors: at the rates of the bills."""
        return sum(in_base(amount, bill.rate) for bill, amount in self.allocations)


class Batch(NamedTuple):
    """A few bills of one supplier and what was paid for them until the books end."""

    bills: tuple[Bill, ...]
    payments: tuple[Payment, ...]

    def paid(self, bill: Bill) -> int:
        return sum(
            allocation.amount
            for payment in self.payments
            for allocation in payment.allocations
            if allocation.bill.id == bill.id
        )


class Expense(NamedTuple):
    """Direct spend in the supplier's currency, in cents; a refund is negative."""

    id: str
    supplier: Supplier
    spent: date
    rate: int
    habit: Habit
    reference: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)
