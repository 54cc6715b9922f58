"""What a company's books add up to, and whether they do: for people, and for tests of clients."""

from datetime import date
from typing import Any, NamedTuple

from sandbox.books import months
from sandbox.books.chart import CREDITORS
from sandbox.books.documents import Batch, Standing
from sandbox.books.library import Books
from sandbox.books.money import in_base, written

Row = dict[str, Any]


class Sums(NamedTuple):
    """Sums over documents, in cents of the base currency."""

    billed: int
    still_due: int
    paid: int


def totals_of(books: Books) -> Row:
    """Add up documents on one side, statements on the other. Slow where books are large."""
    sums = [_sums(batch) for batch in books.purchases]
    billed, still_due, paid = (sum(column) for column in zip(*sums, strict=True))
    direct = sum(in_base(e.total, e.rate) for e in books.direct_spend)
    ledger = books.survey.ledger
    last = books.period.last
    year = months.first_day(max(books.period.first, last - months.YEAR + 1))
    creditors = -ledger.balances()[last][CREDITORS]
    return {
        "company": books.company.name,
        "organisation_id": books.company.id,
        "base_currency": books.company.currency,
        "period": {
            "from": months.first_day(books.period.first).isoformat(),
            "to": books.period.last_day.isoformat(),
        },
        "counts": {
            "accounts": books.accounts().total,
            "suppliers": books.suppliers().total,
            "bills": books.bills().total,
            "bill_payments": books.bill_payments().total,
            "expenses": books.expenses().total,
            "payment_methods": books.payment_methods().total,
        },
        "amounts": {
            "bills": written(billed),
            "bills_still_due": written(still_due),
            "bill_payments": written(paid),
            "expenses": written(direct),
            "net_profit": written(sum(map(ledger.profit, books.period.months))),
        },
        "last_12_months": {"from": year.isoformat(), **_spent_since(books, year)},
        "position": books.statements.balance_sheet(last)["totals"],
        "checks": {
            "creditors_less_bills_still_due": written(creditors - still_due),
            "sum_of_the_ledger": written(sum(ledger.balances()[last].values())),
        },
    }


def _spent_since(books: Books, first: date) -> Row:
    """Add up what is dated on or after a day: counts, and amounts in the base currency."""
    bills = [
        in_base(bill.total, bill.rate)
        for batch in books.purchases
        for bill in batch.bills
        if bill.standing is Standing.POSTED and bill.issued >= first
    ]
    payments = [
        in_base(payment.amount, payment.rate)
        for batch in books.purchases
        for payment in batch.payments
        if payment.paid >= first
    ]
    direct = [
        in_base(each.total, each.rate)
        for each in books.direct_spend
        if each.spent >= first
    ]
    return {
        "bills_count": len(bills),
        "bills": written(sum(bills)),
        "bill_payments_count": len(payments),
        "bill_payments": written(sum(payments)),
        "expenses_count": len(direct),
        "expenses": written(sum(direct)),
        "total_spend": written(sum(bills) + sum(direct)),
    }


def _sums(batch: Batch) -> Sums:
    posted = [bill for bill in batch.bills if bill.standing is Standing.POSTED]
    return Sums(
        billed=sum(in_base(bill.total, bill.rate) for bill in posted),
        still_due=sum(
            in_base(bill.total - batch.paid(bill), bill.rate) for bill in posted
        ),
        paid=sum(in_base(payment.amount, payment.rate) for payment in batch.payments),
    )
