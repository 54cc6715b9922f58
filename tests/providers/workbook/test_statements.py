"""Accounts and monthly balances: a customer's figures as statements."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.datasets import Dataset
from tests.providers.workbook.workbooks import (
    BASE,
    BOTH,
    EXPENSE,
    FINANCIALS,
    GOOD,
    Sheets,
    Upload,
    filled,
)

TYPES = {
    "1000": "Asset",
    "2000": "Liability",
    "3000": "Equity",
    "4000": "Income",
    "5000": "Cost of Sales",
    "6000": "Expense",
    "7000": "Other Income",
    "8000": "Other Expense",
}
ACCOUNTS = [
    {"Account code": code, "Name": f"Account {code}", "Type": kind}
    for code, kind in TYPES.items()
]
FIGURES = {
    "1000": 900, "2000": 400, "3000": 500,
    "4000": 1000, "5000": 300.5, "6000": 200, "7000": 10, "8000": 5,
}  # fmt: skip
BALANCES = [
    {"Account code": code, "Month": "2026-07", "Amount": amount}
    for code, amount in FIGURES.items()
]
LEDGER: Sheets = {**BASE, "Accounts": ACCOUNTS, "Monthly Balances": BALANCES}


def upload(tmp_path: Path, **sheets: list[dict[str, Any]]) -> Upload:
    changed = {name.replace("_", " "): rows for name, rows in sheets.items()}
    return Upload(tmp_path, filled(LEDGER | changed, FINANCIALS))


def balance(code: str, month: str | date, amount: float) -> dict[str, Any]:
    return {"Account code": code, "Month": month, "Amount": amount}


def test_a_month_becomes_a_profit_and_loss(tmp_path: Path) -> None:
    """
    Each total adds its sections up, and a profit takes the costs off.
    """
    (row,) = upload(tmp_path).books(FINANCIALS)[Dataset.PROFIT_AND_LOSS]

    assert ("2026-07", "EUR") == (row["month"], row["currency"])
    assert ["4000", "5000", "6000", "7000", "8000"] == [
        line["account_id"] for line in row["lines"]
    ]
    assert {
        "income": Decimal(1000),
        "cost_of_sales": Decimal("300.5"),
        "gross_profit": Decimal("699.5"),
        "expenses": Decimal(200),
        "operating_profit": Decimal("499.5"),
        "other_income": Decimal(10),
        "other_expenses": Decimal(5),
        "net_profit": Decimal("504.5"),
    } == {name: row[name] for name in row if name not in ("month", "currency", "lines")}


def test_a_month_becomes_a_balance_sheet(tmp_path: Path) -> None:
    """
    What the company owned and owed stands under its section, with the totals.
    """
    (row,) = upload(tmp_path).books(FINANCIALS)[Dataset.BALANCE_SHEET]

    assert (900, 400, 500) == (row["assets"], row["liabilities"], row["equity"])
    assert {
        "section": "assets",
        "account_id": "1000",
        "account_name": "Account 1000",
        "amount": Decimal(900),
    } == row["lines"][0]


def test_months_come_in_order_each_with_its_own_rows(tmp_path: Path) -> None:
    """
    Rows may be in any order, months written or typed as a day, and a month may be empty.
    """
    rows = [balance("4000", date(2026, 8, 31), 2), balance("4000", "2026-06", 1)]

    read = upload(tmp_path, Monthly_Balances=rows).books(FINANCIALS)

    assert [("2026-06", 1), ("2026-08", 2)] == [
        (row["month"], row["income"]) for row in read[Dataset.PROFIT_AND_LOSS]
    ]
    assert [] == read[Dataset.BALANCE_SHEET]


@pytest.mark.parametrize(("year_end", "earned"), [(None, 4), (12, 4), (6, 1), (7, 5)])
def test_an_account_stands_at_its_last_balance_or_the_year_so_far(
    tmp_path: Path, year_end: int | None, earned: int
) -> None:
    """
    What is owned is the last figure; what was earned counts from the year's beginning.
    """
    company = [{"Base currency": "EUR", "Year end month": year_end}]
    rows = [
        *[balance("4000", f"2025-{month:02}", 1) for month in (7, 8)],
        *[balance("4000", f"2026-{month:02}", 1) for month in (2, 4, 5, 7)],
        *[balance("1000", f"2026-{month:02}", month) for month in (7, 5)],
    ]

    read = upload(tmp_path, Company=company, Monthly_Balances=rows).books(FINANCIALS)

    balances = {row["id"]: row["balance"] for row in read[Dataset.ACCOUNTS]}
    assert (7, earned) == (balances["1000"], balances["4000"])


def test_the_chart_is_kept_as_the_customer_lists_it(tmp_path: Path) -> None:
    """
    An account has its code for an id, and a type that follows from where it is shown.
    """
    bank = {
        "Account code": 1000, "Name": "Current", "Type": "asset",
        "Category": "Bank", "Bank account": "Yes", "Status": "Archived",
    }  # fmt: skip

    read = upload(tmp_path, Accounts=[bank, *ACCOUNTS[1:]]).books(FINANCIALS)

    accounts = read[Dataset.ACCOUNTS]
    assert {
        "id": "1000", "code": "1000", "name": "Current", "description": None,
        "type": "asset", "category": "Bank", "currency": "EUR",
        "balance": Decimal(900), "is_bank_account": True, "status": "archived",
    } == accounts[0]  # fmt: skip
    assert [
        *("asset", "liability", "equity"),
        *("income", "expense", "expense", "income", "expense"),
    ] == [account["type"] for account in accounts]


def test_purchases_refer_to_the_accounts_that_are_listed(tmp_path: Path) -> None:
    """
    Where a bank asks for both, an account that a row names by code or name is the listed one.
    """
    expenses = [
        EXPENSE | {"Paid from": "account 1000", "Expense account": "6000"},
        EXPENSE | {"Expense ID": "E2", "Paid from": "Petty cash"},
    ]
    sheets = GOOD | LEDGER | {"Expenses": expenses}

    read = Upload(tmp_path, filled(sheets, BOTH)).books(BOTH)

    first, second = read[Dataset.EXPENSES]
    assert ("1000", "6000") == (first["account_id"], first["lines"][0]["account_id"])
    (petty,) = (row for row in read[Dataset.ACCOUNTS] if row["name"] == "Petty cash")
    assert second["account_id"] == petty["id"]
    assert "unknown" == petty["type"]


LARGEST = 9_999_999_999_999
MANY = range(101)
REFUSED: dict[str, tuple[Sheets, tuple[str, int | None, str | None], str]] = {
    "no rows": ({"Monthly Balances": []}, ("Monthly Balances", None, None), "No rows"),
    "an account twice": (
        {"Accounts": [*ACCOUNTS, ACCOUNTS[0]]},
        ("Accounts", 10, "Account code (A)"),
        "row 2",
    ),
    "a balance of no account": (
        {"Monthly Balances": [*BALANCES, balance("9/9", "2026-07", 1)]},
        ("Monthly Balances", 10, "Account code (A)"),
        "sheet Accounts",
    ),
    "a month twice": (
        {"Monthly Balances": [*BALANCES, BALANCES[0]]},
        ("Monthly Balances", 10, "Month (B)"),
        "Row 2",
    ),
    "another type": (
        {"Accounts": [*ACCOUNTS, {"Account code": 9, "Name": "N", "Type": "Debt"}]},
        ("Accounts", 10, "Type (C)"),
        "Asset, Liability",
    ),
    "too much": (
        {
            "Accounts": [
                {"Account code": n, "Name": "N", "Type": "Income"} for n in MANY
            ],
            "Monthly Balances": [balance(str(n), "2026-07", LARGEST) for n in MANY],
        },
        ("Monthly Balances", None, None),
        "2026-07 add up to too much",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    """
    Each mistake in the ledger gives one problem, at the cell to mend.
    """
    sheets, place, sentence = REFUSED[name]

    (told,) = Upload(tmp_path, filled(LEDGER | sheets, FINANCIALS)).problems(FINANCIALS)

    assert place == (told.sheet, told.row, told.column)
    assert sentence in told.message


def test_a_lost_chart_is_told_once(tmp_path: Path) -> None:
    """
    Without its codes no balance has an account; only the missing column is to blame.
    """
    sheets = {**LEDGER, "Accounts": [{"Name": "N"}, *ACCOUNTS]}

    problems = Upload(tmp_path, filled(sheets, FINANCIALS)).problems(FINANCIALS)

    assert [("Accounts", 2, "Account code (A)"), ("Accounts", 2, "Type (C)")] == [
        (each.sheet, each.row, each.column) for each in problems
    ]
