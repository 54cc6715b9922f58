"""Spend summary: one page for a meeting, with what could move to cards and why."""

import csv
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from domain.reports import REPORTS, ReportType
from reports.books import Book
from reports.document import (
    Chart,
    ChartKind,
    Column,
    Document,
    Fact,
    Facts,
    Kind,
    Sheet,
    Table,
    Value,
)
from reports.period import Period
from reports.request import BuildReports
from reports.spend.facts import gather
from reports.spend.methods import METHODS, Group, Method
from reports.spend.sums import Judged, judge, measure, weighted_lateness
from reports.spend.tables import currencies, month_table, supplier_rows

BEST: Final = 10
MANY_PAYMENTS: Final = 6
TOLD: Final = 2
_NO_CARDS: Final = Path(__file__).parent / "spend" / "no_cards.csv"
_NON_CARD: Final = [
    key for key, each in METHODS.items() if each.group is Group.NON_CARD
]
_CARD: Final = [key for key, each in METHODS.items() if each.group is Group.CARD]
ZERO: Final = Decimal(0)

Row = Mapping[str, Any]


class Reason(NamedTuple):
    """Why a supplier is worth a call: the first two that hold are told."""

    holds: Callable[[Row], bool]
    tell: Callable[[Row], str]


REASONS: Final = (
    Reason(
        lambda row: row["took_credit_card"] == "Yes",
        lambda row: "took a credit card in the last 12 months",
    ),
    Reason(
        lambda row: row["inferred"] == METHODS[Method.CHECK].title,
        lambda row: "paid by check, the most work",
    ),
    Reason(
        lambda row: row["payments"] >= MANY_PAYMENTS,
        lambda row: f"{row['payments']} payments to save work on",
    ),
    Reason(
        lambda row: (row["bills_late"] or 0) * 2 > row["bills"] > 0,
        lambda row: f"{row['bills_late']} of {row['bills']} bills paid late",
    ),
)


def build(books: tuple[Book, ...], request: BuildReports) -> Document:
    """Build the summary: one page, or one for each base currency."""
    period = Period.before(request.as_of, request.months)
    judged = judge(gather(books, period))
    suppliers = _candidates(judged)
    return Document(
        ReportType.SPEND_SUMMARY,
        REPORTS[ReportType.SPEND_SUMMARY].title,
        f"{books[0].info.name} · {period.start} to {period.end}",
        request.as_of,
        tuple(_page(judged, suppliers, each) for each in currencies(judged)),
    )


def _candidates(judged: Judged) -> pl.DataFrame:
    """Every supplier with what it is paid by card and by other known methods."""
    keys = ["book", "currency", "supplier"]
    by_method = measure(judged, [*keys, "method"])
    spent = by_method.group_by(keys).agg(
        pl.col("spend").filter(pl.col("method").is_in(_CARD)).sum().alias("on_card"),
        pl.col("spend")
        .filter(pl.col("method").is_in(_NON_CARD))
        .sum()
        .alias("off_card"),
    )
    could = ~pl.col("name").str.contains(_never_by_card()) & (pl.col("off_card") > 0)
    return (
        supplier_rows(judged)
        .join(spent, on=keys, how="left", maintain_order="left")
        .with_columns(could.alias("could"), pl.col("currency").cast(pl.String))
    )


@cache
def _never_by_card() -> str:
    """Whom nobody pays by card: words in names, kept in `spend/no_cards.csv`."""
    with _NO_CARDS.open(encoding="utf-8", newline="") as file:
        words = [re.escape(line["words"]) for line in csv.DictReader(file)]
    return rf"(?i)\b({'|'.join(words)})\b"


def _page(judged: Judged, suppliers: pl.DataFrame, currency: str) -> Sheet:
    own = suppliers.filter(pl.col("currency") == currency)
    methods, months = _methods(judged, currency), month_table(judged, currency)
    ending = f" ({currency})" if currency else ""
    return Sheet(
        f"Spend summary{ending}",
        (_headlines(judged, own, currency), methods, months, _best(own, currency)),
        (
            Chart(
                "Spend by payment method",
                ChartKind.BAR,
                methods.key,
                "method",
                ("spend",),
                range(len(methods.rows)),
            ),
            Chart(
                "Spend by month",
                ChartKind.COLUMN,
                months.key,
                "month",
                ("spend",),
                range(len(months.rows)),
            ),
        ),
    )


def _key(name: str, currency: str) -> str:
    return f"{name}_{currency}" if currency else name


def _headlines(judged: Judged, own: pl.DataFrame, currency: str) -> Facts:
    spend, on_card = _sum(own, "spend"), _sum(own, "on_card")
    could = own.filter("could")
    chance = _sum(could, "off_card")
    measured = measure(judged, ["currency"]).filter(
        pl.col("currency").cast(pl.String) == currency
    )
    late: dict[str, Any] = next(iter(measured.to_dicts()), {})
    days = weighted_lateness(judged, currency)
    return Facts(
        _key("summary", currency),
        "At a glance",
        (
            Fact("spend", "Total spend", spend, Kind.MONEY),
            Fact("on_card", "Already on card", on_card, Kind.MONEY),
            Fact("on_card_share", "Share on card", _part(on_card, spend), Kind.SHARE),
            Fact("opportunity", "Card conversion opportunity", chance, Kind.MONEY),
            Fact(
                "opportunity_share", "Share of spend", _part(chance, spend), Kind.SHARE
            ),
            Fact(
                "opportunity_suppliers",
                "Suppliers that could take a card",
                could.height,
                Kind.INTEGER,
            ),
            Fact(
                "late_share",
                "Bills paid late (by amount)",
                late.get("bills_late_share"),
                Kind.SHARE,
            ),
            Fact("days_late", "Days late on average", days, Kind.DAYS),
        ),
    )


def _sum(frame: pl.DataFrame, column: str) -> Decimal:
    return sum(frame.get_column(column), ZERO)


def _part(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None


_METHODS: Final = (
    Column("method", "Payment method", width=20),
    Column("spend", "Total spend", Kind.MONEY),
)


def _methods(judged: Judged, currency: str) -> Table:
    measured = measure(judged, ["currency", "method"]).filter(
        pl.col("currency").cast(pl.String) == currency
    )
    spent = dict(measured.select(pl.col("method").cast(pl.String), "spend").iter_rows())
    rows: list[dict[str, Value]] = [
        {"method": shown.title, "spend": spent.get(method, ZERO)}
        for method, shown in METHODS.items()
    ]
    return Table(_key("methods", currency), "Spend by payment method", _METHODS, rows)


_BEST: Final = (
    Column("name", "Supplier", width=32),
    Column("off_card", "Spend not on card", Kind.MONEY),
    Column("inferred", "Paid by", width=16),
    Column("settlement_period", "Days to pay", Kind.DAYS),
    Column("why", "Why", width=48),
)


def _best(own: pl.DataFrame, currency: str) -> Table:
    """Those that took a card before first, then by what could move."""
    best = own.filter("could").sort(
        ["took_credit_card", "off_card", "name", "supplier_id"],
        descending=[True, True, False, False],
    )
    rows: list[dict[str, Value]] = [
        {**{column.key: row.get(column.key) for column in _BEST}, "why": _why(row)}
        for row in best.head(BEST).to_dicts()
    ]
    title = "Best suppliers to approach"
    return Table(_key("candidates", currency), title, _BEST, rows)


def _why(row: Row) -> str:
    reasons = [reason.tell(row) for reason in REASONS if reason.holds(row)]
    usual = f"mostly paid by {row['inferred'].lower()}"
    return "; ".join(reasons[:TOLD] or [usual]).capitalize()
