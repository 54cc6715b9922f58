"""Profit and loss, balance sheet and account balances, read off the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from sandbox.books import chart
from sandbox.books.chart import CHART, Account, account_id
from sandbox.books.ledger import Ledger
from sandbox.books.money import written
from sandbox.books.months import YEAR, label

Row = dict[str, Any]
Totals = Mapping[str, Mapping[str, int]]

# What each total of a statement adds up (+) and takes off (-), by section.
_GROSS: Final = {"Income": 1, "CostOfSales": -1}
_OPERATING: Final = _GROSS | {"Expenses": -1}
PROFIT_TOTALS: Final[Totals] = {
    "income": {"Income": 1},
    "cost_of_sales": {"CostOfSales": 1},
    "gross_profit": _GROSS,
    "expenses": {"Expenses": 1},
    "operating_profit": _OPERATING,
    "other_income": {"OtherIncome": 1},
    "other_expenses": {"OtherExpenses": 1},
    "net_profit": _OPERATING | {"OtherIncome": 1, "OtherExpenses": -1},
}
POSITION_TOTALS: Final[Totals] = {
    "assets": {"Assets": 1},
    "liabilities": {"Liabilities": 1},
    "equity": {"Equity": 1},
}


class Figure(NamedTuple):
    """What a statement says of one account, on the account's positive side."""

    account: Account
    amount: int


class Statements:
    """What the ledger means, month by month."""

    def __init__(self, ledger: Ledger, year_end_month: int, currency: str) -> None:
        self._ledger, self._year_end, self._currency = ledger, year_end_month, currency
        self._balances = ledger.balances()
        self._profits = {month: ledger.profit(month) for month in ledger.period.months}

    def profit_and_loss(self, month: int) -> Row:
        moved = self._ledger.movements[month]
        figures = [
            Figure(account, account.sign * moved[code])
            for code, account in CHART.items()
            if not account.is_position and moved[code]
        ]
        return self._statement(month, figures, PROFIT_TOTALS)

    def balance_sheet(self, month: int) -> Row:
        figures = [figure for figure in self._position(month) if figure.amount]
        return self._statement(month, figures, POSITION_TOTALS)

    def accounts(self) -> list[Row]:
        """The chart with what stands on each account now; results count from the start of the year."""
        last = self._ledger.period.last
        balances = {
            figure.account.code: figure.amount for figure in self._position(last)
        }
        return [
            {
                "id": account_id(code),
                "code": code,
                "name": account.name,
                "type": account.type,
                "category": account.category,
                "currency": self._currency,
                "is_bank_account": account.is_bank_account,
                "current_balance": written(
                    balances[code]
                    if account.is_position
                    else account.sign * self._moved_this_year(code, last)
                ),
                "status": account.status,
            }
            for code, account in CHART.items()
        ]

    def _position(self, month: int) -> Iterator[Figure]:
        """The balance sheet: profit moves from this year's earnings to the retained ones as years end."""
        standing = self._balances[month]
        earned = sum(self._profits[earlier] for earlier in self._this_year(month))
        all_earned = sum(self._profits[m] for m in self._until(month))
        special = {
            chart.RETAINED: -standing[chart.RETAINED] + all_earned - earned,
            chart.THIS_YEAR: earned,
        }
        for code, account in CHART.items():
            if account.is_position:
                usual = account.sign * standing[code]
                yield Figure(account, special.get(code, usual))

    def _moved_this_year(self, code: str, month: int) -> int:
        movements = self._ledger.movements
        return sum(movements[earlier][code] for earlier in self._this_year(month))

    def _until(self, month: int) -> range:
        return range(self._ledger.period.first, month + 1)

    def _this_year(self, month: int) -> range:
        months_into_it = (month - self._year_end) % YEAR
        return range(max(self._ledger.period.first, month - months_into_it), month + 1)

    def _statement(self, month: int, figures: list[Figure], totals: Totals) -> Row:
        sections = _by_section(figures)
        return {
            "month": label(month),
            "currency": self._currency,
            "lines": [
                {
                    "account_id": account_id(account.code),
                    "account_name": account.name,
                    "section": account.section,
                    "amount": written(amount),
                }
                for account, amount in figures
            ],
            "totals": {
                name: written(
                    sum(sign * sections[name] for name, sign in parts.items())
                )
                for name, parts in totals.items()
            },
        }


def _by_section(figures: Iterable[Figure]) -> defaultdict[str, int]:
    sections: defaultdict[str, int] = defaultdict(int)
    for account, amount in figures:
        sections[account.section] += amount
    return sections
