"""To the cent: whatever the documents, totals are the sums of their rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.datasets import Dataset, Row
from domain.reports import ReportType
from reports.document import Document
from sandbox.books.totals import totals_of
from tests.reports.given import (
    account,
    bill,
    built,
    document,
    expense,
    facts_of,
    payment,
    request,
    rows_of,
    sandbox_books,
    store_sandbox,
)

CENT: Final = Decimal("0.01")
AMOUNTS: Final = st.decimals(-(10**14), 10**14, places=2)
RATES: Final = st.decimals("0.0001", 10_000, places=10)
DAYS: Final = st.dates(date(2025, 5, 1), date(2026, 9, 1))
SUPPLIERS: Final = st.sampled_from(["s1", "s2", "s3", None])
ACCOUNTS: Final = st.sampled_from(["card", "cash", "bank", None])
SUMMED: Final = ("bills", "bills_amount", "bills_outstanding_amount", "payments",
                 "payments_amount", "expenses", "expenses_amount", "spend",
                 "bills_late", "bills_late_amount")  # fmt: skip
BOOKS: Final = {
    Dataset.ACCOUNTS: [
        account("card", "Credit card"),
        account("cash", "Petty cash"),
        account("bank", "Bank"),
    ]
}


@st.composite
def documents(draw: st.DrawFn) -> Mapping[Dataset, Sequence[Row]]:
    """Bills, payments and expenses that need not make sense."""
    foreign = st.fixed_dictionaries({"currency_rate": RATES})
    bills = [
        bill(
            f"b{number}",
            str(draw(AMOUNTS)),
            supplier_id=draw(SUPPLIERS),
            issued_on=draw(DAYS),
            due_on=draw(st.none() | DAYS),
            status=draw(st.sampled_from(["open", "paid", "void", "draft"])),
            amount_due=draw(AMOUNTS),
            **draw(foreign),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    paid = {"supplier_id": SUPPLIERS, "account_id": ACCOUNTS, "paid_on": DAYS}
    payments = [
        payment(
            f"p{number}",
            str(draw(AMOUNTS)),
            *[
                (f"b{draw(st.integers(0, 9))}", str(draw(AMOUNTS)))
                for _ in range(draw(st.integers(0, 3)))
            ],
            **draw(st.fixed_dictionaries(paid)),
            **draw(foreign),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    expenses = [
        expense(
            f"e{number}",
            str(draw(AMOUNTS)),
            **draw(st.fixed_dictionaries(paid)),
            **draw(foreign),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    return {
        **BOOKS,
        Dataset.BILLS: bills,
        Dataset.BILL_PAYMENTS: payments,
        Dataset.EXPENSES: expenses,
    }


def in_base(row: Row) -> Decimal:
    amount: Decimal = row["total_amount"] * row["currency_rate"]
    if row["currency_rate"] == 1:
        return amount
    # Products are kept to ten places, as amounts are, before they become cents.
    return amount.quantize(Decimal("1e-10")).quantize(CENT, ROUND_HALF_UP)


def counted(rows: Sequence[Row], day: str) -> list[Row]:
    first, last = date(2025, 7, 1), date(2026, 7, 15)
    return [
        row
        for row in rows
        if first <= row[day] <= last and row.get("status") not in ("void", "draft")
    ]


def sums(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: sum(row[name] for row in rows) for name in SUMMED}


@given(documents())
@settings(max_examples=20, deadline=None)
def test_every_total_is_the_sum_of_its_rows_and_of_the_documents(
    books: Mapping[Dataset, Sequence[Row]],
) -> None:
    """
    Overall, the methods, the groups, the suppliers, the months and the source rows agree.
    """
    with TemporaryDirectory() as folder:
        report = document(Path(folder), books, request())
        rows = {row["method"]: row for row in rows_of(report, "methods")}
        overall = {name: rows["Overall"][name] for name in SUMMED}
        suppliers = rows_of(report, "suppliers")
        singles = [row for row in rows.values() if row["method"] in _SINGLE]
        groups = [row for row in rows.values() if row["method"] in _GROUPS]
        listed = {
            key: sum(row["base_amount"] for row in rows_of(report, key))
            for key in ("bills", "bill_payments", "expenses")
        }
        months = sum(row["spend"] for row in rows_of(report, "months"))

    assert overall == sums(suppliers) == sums(singles) == sums(groups)
    assert len(suppliers) == rows["Overall"]["suppliers"]
    assert overall["spend"] == months
    assert overall["spend"] == overall["bills_amount"] + overall["expenses_amount"]
    assert listed == {
        "bills": overall["bills_amount"],
        "bill_payments": overall["payments_amount"],
        "expenses": overall["expenses_amount"],
    }
    assert listed["bills"] == sum(
        map(in_base, counted(books[Dataset.BILLS], "issued_on"))
    )
    assert listed["bill_payments"] == sum(
        map(in_base, counted(books[Dataset.BILL_PAYMENTS], "paid_on"))
    )


_SINGLE: Final = ("Credit Card", "Debit Card", "Bank Transfer", "Cash", "Check",
                  "Other", "Unknown")  # fmt: skip
_GROUPS: Final = ("Card total", "Non-Card total", "Unknown total")


@given(documents())
@settings(max_examples=10, deadline=None)
def test_shares_add_up_to_a_hundred_percent(
    books: Mapping[Dataset, Sequence[Row]],
) -> None:
    """
    Wherever there is a total, the shares of the methods are parts of the whole of it.
    """
    with TemporaryDirectory() as folder:
        rows = rows_of(document(Path(folder), books, request()), "methods")
    overall = rows[-1]
    singles = [row for row in rows if row["method"] in _SINGLE]

    for share, whole in (
        ("suppliers_share", "suppliers"),
        ("bills_share", "bills"),
        ("expenses_share", "expenses"),
    ):
        added = sum(row[share] or 0 for row in singles)
        assert abs(added - (1 if overall[whole] else 0)) < 1e-9


def test_the_figures_agree_with_the_sandbox(tmp_path: Path) -> None:
    """
    What the sandbox adds up for itself is what the reports say.
    """
    books = sandbox_books("Hoxton Tea Company")
    store_sandbox(tmp_path, "co_1", books)
    expected = totals_of(books)

    spend = built(tmp_path, request(months=24))
    financials = built(tmp_path, request(ReportType.FINANCIALS))

    currency = expected["base_currency"]
    totals = facts_of(spend, f"totals_{currency}")
    assert expected["amounts"] == {
        "bills": str(totals["bills_amount"].quantize(CENT)),
        "bills_still_due": _owed(spend),
        "bill_payments": str(totals["payments_amount"].quantize(CENT)),
        "expenses": str(totals["expenses_amount"].quantize(CENT)),
        "net_profit": _profit(financials, currency),
    }
    assert expected["position"] == _position(financials, currency)


def test_the_last_year_agrees_with_the_sandbox(tmp_path: Path) -> None:
    """
    Whoever opens the sandbox's page of totals beside a report finds the same figures.
    """
    books = sandbox_books("Hoxton Tea Company")
    store_sandbox(tmp_path, "co_1", books)
    expected = totals_of(books)["last_12_months"]

    spend = built(tmp_path, request())

    totals = facts_of(spend, f"totals_{books.company.currency}")
    assert expected == {
        "from": expected["from"],
        "bills_count": totals["bills"],
        "bills": str(totals["bills_amount"].quantize(CENT)),
        "bill_payments_count": totals["payments"],
        "bill_payments": str(totals["payments_amount"].quantize(CENT)),
        "expenses_count": totals["expenses"],
        "expenses": str(totals["expenses_amount"].quantize(CENT)),
        "total_spend": str(totals["spend"].quantize(CENT)),
    }


def _owed(report: Document) -> str:
    return str(
        rows_of(report, "methods")[-1]["bills_outstanding_amount"].quantize(CENT)
    )


def _profit(report: Document, currency: str) -> str:
    months = rows_of(report, f"months_{currency}")
    return str(sum(row["net_profit"] for row in months).quantize(CENT))


def _position(report: Document, currency: str) -> dict[str, str]:
    """What stands at the end of the last month."""
    rows = rows_of(report, f"balance_sheet_{currency}")
    last = list(rows[0])[-1]
    roots = {"Asset": "assets", "Liability": "liabilities", "Equity": "equity"}
    return {
        roots[row["line"]]: str(row[last].quantize(CENT))
        for row in rows
        if row["line"] in roots
    }
