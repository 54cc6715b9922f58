"""Financials: the statements in categories, the figures a lender asks for, and checks."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

import polars as pl

from domain.datasets import Dataset
from domain.reports import REPORTS, ReportType
from domain.taxonomy import DEPTH
from reports.books import MONEY, Book
from reports.document import (
    Chart,
    ChartKind,
    Column,
    Document,
    Fact,
    Facts,
    Kind,
    Listing,
    Sheet,
    Table,
    Value,
    batches_of,
)
from reports.ledger.checks import check_table
from reports.ledger.entries import Entry, Ledger, ledgers
from reports.ledger.figures import LINES, Years, by_month, less, work_out
from reports.ledger.statements import TITLES, spaced, statement
from reports.period import last_day_of
from reports.request import BuildReports

COMPANY: Final = (
    Column("company_id", "Company id"),
    Column("company", "Company", width=28),
)
_TRENDS: Final = ("revenue", "net_profit")
_GROUPS: Final[Mapping[Kind, str]] = {
    Kind.MONEY: "Key figures",
    Kind.SHARE: "Margins",
    Kind.RATIO: "Ratios",
}


def build(books: tuple[Book, ...], request: BuildReports) -> Document:
    """Build the report; every base currency has statements of its own."""
    found = ledgers(books, request.confirmed, request.as_of.date())
    return Document(
        ReportType.FINANCIALS,
        REPORTS[ReportType.FINANCIALS].title,
        _subtitle(books, found),
        request.as_of,
        (
            _summary(found, request),
            *(
                Sheet(title, tuple(statement(ledger, kind) for ledger in found))
                for kind, title in TITLES.items()
            ),
            _accounts(found, with_company=request.consolidated),
            Sheet("Checks", (check_table(found),)),
        ),
    )


def _subtitle(books: tuple[Book, ...], found: Sequence[Ledger]) -> str:
    currencies = " and ".join(ledger.currency or "?" for ledger in found)
    months = sorted({month for ledger in found for month in ledger.months()})
    period = _written(tuple(months)) if months else "no statements"
    return f"{books[0].info.name} · {period} · {currencies}"


def _written(months: Sequence[date]) -> str:
    return f"{months[0]:%b %Y} to {months[-1]:%b %Y}" if months else ""


def _summary(found: Sequence[Ledger], request: BuildReports) -> Sheet:
    blocks: list[Facts | Table] = []
    charts: list[Chart] = []
    for ledger in found:
        years = Years.of(ledger)
        blocks += [_about(ledger, years, request), *_figures(ledger, years)]
        trend = _trend(ledger)
        blocks.append(trend)
        if trend.rows:
            title = f"Revenue and net profit by month{_ending(ledger)}"
            rows = range(len(trend.rows))
            charts.append(
                Chart(title, ChartKind.COLUMN, trend.key, "month", _TRENDS, rows)
            )
    return Sheet("Summary", tuple(blocks), tuple(charts))


def _ending(ledger: Ledger) -> str:
    return f" ({ledger.currency})" if ledger.currency else ""


def _key(name: str, ledger: Ledger) -> str:
    return f"{name}_{ledger.currency}" if ledger.currency else name


def _about(ledger: Ledger, years: Years, request: BuildReports) -> Facts:
    names = ", ".join(book.info.name for book in ledger.books)
    facts = (
        Fact("company", "Company", names),
        Fact("period", "Financial year to date", _written(years.this) or None),
        Fact("compared", "Compared with", _written(years.last) or None),
        Fact("currency", "Base currency", ledger.currency or "not recorded"),
        Fact("basis", "Basis", "as recorded in the accounting software"),
        Fact("fetched_at", "Fetched", f"{request.as_of:%Y-%m-%d %H:%M} UTC"),
    )
    return Facts(_key("summary", ledger), "Financials" + _ending(ledger), facts)


def _figures(ledger: Ledger, years: Years) -> list[Table]:
    """This year against last, in a table for each kind of figure."""
    this, last = work_out(ledger, years.this), work_out(ledger, years.last)
    return [
        Table(
            _key(kind, ledger),
            title + _ending(ledger),
            (
                Column("figure", "Figure", width=36),
                Column("this_year", "This year", kind),
                Column("last_year", "Last year", kind),
                Column("change", "Change", kind),
            ),
            [
                {
                    "figure": line.title,
                    "this_year": this[key],
                    "last_year": last[key],
                    "change": less(this[key], last[key]),
                }
                for key, line in LINES.items()
                if line.kind is kind
            ],
        )
        for kind, title in _GROUPS.items()
    ]


def _trend(ledger: Ledger) -> Table:
    rows: list[dict[str, Value]] = [
        {"month": month, **dict(zip(_TRENDS, figures, strict=True))}
        for month, figures in by_month(ledger, _TRENDS)
    ]
    columns = (
        Column("month", "Month", Kind.MONTH),
        *(Column(key, LINES[key].title, Kind.MONEY) for key in _TRENDS),
    )
    return Table(_key("months", ledger), f"By month{_ending(ledger)}", columns, rows)


_ACCOUNT: Final = (
    Column("date", "Date", Kind.DATE),
    Column("account_id", "Account id"),
    Column("account", "Account", width=36),
    Column("statement", "Statement", width=16),
    Column("currency", "Currency", width=10),
    Column("balance", "Balance", Kind.MONEY),
    *(
        Column(f"level{number}", f"Category level {number}", width=22)
        for number in range(1, DEPTH + 1)
    ),
    Column("confidence", "Confidence (0 to 100)", Kind.INTEGER),
    Column("status", "Status", width=14),
)
_TYPES: Final = {
    Kind.TEXT: pl.String(),
    Kind.DATE: pl.Date(),
    Kind.MONEY: MONEY,
    Kind.INTEGER: pl.Int64(),
}


def _accounts(found: Sequence[Ledger], *, with_company: bool) -> Sheet:
    columns = (*(COMPANY if with_company else ()), *_ACCOUNT)
    schema = {column.key: _TYPES[column.kind] for column in columns}
    rows = [
        {key: row[key] for key in schema}
        for ledger in found
        for entry in sorted(ledger.entries, key=lambda each: each.month)
        for row in [_account(entry, ledger)]
    ]
    frame = pl.DataFrame(rows, schema, orient="row")
    batches = partial(batches_of, frame)
    listing = Listing("accounts", "Accounts", columns, frame.height, batches)
    return Sheet("Accounts", listing=listing)


def _account(entry: Entry, ledger: Ledger) -> dict[str, Value]:
    levels = [spaced(name) for name in entry.category_id.split(".")]
    return {
        "company_id": entry.book.company_id,
        "company": entry.book.info.name,
        "date": last_day_of(entry.month),
        "account_id": entry.account_id,
        "account": entry.name,
        "statement": TITLES[Dataset(entry.statement)],
        "currency": ledger.currency or None,
        "balance": entry.shown,
        **{
            f"level{number}": levels[number - 1] if number <= len(levels) else None
            for number in range(1, DEPTH + 1)
        },
        "confidence": entry.confidence,
        "status": entry.status.value,
    }
