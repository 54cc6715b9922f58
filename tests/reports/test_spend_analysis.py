"""The spend analysis on books that are not as tidy as one would like."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.datasets import Dataset, Row
from reports.books import open_books
from reports.document import Document
from reports.period import Period
from reports.request import CompanyBooks
from reports.spend.facts import gather
from tests.reports.given import (
    AS_OF,
    account,
    bill,
    built,
    company_info,
    document,
    expense,
    facts_of,
    method,
    payment,
    request,
    rows_of,
    store,
    supplier,
)

CARD = [account("card", "Credit card"), account("bank", "Bank transfers")]


def analysis(tmp_path: Path, **datasets: Sequence[Row]) -> Document:
    rows: Mapping[Dataset, Sequence[Row]] = {
        Dataset(name): some for name, some in datasets.items()
    }
    return document(tmp_path, {Dataset.ACCOUNTS: CARD, **rows}, request())


def suppliers(report: Document) -> list[dict[str, Any]]:
    return rows_of(report, "suppliers")


def methods(report: Document) -> dict[str, dict[str, Any]]:
    return {row["method"]: row for row in rows_of(report, "methods")}


def test_what_is_no_bill_is_left_out(tmp_path: Path) -> None:
    """
    Void and draft bills count nowhere, and are not among the source rows.
    """
    report = analysis(
        tmp_path,
        bills=[
            bill("b1", "100"),
            bill("b2", "50", status="void"),
            bill("b3", "25", status="draft"),
            bill("b4", "7", status="unknown"),
        ],
    )

    assert Decimal(107) == facts_of(report, "totals_GBP")["spend"]
    assert ["b1", "b4"] == [row["id"] for row in rows_of(report, "bills")]


def test_money_that_came_back_is_taken_off(tmp_path: Path) -> None:
    """
    Refunds and credit notes are negative spend, and no money still owed.
    """
    report = analysis(
        tmp_path,
        bills=[bill("b1", "100"), bill("b2", "-30", amount_due=Decimal(-30))],
        expenses=[expense("e1", "40"), expense("e2", "-15")],
        bill_payments=[payment("p1", "-20")],
    )

    (row,) = suppliers(report)

    assert (Decimal(70), Decimal(25), Decimal(95)) == (
        row["bills_amount"],
        row["expenses_amount"],
        row["spend"],
    )
    assert (0, Decimal(0)) == (
        row["bills_outstanding"],
        row["bills_outstanding_amount"],
    )
    assert Decimal(-20) == row["payments_amount"]


def test_amounts_are_converted_at_their_own_rates(tmp_path: Path) -> None:
    """
    A bill and its payment may have different rates; each document is rounded once.
    """
    report = analysis(
        tmp_path,
        bills=[
            bill("b1", "100.33", currency="EUR", currency_rate=Decimal("0.85715")),
            bill("b2", "0.01", currency="EUR", currency_rate=Decimal("0.5")),
        ],
        bill_payments=[
            payment(
                "p1", "100.33", currency="EUR", currency_rate=Decimal("0.9"),
            )
        ],
    )  # fmt: skip

    listed = [row["base_amount"] for row in rows_of(report, "bills")]

    assert [Decimal("86.00"), Decimal("0.01")] == listed
    assert sum(listed) == facts_of(report, "totals_GBP")["bills_amount"]
    assert Decimal("90.30") == facts_of(report, "totals_GBP")["payments_amount"]


def test_one_payment_may_settle_several_bills(tmp_path: Path) -> None:
    """
    Each bill gets its day of payment; the payment counts once.
    """
    report = analysis(
        tmp_path,
        bills=[bill("b1", "100"), bill("b2", "60")],
        bill_payments=[
            payment("p1", "160", ("b1", "100"), ("b2", "60"), account_id="card")
        ],
    )

    card = methods(report)["Credit Card"]

    assert (2, 1, Decimal(160)) == (
        card["bills"],
        card["payments"],
        card["payments_amount"],
    )
    assert (2, Decimal(160)) == (card["bills_late"], card["bills_late_amount"])
    assert 31 == card["settlement_period"]


def test_a_bill_counts_under_the_method_that_paid_most_of_it(tmp_path: Path) -> None:
    """
    Part payments by card and by transfer: the larger part decides, the last day counts.
    """
    report = analysis(
        tmp_path,
        bills=[bill("b1", "100", amount_due=Decimal(10))],
        bill_payments=[
            payment("p1", "20", ("b1", "20"), account_id="card"),
            payment("p2", "70", ("b1", "70"), account_id="bank",
                    paid_on=date(2026, 3, 11)),
        ],
    )  # fmt: skip

    found = methods(report)

    assert (0, 1) == (found["Credit Card"]["bills"], found["Bank Transfer"]["bills"])
    assert (1, Decimal(10)) == (
        found["Bank Transfer"]["bills_outstanding"],
        found["Bank Transfer"]["bills_outstanding_amount"],
    )
    assert 31 == found["Bank Transfer"]["settlement_period"]


def test_a_bill_without_payment_counts_under_its_suppliers_usual_method(
    tmp_path: Path,
) -> None:
    """
    What is not paid yet will be paid as that supplier always is; a stranger's is Unknown.
    """
    report = analysis(
        tmp_path,
        bills=[bill("b1", "100"), bill("b2", "9", supplier_id="s2")],
        expenses=[expense("e1", "5", account_id="card")],
    )

    found = methods(report)

    assert (1, 1) == (found["Credit Card"]["bills"], found["Unknown"]["bills"])


def test_payments_without_bills_are_payments(tmp_path: Path) -> None:
    """
    Money on account, or for a bill that is gone, counts as paid and not as spend.
    """
    report = analysis(
        tmp_path,
        bill_payments=[payment("p1", "50"), payment("p2", "30", ("gone", "30"))],
    )

    (row,) = suppliers(report)

    assert (0, 2, Decimal(80), Decimal(40), Decimal(0)) == (
        row["bills"],
        row["payments"],
        row["payments_amount"],
        row["payments_average"],
        row["spend"],
    )


def test_card_expenses_entered_twice_count_once(tmp_path: Path) -> None:
    """
    An expense that is in the books as bill and payment too is left out, and told.
    """
    same = {"issued_on": date(2026, 4, 1), "due_on": None}
    report = analysis(
        tmp_path,
        bills=[bill("b1", "40", **same), bill("b2", "40", **same)],
        bill_payments=[
            payment("p1", "40", ("b1", "40"), account_id="card"),
            payment("p2", "40", ("b2", "40"), account_id="bank"),
        ],
        expenses=[
            expense("e1", "40", account_id="card"),
            expense("e2", "40", account_id="card"),
            expense("e3", "40"),
        ],
    )

    assert ["e2", "e3"] == [row["id"] for row in rows_of(report, "expenses")]
    assert Decimal(160) == facts_of(report, "totals_GBP")["spend"]
    assert 1 == facts_of(report, "review")["copies"]


def test_suppliers_of_one_name_stay_apart(tmp_path: Path) -> None:
    """
    Only the id says who is who.
    """
    report = analysis(
        tmp_path,
        suppliers=[supplier("s1", "Smith"), supplier("s2", "Smith")],
        bills=[bill("b1", "100"), bill("b2", "60", supplier_id="s2")],
    )

    assert [("s1", "Smith", Decimal(100)), ("s2", "Smith", Decimal(60))] == [
        (row["supplier_id"], row["name"], row["spend"]) for row in suppliers(report)
    ]


def test_a_supplier_that_was_renamed_is_one(tmp_path: Path) -> None:
    """
    It is shown under its name of today; its documents keep the name of then.
    """
    report = analysis(
        tmp_path,
        suppliers=[supplier("s1", "New name")],
        bills=[
            bill("b1", "1", supplier_name="Old name"),
            bill("b2", "1", supplier_name=None),
        ],
    )

    assert ["New name"] == [row["name"] for row in suppliers(report)]
    assert ["Old name", "New name"] == [
        row["supplier"] for row in rows_of(report, "bills")
    ]


def test_a_supplier_that_was_deleted_is_known_by_its_documents(tmp_path: Path) -> None:
    """
    The latest recorded name is shown; without any name there is still a row.
    """
    report = analysis(
        tmp_path,
        bills=[
            bill("b1", "3", supplier_name="Newer", issued_on=date(2026, 5, 1)),
            bill("b2", "3", supplier_name="Older", issued_on=date(2026, 4, 1)),
            bill("b3", "2", supplier_id=None, supplier_name="Cash buyer"),
            bill("b4", "1", supplier_id=None),
        ],
        bill_payments=[payment("p1", "1")],
    )

    assert [("s1", "Newer"), (None, "Cash buyer"), (None, "Supplier not recorded")] == [
        (row["supplier_id"], row["name"]) for row in suppliers(report)
    ]
    assert ["Newer"] == [row["supplier"] for row in rows_of(report, "bill_payments")]


def test_missing_days_leave_averages_empty(tmp_path: Path) -> None:
    """
    Without a due day there are no terms and nothing is late; nothing is made up.
    """
    report = analysis(
        tmp_path,
        bills=[bill("b1", "100", due_on=None)],
        bill_payments=[payment("p1", "100", ("b1", "100"))],
    )

    (row,) = suppliers(report)

    assert (None, None, 0, 31) == (
        row["payment_terms"],
        row["common_terms"],
        row["bills_late"],
        row["settlement_period"],
    )
    assert (None, Decimal(0)) == (row["last_expense_on"], row["expenses_amount"])


def test_averages_are_weighted_by_bill_amount(tmp_path: Path) -> None:
    """
    A bill of 300 counts three times as much as one of 100.
    """
    report = analysis(
        tmp_path,
        bills=[
            bill("b1", "300", due_on=date(2026, 3, 11)),
            bill("b2", "100", due_on=date(2026, 3, 31)),
        ],
    )

    assert [15.0] == [row["payment_terms"] for row in suppliers(report)]


@pytest.mark.parametrize(
    ("bills", "expected"),
    [
        ([("1", 10), ("1", 10), ("100", 30)], 10),
        ([("1", 10), ("2", 30)], 30),
        ([("1", 30), ("1", 10)], 10),
    ],
)
def test_common_terms_are_the_most_frequent(
    tmp_path: Path, bills: list[tuple[str, int]], expected: int
) -> None:
    """
    By number, then by amount, then the fewest days.
    """
    rows = [
        bill(f"b{n}", amount, due_on=date(2026, 3, 1 + days))
        for n, (amount, days) in enumerate(bills)
    ]

    (row,) = suppliers(analysis(tmp_path, bills=rows))

    assert expected == row["common_terms"]


def test_the_most_common_method_is_recorded_and_inferred(tmp_path: Path) -> None:
    """
    The record may say less than what can be inferred.
    """
    report = analysis(
        tmp_path,
        payment_methods=[method("m1", "Cheque", "check")],
        expenses=[
            expense("e1", "5", payment_method_id="m1"),
            expense("e2", "1", account_id="card"),
            expense("e3", "1", account_id="card"),
        ],
    )

    (row,) = suppliers(report)

    assert ("Check", "Credit Card", "Yes") == (
        row["as_recorded"],
        row["inferred"],
        row["took_credit_card"],
    )


def test_a_card_that_was_taken_long_ago_does_not_count(tmp_path: Path) -> None:
    """
    "In the last 12 months" looks back from the reading, whatever the period.
    """
    rows = {
        Dataset.ACCOUNTS: CARD,
        Dataset.EXPENSES: [
            expense("e1", "5", account_id="card", paid_on=date(2025, 6, 30)),
            expense("e2", "5", account_id="bank"),
        ],
    }

    report = document(tmp_path, rows, request(months=24))

    assert ["No"] == [row["took_credit_card"] for row in suppliers(report)]


def test_first_seen_looks_at_all_of_the_books(tmp_path: Path) -> None:
    """
    A supplier of old is not new because the period is short.
    """
    report = analysis(
        tmp_path,
        bills=[bill("b1", "1", issued_on=date(2020, 2, 29)), bill("b2", "1")],
    )

    (row,) = suppliers(report)

    assert (date(2020, 2, 29), 1, date(2026, 3, 1)) == (
        row["first_seen"],
        row["bills"],
        row["last_bill_on"],
    )


def test_the_threshold_hides_rows_but_no_money(tmp_path: Path) -> None:
    """
    Small suppliers are left out where one is a row, and counted everywhere else.
    """
    rows = {Dataset.BILLS: [bill("b1", "100"), bill("b2", "99.99", supplier_id="s2")]}

    report = document(tmp_path, rows, request(threshold=Decimal(100)))

    assert ["s1"] == [row["supplier_id"] for row in suppliers(report)]
    assert Decimal("199.99") == methods(report)["Overall"]["spend"]
    assert (2, 1) == tuple(
        facts_of(report, "totals_GBP")[key] for key in ("suppliers", "suppliers_listed")
    )


def test_empty_months_are_months(tmp_path: Path) -> None:
    """
    The year has all its months, a leap day belongs to February, the rest is zero.
    """
    rows = {Dataset.BILLS: [bill("b1", "100", issued_on=date(2024, 2, 29))]}
    asked = request(as_of="2024-07-15T00:00:00Z")

    months = rows_of(document(tmp_path, rows, asked), "months")

    assert 13 == len(months)
    assert {date(2024, 2, 1): Decimal(100)} == {
        row["month"]: row["spend"] for row in months if row["spend"]
    }


def test_empty_books_give_an_empty_report(tmp_path: Path) -> None:
    """
    Nothing was bought: zeros where something is counted, nothing where it is divided.
    """
    overall = methods(analysis(tmp_path))["Overall"]

    assert (0, Decimal(0), None, None) == (
        overall["suppliers"],
        overall["spend"],
        overall["bills_share"],
        overall["payments_average"],
    )


TWO = (
    CompanyBooks(company_id="co_1", name="Tea Ltd"),
    CompanyBooks(company_id="co_2", name="Tea Ireland", is_entity=True),
)


def consolidated(tmp_path: Path, currency: str) -> Document:
    """Two companies that buy from a supplier of the same id."""
    for company, base in (("co_1", "GBP"), ("co_2", currency)):
        store(
            tmp_path,
            company,
            {
                Dataset.COMPANY_INFO: [company_info(base_currency=base)],
                Dataset.BILLS: [bill("b1", "100")],
                Dataset.EXPENSES: [expense("e1", "5")],
            },
        )
    return built(tmp_path, request(books=TWO, consolidated=True))


def test_legal_entities_are_put_together(tmp_path: Path) -> None:
    """
    Every row says whose it is; a supplier of two entities is two rows.
    """
    report = consolidated(tmp_path, "GBP")

    assert [("co_1", Decimal(105)), ("co_2", Decimal(105)), (None, Decimal(210))] == [
        (row["company_id"], row["spend"]) for row in rows_of(report, "entities")
    ]
    assert ["co_1", "co_2"] == [row["company_id"] for row in suppliers(report)]
    assert ["Tea Ltd", "Tea Ireland"] == [
        row["company"] for row in rows_of(report, "bills")
    ]
    assert Decimal(210) == methods(report)["Overall"]["spend"]


def test_different_base_currencies_are_told_and_never_summed(tmp_path: Path) -> None:
    """
    Each currency has its own totals, shares and charts.
    """
    report = consolidated(tmp_path, "EUR")

    overall = [r for r in rows_of(report, "methods") if r["method"] == "Overall"]

    assert [("GBP", Decimal(105)), ("EUR", Decimal(105))] == [
        (row["currency"], row["spend"]) for row in overall
    ]
    assert 2 == sum(row["company"] == "Total" for row in rows_of(report, "entities"))
    assert "GBP and EUR" in report.subtitle
    assert 26 == len(rows_of(report, "months"))
    assert [1.0, 1.0] == [row["bills_amount_share"] for row in overall]


def test_one_company_needs_no_entity_columns(tmp_path: Path) -> None:
    """
    The breakdown and the company columns are for clients with legal entities.
    """
    report = analysis(tmp_path, bills=[bill("b1", "1")])

    assert "company_id" not in rows_of(report, "bills")[0]
    assert "Entity Spend Breakdown" not in [sheet.title for sheet in report.sheets]


def test_books_without_company_info_still_give_a_report(tmp_path: Path) -> None:
    """
    The currency is then told as not recorded.
    """
    store(tmp_path, "co_1", {Dataset.BILLS: [bill("b1", "12.50")]})

    report = built(tmp_path, request())

    assert "not recorded" == facts_of(report, "company")["currency"]
    assert Decimal("12.50") == facts_of(report, "totals_")["spend"]


def test_many_bills_meet_their_payments_a_share_at_a_time(tmp_path: Path) -> None:
    """
    Whether bills are joined at once or in shares, the facts are the same.
    """
    rows = {
        Dataset.ACCOUNTS: CARD,
        Dataset.BILLS: [bill(f"b{n}", f"{n}.50") for n in range(40)],
        Dataset.BILL_PAYMENTS: [
            payment(f"p{n}", f"{n}.50", (f"b{n}", f"{n}.50"), account_id="card")
            for n in range(0, 40, 3)
        ],
    }
    store(tmp_path, "co_1", rows)
    books = open_books(tmp_path, request().books)
    period = Period.before(AS_OF, 12)

    at_once, in_shares = (gather(books, period, most).bills for most in (1000, 7))

    assert 14 == at_once["settled_on"].count()
    assert at_once.sort("amount").equals(in_shares.sort("amount"))
