"""Whatever a company is called, its books add up, to the cent, as a client would add."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings

from tests.sandbox.books.reader import NAMES, base, line_of, reader

CREDITORS = "acc-2000"
THIS_YEAR = "acc-3200"
RETAINED = "acc-3100"
ALIVE = {"Open", "PartiallyPaid", "Paid"}

few = settings(max_examples=4, deadline=None)


@few
@given(NAMES)
def test_every_balance_sheet_balances(name: str) -> None:
    """
    Assets less liabilities are equity, every month; so are the lines under them.
    """
    for sheet in reader(name).sheets.values():
        sums = {
            side: sum(
                Decimal(line["amount"])
                for line in sheet["lines"]
                if line["section"].lower() == side
            )
            for side in ("assets", "liabilities", "equity")
        }
        written = {key: Decimal(value) for key, value in sheet["totals"].items()}

        assert sums["assets"] - sums["liabilities"] == sums["equity"]
        assert sums == written


@few
@given(NAMES)
def test_the_profit_of_the_year_agrees(name: str) -> None:
    """
    Current year earnings are the months' profits since the year began.
    """
    books = reader(name)

    for month in books.sheets:
        this_year = [
            Decimal(profit["totals"]["net_profit"])
            for earlier, profit in books.profits.items()
            if earlier <= month and books.year_of(earlier) == books.year_of(month)
        ]
        assert sum(this_year) == books.balance(month, THIS_YEAR)


@few
@given(NAMES)
def test_profit_moves_to_the_retained_earnings(name: str) -> None:
    """
    From month to month equity changes by the profit, and by nothing else.
    """
    books = reader(name)
    months = sorted(books.sheets)

    for before, month in pairwise(months):
        grown = sum(
            books.balance(month, account) - books.balance(before, account)
            for account in (RETAINED, THIS_YEAR)
        )
        assert Decimal(books.profits[month]["totals"]["net_profit"]) == grown


@few
@given(NAMES)
def test_the_profit_follows_from_its_lines(name: str) -> None:
    """
    Income less all costs, in the steps that the statement prints.
    """
    for statement in reader(name).profits.values():
        totals = {key: Decimal(value) for key, value in statement["totals"].items()}
        lines = sum(
            Decimal(line["amount"])
            * (1 if line["section"] in {"Income", "OtherIncome"} else -1)
            for line in statement["lines"]
        )

        assert lines == totals["net_profit"]
        assert totals["income"] - totals["cost_of_sales"] == totals["gross_profit"]
        assert totals["gross_profit"] - totals["expenses"] == totals["operating_profit"]


@few
@given(NAMES)
def test_a_bill_is_its_lines(name: str) -> None:
    """
    Lines make the subtotal, subtotal and tax the total; a draft is unpaid, a void bill nothing.
    """
    for bill in reader(name).bills.values():
        lines = sum(Decimal(line["amount"]) for line in bill["lines"])
        tax = sum(Decimal(line["tax_amount"]) for line in bill["lines"])
        total = Decimal(bill["total"])

        assert bill["lines"]
        assert lines == Decimal(bill["subtotal"])
        assert tax == Decimal(bill["tax"])
        assert lines + tax == total
        assert (total > 0) == (bill["status"] != "Void")
        assert bill["issue_date"] < bill["due_date"]


@few
@given(NAMES)
def test_payments_never_exceed_bills(name: str) -> None:
    """
    What is due is the total less what was allocated, never below zero, and the status says so.
    """
    books = reader(name)

    for bill in books.bills.values():
        total, due = Decimal(bill["total"]), Decimal(bill["amount_due"])
        paid = books.allocated.get(bill["id"], Decimal(0))

        assert total - paid == due >= 0
        if bill["status"] in ALIVE:
            expected = "Paid" if not due else "PartiallyPaid" if paid else "Open"
            assert expected == bill["status"]
        else:
            assert not paid


@few
@given(NAMES)
def test_a_payment_is_its_allocations(name: str) -> None:
    """
    All of a payment goes to bills of its own supplier, in their currency, after they came.
    """
    books = reader(name)

    for payment in books.payments:
        parts = [Decimal(part["amount"]) for part in payment["allocations"]]

        assert sum(parts) == Decimal(payment["amount"])
        assert all(part > 0 for part in parts)
        for part in payment["allocations"]:
            bill = books.bills[part["bill_id"]]
            assert payment["supplier_id"] == bill["supplier_id"]
            assert payment["currency"] == bill["currency"]
            assert payment["date"] > bill["issue_date"]


@few
@given(NAMES)
def test_creditors_are_the_open_bills(name: str) -> None:
    """
    What is still due, at the bills' own rates, is what the balance sheet owes suppliers.
    """
    books = reader(name)
    due = sum(
        base(bill, "amount_due")
        for bill in books.bills.values()
        if bill["status"] in ALIVE
    )

    assert due == books.balance(books.last, CREDITORS)


@few
@given(NAMES)
def test_creditors_follow_the_documents_every_month(name: str) -> None:
    """
    Creditors grow by the month's bills and shrink by what was paid of them.
    """
    books = reader(name)
    owed = Decimal(0)

    for month in sorted(books.sheets):
        owed += sum(
            base(bill, "total")
            for bill in books.bills.values()
            if bill["issue_date"].startswith(month) and bill["status"] in ALIVE
        )
        owed -= sum(
            Decimal(part["amount"])
            * Decimal(books.bills[part["bill_id"]]["currency_rate"])
            for payment in books.payments
            if payment["date"].startswith(month)
            for part in payment["allocations"]
        )
        assert owed == books.balance(month, CREDITORS)


@few
@given(NAMES)
def test_costs_are_the_lines_of_the_documents(name: str) -> None:
    """
    Accounts that only documents post to hold those documents' lines, month by month.
    """
    books = reader(name)
    documents = [
        *(bill for bill in books.bills.values() if bill["status"] in ALIVE),
        *books.expenses,
    ]

    for account in ("acc-5000", "acc-6200", "acc-5020"):
        for month, statement in books.profits.items():
            booked = sum(
                Decimal(line["amount"]) * Decimal(document["currency_rate"])
                for document in documents
                if document.get("issue_date", document.get("date", "")).startswith(
                    month
                )
                for line in document["lines"]
                if line["account_id"] == account
            )
            assert booked == line_of(statement, account)


@few
@given(NAMES)
def test_accounts_agree_with_the_statements(name: str) -> None:
    """
    Each account holds what the last balance sheet says, or the year's profit and loss so far.
    """
    books = reader(name)
    this_year = [
        statement
        for month, statement in books.profits.items()
        if books.year_of(month) == books.year_of(books.last)
    ]

    for account in books.accounts.values():
        if account["type"] in {"Income", "Expense"}:
            expected = sum(line_of(month, account["id"]) for month in this_year)
        else:
            expected = books.balance(books.last, account["id"])
        assert expected == Decimal(account["current_balance"])


@few
@given(NAMES)
def test_money_on_the_small_accounts_is_topped_up(name: str) -> None:
    """
    Bank accounts other than the main one, and the cash box, never run dry.
    """
    books = reader(name)
    small = [
        account["id"]
        for account in books.accounts.values()
        if account["category"] in {"Bank", "Cash"} and account["code"] != "1000"
    ]

    for account in small:
        assert 1 == len({books.balance(month, account) for month in books.sheets})
        assert books.balance(books.last, account) > 0


@few
@given(NAMES)
def test_everything_that_is_named_exists(name: str) -> None:
    """
    No document points at a supplier, account or payment method that is not listed.
    """
    books = reader(name)

    for document in [*books.bills.values(), *books.payments, *books.expenses]:
        assert document["supplier_id"] in books.suppliers
        assert document.get("account_id", CREDITORS) in books.accounts
        assert document.get("payment_method_id") in {None, *books.methods}
        for line in document.get("lines", []):
            assert line["account_id"] in books.accounts


@few
@given(NAMES)
def test_the_books_are_big_enough_to_look_at(name: str) -> None:
    """
    Forty to sixty suppliers, six to nine hundred bills, about two hundred expenses, two years.
    """
    books = reader(name)

    assert 40 <= len(books.suppliers) <= 60
    assert 600 <= len(books.bills) <= 900
    assert 190 <= len(books.expenses) <= 220
    assert 24 == len(books.sheets) == len(books.profits)
    assert len(books.suppliers) == len({s["name"] for s in books.suppliers.values()})
