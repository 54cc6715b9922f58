"""Statements of a small company, month by month, as tests want them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from domain.datasets import Dataset, Row
from tests.reports.given import account

CHART: Final = [
    account("sales", "Sales", "income"),
    account("goods", "Purchases of goods for resale", "expense", category="Cost of sales"),
    account("wages", "Wages and salaries", "expense"),
    account("interest", "Loan interest paid", "expense"),
    account("bank", "Current account", is_bank_account=True, category="Bank"),
    account("stock", "Inventory", category="Inventory"),
    account("creditors", "Trade creditors", "liability", category="Accounts payable"),
    account("loan", "Bank loan", "liability", category="Long-term loan"),
    account("shares", "Share capital", "equity"),
    account("earned", "Current year earnings", "equity"),
]  # fmt: skip
SECTIONS: Final[Mapping[str, str]] = {
    "sales": "income",
    "goods": "cost_of_sales",
    "wages": "expenses",
    "interest": "other_expenses",
    "bank": "assets",
    "stock": "assets",
    "creditors": "liabilities",
    "loan": "liabilities",
    "shares": "equity",
    "earned": "equity",
}
NAMES: Final = {row["id"]: row["name"] for row in CHART}


def line(account_id: str, amount: str | int) -> Row:
    return {
        "section": SECTIONS[account_id],
        "account_id": account_id,
        "account_name": NAMES[account_id],
        "amount": Decimal(amount),
    }


def profit_and_loss(month: str, *lines: Row, **printed: Any) -> Row:
    totals = dict.fromkeys(
        (
            "income",
            "cost_of_sales",
            "gross_profit",
            "expenses",
            "operating_profit",
            "other_income",
            "other_expenses",
            "net_profit",
        )
    )
    return {
        "month": month,
        "currency": "GBP",
        "lines": list(lines),
        **totals,
        **printed,
    }


def balance_sheet(month: str, *lines: Row, **printed: Any) -> Row:
    totals = dict.fromkeys(("assets", "liabilities", "equity"))
    return {
        "month": month,
        "currency": "GBP",
        "lines": list(lines),
        **totals,
        **printed,
    }


def books(profits: list[Row], positions: list[Row]) -> dict[Dataset, list[Row]]:
    return {
        Dataset.ACCOUNTS: CHART,
        Dataset.PROFIT_AND_LOSS: profits,
        Dataset.BALANCE_SHEET: positions,
    }
