"""The financials: figures, ratios, statements and checks."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.datasets import Dataset, Row
from domain.reports import ReportType
from reports.document import Document
from reports.request import CompanyBooks
from tests.reports.given import (
    account,
    built,
    company_info,
    document,
    facts_of,
    request,
    rows_of,
    store,
)
from tests.reports.ledger.given import (
    balance_sheet,
    books,
    line,
    profit_and_loss,
)

JUNE = balance_sheet(
    "2026-06",
    line("bank", 500),
    line("stock", 100),
    line("creditors", 200),
    line("loan", 150),
    line("shares", 100),
    line("earned", 150),
    assets=Decimal(600),
    liabilities=Decimal(350),
    equity=Decimal(250),
)
SOLD = profit_and_loss(
    "2026-06",
    line("sales", 1000),
    line("goods", 400),
    line("wages", 400),
    line("interest", 50),
    net_profit=Decimal(150),
)


def financials(
    tmp_path: Path, rows: dict[Dataset, list[Row]], **changes: Any
) -> Document:
    info = {Dataset.COMPANY_INFO: [company_info(**changes)]}
    return document(tmp_path, {**info, **rows}, request(ReportType.FINANCIALS))


def figures(report: Document) -> dict[str, tuple[Any, Any]]:
    return {
        row["figure"]: (row["this_year"], row["last_year"])
        for kind in ("money", "share", "ratio")
        for row in rows_of(report, f"{kind}_GBP")
    }


def checks(report: Document) -> dict[str, tuple[str, Any]]:
    return {
        row["title"]: (row["outcome"], row["difference"])
        for row in rows_of(report, "checks")
    }


YEAR = [
    profit_and_loss(f"{year}-{month:02}", line("sales", amount))
    for year, amount in ((2025, 10), (2026, 20))
    for month in range(1, 13)
    if (year, month) <= (2026, 6)
]


def test_the_figures_follow_from_the_statements(tmp_path: Path) -> None:
    """
    One month of a small company, worked out by hand.
    """
    report = financials(tmp_path, books([SOLD], [JUNE]), year_end_month=5)

    this = {name: pair[0] for name, pair in figures(report).items()}

    assert this == {
        "Revenue": 1000,
        "Gross profit": 600,
        "Operating profit": 200,
        "EBIT": 200,
        "EBITDA": 200,
        "Net profit": 150,
        "Cash": 500,
        "Debt": 150,
        "Equity": 250,
        "Working capital": 400,
        "Gross margin": Decimal("0.6"),
        "Net margin": Decimal("0.15"),
        "Equity ratio": Decimal("0.416667"),
        "Current ratio": Decimal(3),
        "Quick ratio": Decimal("2.5"),
        "Debt to equity": Decimal("0.6"),
        "Interest cover": Decimal(4),
    }


@pytest.mark.parametrize(
    ("year_end", "months", "this", "last"),
    [
        (12, "Jan 2026 to Jun 2026", 120, 60),
        (3, "Apr 2026 to Jun 2026", 60, 30),
        (6, "Jul 2025 to Jun 2026", 180, None),
        (None, "Jan 2026 to Jun 2026", 120, 60),
    ],
)
def test_this_year_is_compared_with_the_same_months_of_last_year(
    tmp_path: Path, year_end: int | None, months: str, this: int, last: int | None
) -> None:
    """
    The financial year ends when the books say; where months are missing there is no sum.
    """
    report = financials(tmp_path, books(YEAR, []), year_end_month=year_end)

    assert months == facts_of(report, "summary_GBP")["period"]
    assert (this, last) == figures(report)["Revenue"]


def test_a_missing_statement_gives_no_figure(tmp_path: Path) -> None:
    """
    Without a balance sheet its figures and ratios are empty, never zero.
    """
    found = figures(financials(tmp_path, books(YEAR, [])))

    assert {(None, None)} == {
        found[name]
        for name in ("Cash", "Debt", "Equity", "Current ratio", "Equity ratio")
    }
    assert (None, None) == found["Interest cover"]


def test_statements_show_lines_under_their_categories(tmp_path: Path) -> None:
    """
    Every category shows its sum, the accounts stand below it, the results at the end.
    """
    report = financials(tmp_path, books([SOLD], [JUNE]))

    profit = {
        row["line"]: row["2026-06"] for row in rows_of(report, "profit_and_loss_GBP")
    }
    position = {
        row["line"]: row["2026-06"] for row in rows_of(report, "balance_sheet_GBP")
    }

    assert (1000, 400, 600, 150) == tuple(
        profit[name]
        for name in ("Income", "Cost of sales", "Gross profit", "Net profit")
    )
    assert 400 == profit["Wages and salaries"]
    assert (600, 350, 250, 600, 0) == tuple(
        position[name]
        for name in (
            "Asset",
            "Liability",
            "Equity",
            "Liabilities and equity",
            "Assets less liabilities and equity",
        )
    )


def test_sound_books_pass_all_checks(tmp_path: Path) -> None:
    """
    A balance sheet that balances and a profit that agrees are told as passed.
    """
    report = financials(tmp_path, books([SOLD], [JUNE]), year_end_month=5)

    assert {("Passed", Decimal(0)), ("Passed", None)} == set(checks(report).values())


@pytest.mark.parametrize(
    ("changed", "check", "difference"),
    [
        ({"assets": Decimal(601)}, "Balance sheet adds up to the printed totals", -1),
        ({"lines": [*JUNE["lines"], line("bank", "0.02")], "assets": None},
         "Assets less liabilities equal equity", Decimal("0.02")),
        ({"lines": [*JUNE["lines"], line("earned", 7), line("bank", 7)],
          "assets": None, "equity": None},
         "Profit of the year agrees with equity", 7),
    ],
)  # fmt: skip
def test_a_failed_check_says_by_how_much(
    tmp_path: Path, changed: dict[str, Any], check: str, difference: Decimal
) -> None:
    """
    Books that don't hold together are reported all the same, with the difference.
    """
    rows = books([SOLD], [{**JUNE, **changed}])

    report = financials(tmp_path, rows, year_end_month=5)

    assert {check: ("Failed", difference)} == {
        title: found for title, found in checks(report).items() if found[0] == "Failed"
    }


def test_a_cent_is_tolerated(tmp_path: Path) -> None:
    """
    A rounding of one cent is no failure.
    """
    rows = books([SOLD], [{**JUNE, "lines": [*JUNE["lines"], line("bank", "0.01")]}])

    found = checks(financials(tmp_path, rows))

    assert ("Passed", Decimal("0.01")) == found["Assets less liabilities equal equity"]


def test_a_wrong_printed_profit_is_told(tmp_path: Path) -> None:
    """
    The lines count, and what the software prints is held against them.
    """
    rows = books([{**SOLD, "net_profit": Decimal(140)}], [])

    found = checks(financials(tmp_path, rows))

    assert ("Failed", Decimal(10)) == found[
        "Profit and loss adds up to the printed net profit"
    ]


def test_missing_months_are_told(tmp_path: Path) -> None:
    """
    A hole between two months is named; nothing is made up for it.
    """
    rows = books([row for row in YEAR if row["month"] != "2026-02"], [])

    report = financials(tmp_path, rows)

    (missing,) = [
        row
        for row in rows_of(report, "checks")
        if row["title"] == "No month is missing"
    ]
    assert ("Failed", "Feb 2026") == (missing["outcome"], missing["note"])
    assert None is figures(report)["Revenue"][0]


def test_empty_books_are_not_checked(tmp_path: Path) -> None:
    """
    Where there is nothing to compare there is no verdict.
    """
    report = financials(tmp_path, books([], []))

    assert {("Not checked", None)} == set(checks(report).values())
    assert {(None, None)} == set(figures(report).values())
    assert [] == rows_of(report, "accounts")


def test_a_confirmed_category_counts_everywhere(tmp_path: Path) -> None:
    """
    What a person says goes before what the machine suggests, and has no doubt.
    """
    rows = books([SOLD], [JUNE])
    store(tmp_path, "co_1", {Dataset.COMPANY_INFO: [company_info()], **rows})
    confirmed = {"co_1": {"wages": "Expense.CostOfSales.Personnel.SalariesWages"}}

    report = built(tmp_path, request(ReportType.FINANCIALS, confirmed=confirmed))

    (wages,) = [
        row for row in rows_of(report, "accounts") if row["account_id"] == "wages"
    ]
    assert ("Confirmed", None, "Cost of sales", "Salaries wages") == (
        wages["status"],
        wages["confidence"],
        wages["level2"],
        wages["level4"],
    )
    assert [200] == [
        row["2026-06"]
        for row in rows_of(report, "profit_and_loss_GBP")
        if row["line"] == "Gross profit"
    ]


@pytest.mark.parametrize("category", ["Asset.Current.Bank", "No.Such.Category"])
def test_a_confirmation_that_fits_nowhere_is_passed_over(
    tmp_path: Path, category: str
) -> None:
    """
    Wages can't become a bank account, nor something that the taxonomy does not have.
    """
    rows = books([SOLD], [JUNE])
    store(tmp_path, "co_1", {Dataset.COMPANY_INFO: [company_info()], **rows})
    asked = request(ReportType.FINANCIALS, confirmed={"co_1": {"wages": category}})

    report = built(tmp_path, asked)

    assert [150] == [
        row["2026-06"]
        for row in rows_of(report, "profit_and_loss_GBP")
        if row["line"] == "Net profit"
    ]


def test_an_overdrawn_bank_is_a_debt(tmp_path: Path) -> None:
    """
    The same account is an asset in one month and a liability in the next.
    """
    positions = [
        balance_sheet("2026-05", line("bank", 100), line("shares", 100)),
        balance_sheet("2026-06", line("bank", -40), line("shares", -40)),
    ]

    report = financials(tmp_path, books([], positions))

    assert [("Asset", 100), ("Liability", 40)] == [
        (row["level1"], row["balance"])
        for row in rows_of(report, "accounts")
        if row["account_id"] == "bank"
    ]
    assert 40 == figures(report)["Debt"][0]


def test_a_line_without_account_is_sorted_by_its_section(tmp_path: Path) -> None:
    """
    What the software computes, or an account that was deleted, is not lost.
    """
    lost = {**line("wages", 30), "account_id": None, "account_name": "Zzyzx"}
    gone = {**line("wages", 12), "account_id": "gone", "account_name": "Qwrtp"}

    rows = books([profit_and_loss("2026-06", lost, gone)], [])

    report = financials(tmp_path, rows, year_end_month=5)

    assert -42 == figures(report)["Operating profit"][0]


def test_different_base_currencies_have_statements_of_their_own(tmp_path: Path) -> None:
    """
    Two companies with two currencies are two sets of figures, never a sum.
    """
    for company, currency in (("co_1", "GBP"), ("co_2", "EUR")):
        info = [company_info(base_currency=currency)]
        store(tmp_path, company, {Dataset.COMPANY_INFO: info, **books([SOLD], [JUNE])})
    two = (
        CompanyBooks(company_id="co_1", name="Tea"),
        CompanyBooks(company_id="co_2", name="Thé", is_entity=True),
    )

    report = built(
        tmp_path, request(ReportType.FINANCIALS, books=two, consolidated=True)
    )

    assert [1000, 1000] == [
        rows_of(report, f"months_{currency}")[0]["revenue"]
        for currency in ("GBP", "EUR")
    ]
    assert {"co_1", "co_2"} == {
        row["company_id"] for row in rows_of(report, "accounts")
    }


AMOUNTS = st.decimals(-(10**14), 10**14, places=2)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["bank", "stock", "creditors", "loan", "shares"]), AMOUNTS
        ),
        max_size=8,
    )
)
@settings(max_examples=20, deadline=None)
def test_the_balance_sheet_balances_or_says_by_how_much(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[tuple[str, Decimal]]
) -> None:
    """
    Whatever the lines, the check tells assets less liabilities less equity to the cent.
    """
    lines = [line(account_id, str(amount)) for account_id, amount in amounts]
    signs = {"assets": 1, "liabilities": -1, "equity": -1}
    expected = sum(
        (signs[each["section"]] * each["amount"] for each in lines), Decimal(0)
    )
    folder = tmp_path_factory.mktemp("books")

    report = financials(folder, books([], [balance_sheet("2026-06", *lines)]))

    verdict = "Passed" if abs(expected) <= Decimal("0.01") else "Failed"
    assert (verdict, expected) == checks(report)["Assets less liabilities equal equity"]


def test_accounts_are_listed_month_by_month(tmp_path: Path) -> None:
    """
    One row an account and month, at the month's last day.
    """
    rows = books(YEAR, [])

    listed = rows_of(financials(tmp_path, rows), "accounts")

    assert 18 == len(listed)
    assert (date(2025, 1, 31), "sales", Decimal(10), "Income") == tuple(
        listed[0][key] for key in ("date", "account_id", "balance", "level1")
    )


def test_unknown_accounts_are_counted(tmp_path: Path) -> None:
    """
    An account that nobody can place is told, and still in the totals.
    """
    strange = account("x", "Qwrtp", "unknown")
    entry = {
        "section": "liabilities",
        "account_id": "x",
        "account_name": "Qwrtp",
        "amount": Decimal(5),
    }
    rows = books([], [balance_sheet("2026-06", entry)])

    report = financials(tmp_path, {**rows, Dataset.ACCOUNTS: [strange]})

    (row,) = rows_of(report, "accounts")
    (check,) = [r for r in rows_of(report, "checks") if "category" in r["title"]]
    assert (Decimal(5), "Liability") == (row["balance"], row["level1"])
    assert (row["status"] == "Uncategorized") == (check["outcome"] == "Failed")
