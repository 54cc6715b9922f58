"""Every line of the statements with its category: what all of the financials are made of."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

import polars as pl

from domain.datasets import Dataset, Row
from domain.taxonomy import category, is_under
from reports.accounts import Confirmed, Judgement, Status, sections_of
from reports.books import Book
from reports.categories import AccountFacts
from reports.period import earlier, first_of

MOST_MONTHS: Final = 24

# What a section adds to profit, or to assets less liabilities less equity, and where
# its lines belong when nothing better is known.
SECTIONS: Final[Mapping[str, tuple[int, str]]] = {
    "income": (1, "Income.Revenue"),
    "other_income": (1, "Income.NonOperating"),
    "cost_of_sales": (-1, "Expense.CostOfSales"),
    "expenses": (-1, "Expense.Operating"),
    "other_expenses": (-1, "Expense.NonOperating"),
    "assets": (1, "Asset"),
    "liabilities": (-1, "Liability"),
    "equity": (-1, "Equity"),
}
ROOTS: Final[Mapping[Dataset, Mapping[str, int]]] = {
    Dataset.PROFIT_AND_LOSS: {"Income": 1, "Expense": -1},
    Dataset.BALANCE_SHEET: {"Asset": 1, "Liability": -1, "Equity": -1},
}
SIGNS: Final = {root: sign for roots in ROOTS.values() for root, sign in roots.items()}


class Entry(NamedTuple):
    """
    What one account did in a month, or stood at when it ended.

    `signed` is what it adds to profit, or to assets less liabilities less equity.
    """

    book: Book
    statement: Dataset
    section: str
    month: date
    account_id: str | None
    name: str
    category_id: str
    confidence: int | None
    status: Status
    signed: Decimal

    @property
    def root(self) -> str:
        return self.category_id.partition(".")[0]

    @property
    def shown(self) -> Decimal:
        """The amount on the positive side of its category."""
        return SIGNS[self.root] * self.signed


class Printed(NamedTuple):
    """The totals that the software itself prints for a month, by their names."""

    book: Book
    statement: Dataset
    month: date
    totals: Mapping[str, Decimal | None]


class Ledger(NamedTuple):
    """The statements of books that share a base currency, oldest month first."""

    currency: str
    books: tuple[Book, ...]
    entries: tuple[Entry, ...]
    printed: tuple[Printed, ...]

    def months(self, statement: Dataset | None = None) -> tuple[date, ...]:
        """The months for which there are statements."""
        wanted = (statement,) if statement else tuple(ROOTS)
        found = {each.month for each in self.printed if each.statement in wanted}
        return tuple(sorted(found))

    def of(self, statement: Dataset) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.statement is statement)


def ledgers(
    books: tuple[Book, ...], confirmed: Confirmed, as_of: date
) -> tuple[Ledger, ...]:
    """One ledger for each base currency: amounts of two never meet."""
    by_currency: dict[str, list[Book]] = {}
    for book in books:
        by_currency.setdefault(book.info.currency, []).append(book)
    return tuple(
        _ledger(currency, tuple(members), confirmed, as_of)
        for currency, members in by_currency.items()
    )


def _ledger(
    currency: str, books: tuple[Book, ...], confirmed: Confirmed, as_of: date
) -> Ledger:
    entries: list[Entry] = []
    printed: list[Printed] = []
    for book in books:
        judges = Judges(book, confirmed.get(book.company_id, {}))
        for statement in ROOTS:
            for row in _rows(book, statement, as_of):
                month = _month(row)
                totals = {k: v for k, v in row.items() if k not in _NO_TOTALS}
                printed.append(Printed(book, statement, month, totals))
                entries += [
                    judges.entry(statement, month, line) for line in row["lines"]
                ]
    printed.sort(key=lambda each: each.month)
    return Ledger(currency, books, tuple(entries), tuple(printed))


_NO_TOTALS: Final = frozenset({"month", "currency", "lines"})


def _month(row: Row) -> date:
    return date.fromisoformat(f"{row['month']}-01")


def _rows(book: Book, statement: Dataset, as_of: date) -> list[Row]:
    """The statements of the last two years before `as_of`, one a month."""
    last = first_of(as_of)
    months = (earlier(last, MOST_MONTHS), last)
    plan = book.scan(statement).unique("month", keep="last", maintain_order=True)
    first, final = (f"{month:%Y-%m}" for month in months)
    wanted = plan.filter(pl.col("month").is_between(pl.lit(first), pl.lit(final)))
    return list(wanted.sort("month").tail(MOST_MONTHS).collect().iter_rows(named=True))


class Judges:
    """Says what each account of one book counts as; asks once for each."""

    def __init__(self, book: Book, confirmed: Mapping[str, str]) -> None:
        self._book, self._confirmed = book, confirmed
        self._sections = sections_of(book)
        accounts = book.frame(Dataset.ACCOUNTS).iter_rows(named=True)
        self._accounts = {row["id"]: row for row in accounts}
        self._known: dict[tuple[str | None, str, str, bool], Judgement] = {}

    def entry(self, statement: Dataset, month: date, line: Row) -> Entry:
        """Judge a line by the account as it stood then: an overdrawn bank is a debt."""
        sign, default = SECTIONS[line["section"]]
        judgement = self._judge(line)
        chosen = _fitting(judgement.category_id, statement, default)
        is_sure = (
            judgement.status is Status.SUGGESTED and chosen == judgement.category_id
        )
        return Entry(
            self._book,
            statement,
            line["section"],
            month,
            line["account_id"],
            line["account_name"],
            chosen,
            judgement.suggestion.confidence if is_sure else None,
            judgement.status,
            sign * line["amount"],
        )

    def _judge(self, line: Row) -> Judgement:
        account_id, name, section = (
            line["account_id"],
            line["account_name"],
            line["section"],
        )
        key = (account_id, name, section, line["amount"] < 0)
        if key not in self._known:
            self._known[key] = Judgement.of(
                self._facts(line), self._confirmed.get(account_id or "")
            )
        return self._known[key]

    def _facts(self, line: Row) -> AccountFacts:
        account = self._accounts.get(line["account_id"])
        if account is None:  # deleted at the source, or computed by the software
            return AccountFacts(
                id=line["account_id"] or "",
                name=line["account_name"],
                currency=self._book.info.currency,
                balance=line["amount"],
                sections=frozenset({line["section"]}),
            )
        facts = AccountFacts.of(account, self._sections.get(account["id"], ()))
        return facts._replace(balance=line["amount"])


def _fitting(category_id: str | None, statement: Dataset, default: str) -> str:
    """Take the category if it belongs on the statement and is finer than the section."""
    if category_id is None:
        return default
    root = category_id.partition(".")[0]
    if root not in ROOTS[statement]:
        return default
    is_coarser = is_under(default, category_id) and default != category_id
    return default if is_coarser else category(category_id).id
