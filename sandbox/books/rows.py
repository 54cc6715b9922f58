"""How each document looks to a client of the API: names, decimals as text, ISO dates."""

from datetime import UTC, date, datetime, time
from typing import Any

from sandbox.books.chart import CHART, account_id
from sandbox.books.company import (
    Company,
    address_of,
    phone_of,
    slug_of,
    tax_number_of,
)
from sandbox.books.dice import Dice
from sandbox.books.documents import Batch, Bill, Expense, Line, Payment, Standing
from sandbox.books.money import written, written_rate
from sandbox.books.suppliers import PaymentMethod, Supplier

Row = dict[str, Any]


def organisation_row(company: Company) -> Row:
    dice = Dice(company.seed, "organisation")
    founded = date(dice.between(2009, 2019), dice.between(1, 12), dice.between(1, 28))
    return {
        "id": company.id,
        "legal_name": company.name,
        "name": company.name,
        "registration_number": dice.digits(8),
        "tax_number": tax_number_of(dice, company.country),
        "base_currency": company.currency,
        "year_end_month": company.year_end_month,
        "phone": phone_of(dice, company.country),
        "addresses": [
            {"type": "Registered", **address_of(dice, company.country)},
            {"type": "Delivery", **address_of(dice, company.country)},
        ],
        "web_links": [
            {"type": "Website", "url": f"https://www.{slug_of(company.name)}.example"}
        ],
        "created": datetime.combine(founded, time(9), UTC).isoformat(),
    }


def supplier_row(supplier: Supplier) -> Row:
    return {
        "id": supplier.id,
        "name": supplier.name,
        "contact_name": supplier.contact_name,
        "email": supplier.email,
        "phone": supplier.phone,
        "address": supplier.address,
        "tax_number": supplier.tax_number,
        "status": supplier.status,
        "default_currency": supplier.currency,
    }


def method_row(method: PaymentMethod) -> Row:
    return method._asdict()


def bill_row(batch: Batch, bill: Bill) -> Row:
    paid = batch.paid(bill)
    return {
        "id": bill.id,
        "number": bill.number,
        "supplier_id": bill.supplier.id,
        "supplier_name": bill.supplier.name,
        "issue_date": bill.issued.isoformat(),
        "due_date": bill.due.isoformat(),
        "currency": bill.supplier.currency,
        "currency_rate": written_rate(bill.rate),
        "subtotal": written(bill.subtotal),
        "tax": written(bill.tax),
        "total": written(bill.total),
        "amount_due": written(bill.total - paid),
        "status": _status(bill, paid),
        "lines": [_line_row(line) for line in bill.lines],
    }


def payment_row(payment: Payment) -> Row:
    return {
        "id": payment.id,
        "supplier_id": payment.supplier.id,
        "date": payment.paid.isoformat(),
        "currency": payment.supplier.currency,
        "currency_rate": written_rate(payment.rate),
        "amount": written(payment.amount),
        "account_id": account_id(payment.habit.account),
        "account_name": CHART[payment.habit.account].name,
        "payment_method_id": payment.habit.method,
        "reference": payment.reference,
        "note": payment.note,
        "allocations": [
            {"bill_id": bill.id, "amount": written(amount)}
            for bill, amount in payment.allocations
        ],
    }


def expense_row(expense: Expense) -> Row:
    return {
        "id": expense.id,
        "supplier_id": expense.supplier.id,
        "supplier_name": expense.supplier.name,
        "date": expense.spent.isoformat(),
        "currency": expense.supplier.currency,
        "currency_rate": written_rate(expense.rate),
        "subtotal": written(expense.total),
        "tax": written(0),
        "total": written(expense.total),
        "account_id": account_id(expense.habit.account),
        "account_name": CHART[expense.habit.account].name,
        "payment_method_id": expense.habit.method,
        "reference": expense.reference,
        "lines": [_line_row(line) for line in expense.lines],
    }


def _line_row(line: Line) -> Row:
    return {
        "description": line.description,
        "account_id": account_id(line.account),
        "account_name": CHART[line.account].name,
        "quantity": str(line.quantity),
        "unit_amount": written(line.unit_amount),
        "amount": written(line.amount),
        "tax_amount": written(line.tax),
    }


def _status(bill: Bill, paid: int) -> str:
    if bill.standing is Standing.VOID:
        return "Void"
    if bill.standing is Standing.DRAFT:
        return "Draft"
    if paid == 0:
        return "Open"
    return "Paid" if paid == bill.total else "PartiallyPaid"
