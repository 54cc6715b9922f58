"""Suppliers, payments, bills and expenses: rows of the sheets as canonical rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from domain.datasets import (
    Address,
    Bill,
    BillPayment,
    BillStatus,
    Expense,
    Line,
    PaymentMethod,
    Supplier,
)
from providers.workbook.chart import NOTHING, Chart
from providers.workbook.columns import (
    BILLS,
    EXPENSES,
    PAYMENT_METHODS,
    PAYMENTS,
    SUPPLIERS,
)
from providers.workbook.money import Amounts, amounts, currency, is_too_large
from providers.workbook.tables import Record, Table, Tables

_ADDRESS: Final = ("line1", "line2", "city", "region", "postal_code", "country")
_SHARED: Final = ("supplier_id", "paid_on", "currency", "currency_rate", "method")
_METHOD_NAMES: Final[Mapping[str, str]] = {
    ours: name for name, ours in PAYMENT_METHODS.items()
}


class Paid(NamedTuple):
    """What one row of the sheet Payments says about a bill."""

    row: int
    is_sound: bool
    supplier_id: str | None
    currency: str
    amount: Decimal


class Purchases:
    """
    Reads the four sheets, each in one go, payments before bills.

    So a bill's row can say what is still due, and no sheet is ever held whole: kept
    are ids, and what was paid by bill.
    """

    def __init__(self, tables: Tables, chart: Chart, base: str) -> None:
        self._tables, self._chart, self._base = tables, chart, base
        self._suppliers: dict[str, str] = {}
        self._paid: defaultdict[str, list[Paid]] = defaultdict(list)
        self._methods: set[str] = set()

    def suppliers(self) -> Iterator[Supplier]:
        for record in _each_once(self._tables[SUPPLIERS]):
            self._suppliers[record.id] = record["name"]
            yield Supplier(
                id=record.id,
                name=record["name"],
                contact_name=record["contact_name"],
                email=record["email"],
                phone=record["phone"],
                registration_number=record["registration_number"],
                tax_number=record["tax_number"],
                currency=record["currency"],
                status=record["status"] or "active",
                addresses=_addresses(record),
            )

    def payments(self) -> Iterator[BillPayment]:
        """Rows with the same id under each other are one payment; call after suppliers."""
        rows: dict[str, int] = {}
        records = self._tables[PAYMENTS].records()
        for key, group in groupby(records, key=lambda each: each.id):
            together = list(group)
            first = together[0]
            if key in rows:
                first.complain(
                    "id",
                    f"This ID is that of row {rows[key]}, too: put the rows of one payment directly under each other.",
                )
            rows.setdefault(key, first.row)
            yield self._payment(key, together)

    def bills(self) -> Iterator[Bill]:
        """Call after payments."""
        for record in _each_once(self._tables[BILLS]):
            yield self._bill(record)
        if self._tables[BILLS].is_whole:
            for paid in self._paid.values():
                for each in paid:
                    self._complain(each, "bill_id", "No such ID on the sheet Bills.")

    def expenses(self) -> Iterator[Expense]:
        """Call after suppliers."""
        for record in _each_once(self._tables[EXPENSES]):
            worth = amounts(record)
            money = currency(record, self._base)
            yield Expense(
                id=record.id,
                reference=record["reference"],
                supplier_id=record["supplier_id"],
                supplier_name=self._supplier(record),
                account_id=self._chart.named(record["paid_from"], "unknown"),
                payment_method_id=self._method(record),
                paid_on=record["paid_on"],
                currency=money.code,
                currency_rate=money.rate,
                net_amount=worth.net,
                tax_amount=worth.tax,
                total_amount=worth.total,
                note=record["note"],
                lines=[self._line(record, worth)],
            )

    def methods(self) -> Iterator[PaymentMethod]:
        """Those that payments and expenses were made by; call after both."""
        for kind, name in _METHOD_NAMES.items():
            if kind in self._methods:
                yield PaymentMethod(id=kind, name=name, type=kind, status="active")  # type: ignore[typeddict-item]  # the table's words are its types

    def _payment(self, key: str, together: list[Record]) -> BillPayment:
        first = together[0]
        money = currency(first, self._base)
        for record in together:
            self._note(record, money.code)
        total = sum((each["amount"] or NOTHING for each in together), NOTHING)
        if is_too_large(total):
            first.complain("amount", "The rows of this payment add up to too much.")
        self._check_together(together)
        self._supplier(first)
        return BillPayment(
            id=key,
            reference=first["reference"],
            supplier_id=first["supplier_id"],
            account_id=self._chart.named(first["paid_from"], "unknown"),
            payment_method_id=self._method(first),
            paid_on=first["paid_on"],
            currency=money.code,
            currency_rate=money.rate,
            total_amount=total,
            note=first["note"],
            allocations=[
                {"bill_id": each["bill_id"], "amount": each["amount"]}
                for each in together
                if each["bill_id"] is not None
            ],
        )

    def _note(self, record: Record, code: str) -> None:
        if record["bill_id"] is not None:
            amount = record["amount"] or NOTHING
            paid = Paid(
                record.row, record.is_sound, record["supplier_id"], code, amount
            )
            self._paid[record["bill_id"]].append(paid)

    def _check_together(self, together: list[Record]) -> None:
        """One payment has one day, one way and one receiver, and names a bill once."""
        first = together[0]
        bills: dict[str | None, int] = {}
        for record in together:
            if record["bill_id"] in bills:
                record.complain(
                    "id",
                    f"This payment is the same as in row {bills[record['bill_id']]}.",
                )
            bills[record["bill_id"]] = record.row
            for name in _SHARED:
                if record.is_sound and first.is_sound and record[name] != first[name]:
                    record.complain(
                        name,
                        f"This differs from row {first.row}, which is the same payment.",
                    )

    def _bill(self, record: Record) -> Bill:
        worth = amounts(record)
        money = currency(record, self._base)
        payments = self._paid.pop(record.id, [])
        for each in payments:
            self._check_payment(each, record, money.code)
        paid = sum((each.amount for each in payments), NOTHING)
        if record.is_sound and not min(worth.total, NOTHING) <= paid <= max(
            worth.total, NOTHING
        ):
            self._complain(
                payments[-1],
                "amount",
                "The payments for this bill add up to more than its total. Put the rest in a row without bill.",
            )
        status = _status(record["status"], paid, worth.total)
        is_settled = status in ("paid", "void")
        return Bill(
            id=record.id,
            reference=record["reference"],
            supplier_id=record["supplier_id"],
            supplier_name=self._supplier(record),
            issued_on=record["issued_on"],
            due_on=record["due_on"],
            status=status,
            currency=money.code,
            currency_rate=money.rate,
            net_amount=worth.net,
            tax_amount=worth.tax,
            total_amount=worth.total,
            amount_due=NOTHING if is_settled else worth.total - paid,
            note=record["note"],
            lines=[self._line(record, worth)],
        )

    def _check_payment(self, paid: Paid, bill: Record, code: str) -> None:
        if not bill.is_sound or not paid.is_sound:
            return
        if paid.supplier_id != bill["supplier_id"]:
            self._complain(paid, "supplier_id", "The bill is another supplier's.")
        if paid.currency != code:
            self._complain(paid, "currency", "The bill is in another currency.")

    def _complain(self, paid: Paid, name: str, message: str) -> None:
        self._tables[PAYMENTS].complain(message, paid.row, name)

    def _supplier(self, record: Record) -> str | None:
        """Return the name of a row's supplier; complain of one that is not there."""
        key = record["supplier_id"]
        if key is None:
            return None
        if key not in self._suppliers and self._tables[SUPPLIERS].is_whole:
            record.complain("supplier_id", "No such ID on the sheet Suppliers.")
        return self._suppliers.get(key)

    def _method(self, record: Record) -> str | None:
        method: str | None = record["method"]
        if method is not None:
            self._methods.add(method)
        return method

    def _line(self, record: Record, worth: Amounts) -> Line:
        return Line(
            description=record["note"],
            account_id=self._chart.named(record["spent_on"], "expense"),
            net_amount=worth.net,
            tax_amount=worth.tax,
        )


def _each_once(table: Table) -> Iterator[Record]:
    """Give the records that can be told apart; complain of an id that comes again."""
    rows: dict[str, int] = {}
    for record in table.records():
        if record.id in rows:
            record.complain("id", f"This ID is that of row {rows[record.id]}, too.")
        rows.setdefault(record.id, record.row)
        yield record


def _status(word: BillStatus | None, paid: Decimal, total: Decimal) -> BillStatus:
    """A draft, a void and a paid bill are so since the customer says so."""
    if word in ("draft", "void", "paid"):
        return word
    if paid == total:
        return "paid"
    return "partially_paid" if paid else "open"


def _addresses(record: Record) -> list[Address]:
    found: Any = {"type": None, **{name: record[name] for name in _ADDRESS}}
    return [found] if any(found.values()) else []
