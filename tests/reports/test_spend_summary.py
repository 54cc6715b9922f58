"""The summary: what could move to cards, and why."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.datasets import Dataset, Row
from domain.reports import ReportType
from reports.document import Document
from reports.request import CompanyBooks
from tests.reports.given import (
    account,
    bill,
    built,
    company_info,
    document,
    expense,
    facts_of,
    payment,
    request,
    rows_of,
    store,
    supplier,
)

CHART = [
    account("card", "Credit card"),
    account("bank", "Bank transfers"),
    account("checks", "Cheques"),
]


def summary(tmp_path: Path, **datasets: Sequence[Row]) -> Document:
    rows = {Dataset(name): some for name, some in datasets.items()}
    asked = request(ReportType.SPEND_SUMMARY)
    return document(tmp_path, {Dataset.ACCOUNTS: CHART, **rows}, asked)


def spent(number: int, amount: str, account_id: str, who: str = "s1") -> Row:
    return expense(f"e{number}", amount, account_id=account_id, supplier_id=who)


def test_the_headlines_are_told(tmp_path: Path) -> None:
    """
    Spend, what of it is on card, and what could be.
    """
    report = summary(
        tmp_path,
        suppliers=[supplier("s1", "Tea"), supplier("s2", "HMRC VAT")],
        expenses=[
            spent(1, "25", "card"),
            spent(2, "50", "bank"),
            spent(3, "20", "bank", "s2"),
            spent(4, "5", "nowhere"),
        ],
    )

    told = facts_of(report, "summary_GBP")

    assert (100, 25, 0.25, 50, 0.5, 1) == tuple(
        told[key]
        for key in (
            "spend",
            "on_card",
            "on_card_share",
            "opportunity",
            "opportunity_share",
            "opportunity_suppliers",
        )
    )
    assert (None, None) == (told["late_share"], told["days_late"])


def test_days_late_are_weighted_by_amount(tmp_path: Path) -> None:
    """
    Only bills that were paid late count, the large ones more.
    """
    report = summary(
        tmp_path,
        bills=[
            bill("b1", "300", due_on=date(2026, 3, 22)),
            bill("b2", "100", due_on=date(2026, 3, 2)),
            bill("b3", "100", due_on=date(2026, 5, 1)),
        ],
        bill_payments=[
            payment("p1", "500", ("b1", "300"), ("b2", "100"), ("b3", "100"))
        ],
    )

    told = facts_of(report, "summary_GBP")

    assert (15, 0.8) == (told["days_late"], told["late_share"])


@pytest.mark.parametrize(
    ("account_id", "why"),
    [
        ("checks", "Paid by check, the most work"),
        ("bank", "Mostly paid by bank transfer"),
    ],
)
def test_each_supplier_has_its_reasons(
    tmp_path: Path, account_id: str, why: str
) -> None:
    """
    A reason, or else how it is paid.
    """
    report = summary(tmp_path, expenses=[spent(1, "9", account_id)])

    assert [why] == [row["why"] for row in rows_of(report, "candidates_GBP")]


def test_who_took_a_card_before_may_again(tmp_path: Path) -> None:
    """
    Nothing speaks more for a supplier than a card that it took.
    """
    report = summary(tmp_path, expenses=[spent(1, "9", "bank"), spent(2, "1", "card")])

    (row,) = rows_of(report, "candidates_GBP")

    assert "Took a credit card in the last 12 months" == row["why"]


def test_many_payments_and_late_bills_are_reasons(tmp_path: Path) -> None:
    """
    A supplier that makes much work, and one that waits for its money.
    """
    report = summary(
        tmp_path,
        bills=[bill(f"b{n}", "10") for n in range(6)],
        bill_payments=[
            payment(f"p{n}", "10", (f"b{n}", "10"), account_id="bank") for n in range(6)
        ],
    )

    (row,) = rows_of(report, "candidates_GBP")

    assert "6 payments to save work on; 6 of 6 bills paid late" == row["why"]


def test_the_ten_best_are_listed(tmp_path: Path) -> None:
    """
    Who took a card before comes first, then who costs most.
    """
    expenses = [spent(n, str(100 + n), "bank", f"s{n:02}") for n in range(12)]

    report = summary(tmp_path, expenses=[*expenses, spent(99, "1", "card", "s00")])

    found = rows_of(report, "candidates_GBP")
    assert [100, 111, 110] == [row["off_card"] for row in found[:3]]
    assert 10 == len(found)


def test_each_base_currency_has_a_page(tmp_path: Path) -> None:
    """
    Two currencies are two pages, for their amounts have no sum.
    """
    for company, currency in (("co_1", "GBP"), ("co_2", "EUR")):
        rows = {
            Dataset.COMPANY_INFO: [company_info(base_currency=currency)],
            Dataset.ACCOUNTS: CHART,
            Dataset.EXPENSES: [spent(1, "10", "bank")],
        }
        store(tmp_path, company, rows)
    two = (
        CompanyBooks(company_id="co_1", name="Tea"),
        CompanyBooks(company_id="co_2", name="Thé", is_entity=True),
    )

    report = built(
        tmp_path, request(ReportType.SPEND_SUMMARY, books=two, consolidated=True)
    )

    assert ["Spend summary (GBP)", "Spend summary (EUR)"] == [
        sheet.title for sheet in report.sheets
    ]
    assert [Decimal(10), Decimal(10)] == [
        facts_of(report, f"summary_{currency}")["spend"] for currency in ("GBP", "EUR")
    ]


def test_books_without_spend_have_a_page_all_the_same(tmp_path: Path) -> None:
    """
    Nothing to divide by, nobody to approach.
    """
    report = summary(tmp_path)

    told = facts_of(report, "summary_GBP")
    assert (0, None, None) == (
        told["spend"],
        told["on_card_share"],
        told["opportunity_share"],
    )
    assert [] == rows_of(report, "candidates_GBP")
