"""Profit and loss and balance sheets, month by month, from the Monthly Balances."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from domain.datasets import BalanceSheet, ProfitAndLoss, Section, StatementLine
from providers.workbook.chart import NOTHING, Chart
from providers.workbook.columns import ACCOUNTS, MONTHLY_BALANCES
from providers.workbook.money import is_too_large
from providers.workbook.tables import Record, Tables

DECEMBER: Final = 12

_Signs = Mapping[Section, int]

# What each total adds up (+) and takes off (-), by section.
_GROSS: Final[_Signs] = {"income": 1, "cost_of_sales": -1}
_OPERATING: Final[_Signs] = {**_GROSS, "expenses": -1}
PROFIT_TOTALS: Final[Mapping[str, _Signs]] = {
    "income": {"income": 1},
    "cost_of_sales": {"cost_of_sales": 1},
    "gross_profit": _GROSS,
    "expenses": {"expenses": 1},
    "operating_profit": _OPERATING,
    "other_income": {"other_income": 1},
    "other_expenses": {"other_expenses": 1},
    "net_profit": {**_OPERATING, "other_income": 1, "other_expenses": -1},
}
POSITION_TOTALS: Final[Mapping[str, _Signs]] = {
    "assets": {"assets": 1},
    "liabilities": {"liabilities": 1},
    "equity": {"equity": 1},
}


class Statements:
    """
    The figures of all months.

    `year_end` is the month in which the company's year ends: what results stand at
    is counted from the month after.
    """

    def __init__(self, tables: Tables, chart: Chart, base: str, year_end: int) -> None:
        self._chart, self._base, self._year_end = chart, base, year_end
        self._table = tables[MONTHLY_BALANCES]
        self._has_accounts = tables[ACCOUNTS].is_whole
        self._figures: dict[str, dict[str, Decimal]] = {}

    def read(self) -> None:
        """Gather the rows of the sheet; call once the accounts are read."""
        rows: dict[tuple[str, str], int] = {}
        for record in self._table.records():
            if self._is_known(record) and record.is_sound:
                key = (record["month"], record["account_id"])
                if key in rows:
                    record.complain(
                        "month", f"Row {rows[key]} has this account and month, too."
                    )
                rows.setdefault(key, record.row)
                self._figures.setdefault(key[0], {})[key[1]] = record["amount"]
        self._settle()

    def profits(self) -> Iterator[ProfitAndLoss]:
        yield from self._statements(ProfitAndLoss, PROFIT_TOTALS)

    def positions(self) -> Iterator[BalanceSheet]:
        yield from self._statements(BalanceSheet, POSITION_TOTALS)

    def _is_known(self, record: Record) -> bool:
        key = record["account_id"]
        if key is None or self._chart.section(key) is not None:
            return True
        if self._has_accounts:
            record.complain("account_id", "No such code on the sheet Accounts.")
        return False

    def _statements(
        self, shape: type[Any], totals: Mapping[str, _Signs]
    ) -> Iterator[Any]:
        for month, figures in sorted(self._figures.items()):
            lines = [line for line in self._lines(figures) if line["section"] in totals]
            if lines:
                sums = {name: _sum(lines, signs) for name, signs in totals.items()}
                if any(map(is_too_large, sums.values())):
                    self._table.complain(f"The amounts of {month} add up to too much.")
                yield shape(month=month, currency=self._base, lines=lines, **sums)

    def _lines(self, figures: Mapping[str, Decimal]) -> Iterator[StatementLine]:
        for key, amount in figures.items():
            section = self._chart.section(key)
            if section is not None:
                yield StatementLine(
                    section=section,
                    account_id=key,
                    account_name=self._chart.name(key),
                    amount=amount,
                )

    def _settle(self) -> None:
        """Note each account's balance: the last one, or this year's so far."""
        months = sorted(self._figures)
        year = [
            month for month in months if self._year(month) == self._year(months[-1])
        ]
        balances: dict[str, Decimal] = {}
        for month in months:
            for key, amount in self._figures[month].items():
                if self._chart.section(key) in POSITION_TOTALS:
                    balances[key] = amount
                elif month in year:
                    balances[key] = balances.get(key, NOTHING) + amount
        for key, balance in balances.items():
            self._chart.settle(key, balance)

    def _year(self, month: str) -> int:
        """Name a month's financial year by the calendar year that it ends in."""
        year, number = map(int, month.split("-"))
        return year if number <= self._year_end else year + 1


def _sum(lines: Iterable[StatementLine], signs: _Signs) -> Decimal:
    return sum(
        (signs.get(line["section"], 0) * line["amount"] for line in lines), NOTHING
    )
