"""The figures a lender asks for, of one year and of the same months a year before."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from domain.datasets import Dataset
from domain.taxonomy import is_under
from reports.document import Kind
from reports.ledger.entries import Ledger
from reports.period import YEAR, earlier, months_between

Figure = Decimal | None
DECEMBER: Final = 12
_PRECISION: Final = Decimal("0.000001")
PROFIT: Final = Dataset.PROFIT_AND_LOSS
POSITION: Final = Dataset.BALANCE_SHEET


class Years(NamedTuple):
    """The months of the financial year to date, and the same ones a year before."""

    this: tuple[date, ...]
    last: tuple[date, ...]

    @classmethod
    def of(cls, ledger: Ledger) -> "Years":
        months = ledger.months()
        if not months:
            return cls((), ())
        end = year_end_of(ledger)
        start = earlier(months[-1], (months[-1].month - end - 1) % YEAR)
        return cls(
            months_between(start, months[-1]),
            months_between(earlier(start, YEAR), earlier(months[-1], YEAR)),
        )


def year_end_of(ledger: Ledger) -> int:
    """The month in which the financial year ends: December if the books don't say."""
    return ledger.books[0].info.row.get("year_end_month") or DECEMBER


class Figures:
    """
    What categories add up to over some months.

    Income and costs are summed up; what is owned and owed is taken at the end. A
    statement that is missing in any of the months gives no figure, not a zero.
    """

    def __init__(self, ledger: Ledger, months: tuple[date, ...]) -> None:
        ends = months[-1:]
        self._entries = [
            entry
            for entry in ledger.entries
            if entry.month in (months if entry.statement is PROFIT else ends)
        ]
        wanted = {PROFIT: months, POSITION: ends}
        self._has = {
            statement: bool(months) and set(some) <= set(ledger.months(statement))
            for statement, some in wanted.items()
        }

    def sum(self, *categories: str, among: Dataset) -> Figure:
        """Add up everything under some categories; None where there is no statement."""
        if not self._has[among]:
            return None
        return sum(
            (
                entry.shown
                for entry in self._entries
                if entry.statement is among
                and any(is_under(entry.category_id, each) for each in categories)
            ),
            Decimal(0),
        )

    def earned(self, *categories: str) -> Figure:
        return self.sum(*categories, among=PROFIT)

    def stood(self, *categories: str) -> Figure:
        return self.sum(*categories, among=POSITION)


def less(first: Figure, *others: Figure) -> Figure:
    """Take others off; None where any of them is missing."""
    if first is None or any(other is None for other in others):
        return None
    return first - sum((other for other in others if other is not None), Decimal(0))


def plus(*parts: Figure) -> Figure:
    return less(Decimal(0), less(Decimal(0), *parts))


def over(part: Figure, whole: Figure) -> Figure:
    """Divide; None where either is missing or there is nothing to divide by."""
    if part is None or not whole:
        return None
    return (part / whole).quantize(_PRECISION)


def _revenue(f: Figures) -> Figure:
    return f.earned("Income.Revenue", "Income.DiscountsReturnsAllowances")


def _gross(f: Figures) -> Figure:
    return less(_revenue(f), f.earned("Expense.CostOfSales"))


def _operating(f: Figures) -> Figure:
    return less(_gross(f), f.earned("Expense.Operating"))


def _net(f: Figures) -> Figure:
    return less(f.earned("Income"), f.earned("Expense"))


def _interest(f: Figures) -> Figure:
    return f.earned("Expense.NonOperating.Interest")


def _ebit(f: Figures) -> Figure:
    taxes = f.earned(
        "Expense.NonOperating.Taxes.CorporationTaxes",
        "Expense.NonOperating.Taxes.IncomeTaxes",
    )
    return plus(_net(f), _interest(f), taxes)


def _ebitda(f: Figures) -> Figure:
    worn = f.earned(
        "Expense.Operating.NonCash.Depreciation",
        "Expense.Operating.NonCash.Amortization",
        "Expense.Operating.NonCash.Depletion",
    )
    return plus(_ebit(f), worn)


def _current_assets(f: Figures) -> Figure:
    return f.stood("Asset.Current")


def _current_liabilities(f: Figures) -> Figure:
    return f.stood("Liability.Current")


def _debt(f: Figures) -> Figure:
    return f.stood("Liability.Current.Debt", "Liability.NonCurrent.Debt")


def _quick(f: Figures) -> Figure:
    slow = f.stood(
        "Asset.Current.Inventory", "Asset.Current.AccruedDeferredAssets.PrepaidExpenses"
    )
    return over(less(_current_assets(f), slow), _current_liabilities(f))


class Line(NamedTuple):
    """One figure: how it is called, what it is and how it is worked out."""

    title: str
    kind: Kind
    work_out: Callable[[Figures], Figure]


LINES: Final[Mapping[str, Line]] = {
    "revenue": Line("Revenue", Kind.MONEY, _revenue),
    "gross_profit": Line("Gross profit", Kind.MONEY, _gross),
    "operating_profit": Line("Operating profit", Kind.MONEY, _operating),
    "ebit": Line("EBIT", Kind.MONEY, _ebit),
    "ebitda": Line("EBITDA", Kind.MONEY, _ebitda),
    "net_profit": Line("Net profit", Kind.MONEY, _net),
    "cash": Line(
        "Cash",
        Kind.MONEY,
        lambda f: f.stood(
            "Asset.Current.Bank",
            "Asset.Current.CashEquivalents",
            "Asset.Current.UndepositedFunds",
        ),
    ),
    "debt": Line("Debt", Kind.MONEY, _debt),
    "equity": Line("Equity", Kind.MONEY, lambda f: f.stood("Equity")),
    "working_capital": Line(
        "Working capital",
        Kind.MONEY,
        lambda f: less(_current_assets(f), _current_liabilities(f)),
    ),
    "gross_margin": Line(
        "Gross margin", Kind.SHARE, lambda f: over(_gross(f), _revenue(f))
    ),
    "net_margin": Line(
        "Net margin", Kind.SHARE, lambda f: over(_net(f), f.earned("Income"))
    ),
    "equity_ratio": Line(
        "Equity ratio", Kind.SHARE, lambda f: over(f.stood("Equity"), f.stood("Asset"))
    ),
    "current_ratio": Line(
        "Current ratio",
        Kind.RATIO,
        lambda f: over(_current_assets(f), _current_liabilities(f)),
    ),
    "quick_ratio": Line("Quick ratio", Kind.RATIO, _quick),
    "debt_to_equity": Line(
        "Debt to equity", Kind.RATIO, lambda f: over(_debt(f), f.stood("Equity"))
    ),
    "interest_cover": Line(
        "Interest cover", Kind.RATIO, lambda f: over(_ebit(f), _interest(f))
    ),
}


def work_out(ledger: Ledger, months: tuple[date, ...]) -> Mapping[str, Figure]:
    """Every figure of a stretch of months."""
    figures = Figures(ledger, months)
    return {key: line.work_out(figures) for key, line in LINES.items()}


def by_month(ledger: Ledger, keys: Iterable[str]) -> list[tuple[date, list[Figure]]]:
    """Some figures of every month that has a profit and loss."""
    wanted = list(keys)
    return [
        (month, [LINES[key].work_out(Figures(ledger, (month,))) for key in wanted])
        for month in ledger.months(PROFIT)
    ]
