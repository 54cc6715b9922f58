"""The same name gives the same books; large ones are made page by page."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings

from sandbox.books.documents import Standing
from sandbox.books.library import Books
from sandbox.books.months import Period
from sandbox.books.totals import totals_of
from tests.sandbox.books.reader import NAMES, PERIOD, Reader, reader

NAME = "Hoxton Tea"


@settings(max_examples=3, deadline=None)
@given(NAMES)
def test_the_same_name_gives_the_same_bytes(name: str) -> None:
    """
    Two programs that never met invent the same books.
    """
    one, two = Books(name, PERIOD), Books(name, PERIOD)

    for shelf in (Books.bills, Books.bill_payments, Books.expenses, Books.accounts):
        assert json.dumps(shelf(one).read(0, 900)) == json.dumps(
            shelf(two).read(0, 900)
        )


def test_books_differ_from_company_to_company() -> None:
    """
    Another name is another company: other id, other bills.
    """
    one, two = reader("Hoxton Tea"), reader("Brick Lane Bikes")

    assert one.organisation["id"] != two.organisation["id"]
    assert list(one.bills.values()) != list(two.bills.values())


def test_a_new_month_changes_no_old_bill() -> None:
    """
    When a month is over, what was issued before is as it was, but for what was paid since.
    """
    before = Reader(NAME, Period.before(date(2026, 11, 30)))
    after = Reader(NAME, Period.before(date(2026, 12, 1)))
    shared = before.bills.keys() & after.bills.keys()

    assert len(shared) == len(before.bills) * 23 // 24
    for key in shared:
        old, new = before.bills[key], after.bills[key]
        assert old["lines"] == new["lines"]
        assert Decimal(old["amount_due"]) >= Decimal(new["amount_due"])


@pytest.mark.parametrize("start", [0, 5, 998, 1_201])
def test_a_stretch_is_cut_out_of_the_whole(start: int) -> None:
    """
    Any stretch of bills and payments is what the whole has there.
    """
    books = Books(NAME, PERIOD, bills=1_201)

    for shelf in (books.bills(), books.bill_payments(), books.expenses()):
        whole = shelf.read(0, shelf.total)
        assert shelf.total == len(whole)
        assert whole[start : start + 7] == shelf.read(start, start + 7)


@pytest.mark.parametrize("bills", [1, 3, 95, 2_501])
def test_books_of_any_size_add_up(bills: int) -> None:
    """
    The number of bills is met exactly, and the ledger agrees with them.
    """
    totals = totals_of(Books(NAME, PERIOD, bills))
    position = {key: Decimal(value) for key, value in totals["position"].items()}

    assert bills == totals["counts"]["bills"]
    assert {"0.00"} == set(totals["checks"].values())
    assert position["assets"] - position["liabilities"] == position["equity"]


def test_larger_books_know_more_suppliers() -> None:
    """
    There are names for a few hundred, and none is given twice.
    """
    suppliers = Books(NAME, PERIOD, bills=1_000_000).suppliers()
    names = {row["name"] for row in suppliers.read(0, suppliers.total)}

    assert 640 == suppliers.total == len(names)


def test_a_demo_shows_every_way_to_pay() -> None:
    """
    Methods are on record, told by the account, told by the note, or unknown; some bills are late.
    """
    books = reader(NAME)
    unrecorded = [p for p in books.payments if p["payment_method_id"] is None]

    assert {"Paid", "PartiallyPaid", "Open", "Void", "Draft"} == {
        bill["status"] for bill in books.bills.values()
    }
    assert {p["payment_method_id"] for p in books.payments} > {None, "pm-1", "pm-3"}
    assert {p["account_name"] for p in unrecorded} >= {"Corporate credit card"}
    assert any(len(p["allocations"]) > 1 for p in books.payments)
    assert any(Decimal(e["total"]) < 0 for e in books.expenses)
    assert any(
        p["date"] > books.bills[part["bill_id"]]["due_date"]
        for p in books.payments
        for part in p["allocations"]
    )
    assert len({bill["currency"] for bill in books.bills.values()}) > 1


def test_the_last_year_is_a_part_of_the_whole() -> None:
    """
    What is dated in the last twelve months adds up beside the rest: no more than all of it.
    """
    books = Books(NAME, PERIOD)
    totals = totals_of(books)
    since = date.fromisoformat(totals["last_12_months"]["from"])
    bills = [
        bill
        for batch in books.purchases
        for bill in batch.bills
        if bill.issued >= since and bill.standing is Standing.POSTED
    ]

    year = totals["last_12_months"]
    assert (len(bills), 1) == (year["bills_count"], since.day)
    assert Decimal(0) < Decimal(year["bills"]) < Decimal(totals["amounts"]["bills"])
    assert Decimal(year["total_spend"]) == Decimal(year["bills"]) + Decimal(
        year["expenses"]
    )
