"""
What the documents add up to, by supplier, by payment method, by company or in all.

One set of measures for all of them, so that they can't disagree. A count or an
amount of nothing is 0; an average or a share of nothing is empty.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Final, NamedTuple

import polars as pl

from reports.books import MONEY
from reports.spend.facts import Spend
from reports.spend.methods import METHOD, Method

_LATE: Final = pl.col("settled_on") > pl.col("due_on")
_AMOUNT: Final = pl.col("amount")
_OWED: Final = pl.col("outstanding")
_TERMS: Final = (pl.col("due_on") - pl.col("issued_on")).dt.total_days()
_DAYS_LATE: Final = (pl.col("settled_on") - pl.col("due_on")).dt.total_days()
_SETTLEMENT: Final = (pl.col("settled_on") - pl.col("issued_on")).dt.total_days()


def _weighted(days: pl.Expr) -> pl.Expr:
    """Average days, weighted by bill amount; bills without amount don't count."""
    counted = days.is_not_null() & (_AMOUNT > 0)
    weighted = (_AMOUNT * days.cast(MONEY)).filter(counted).sum()
    return _ratio(weighted, _AMOUNT.filter(counted).sum())


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """One of the few figures that are no money: a float, empty where there is no whole."""
    divided = part.cast(pl.Float64) / whole.cast(pl.Float64)
    return pl.when(whole != 0).then(divided)


_BILLS: Final = (
    pl.len().alias("bills"),
    (_OWED > 0).sum().alias("bills_outstanding"),
    _AMOUNT.sum().alias("bills_amount"),
    _OWED.filter(_OWED > 0).sum().alias("bills_outstanding_amount"),
    _LATE.sum().alias("bills_late"),
    _AMOUNT.filter(_LATE).sum().alias("bills_late_amount"),
    pl.col("issued_on").max().alias("last_bill_on"),
    _weighted(_TERMS).alias("payment_terms"),
    _weighted(_SETTLEMENT).alias("settlement_period"),
)
_PAYMENTS: Final = (
    pl.len().alias("payments"),
    _AMOUNT.sum().alias("payments_amount"),
)
_EXPENSES: Final = (
    pl.len().alias("expenses"),
    _AMOUNT.sum().alias("expenses_amount"),
    pl.col("paid_on").max().alias("last_expense_on"),
)
_COUNTS: Final = ("bills", "bills_outstanding", "bills_late", "payments", "expenses")
_AMOUNTS: Final = (
    "bills_amount",
    "bills_outstanding_amount",
    "bills_late_amount",
    "payments_amount",
    "expenses_amount",
)


class Judged(NamedTuple):
    """The documents, each bill with a method, and what is most common by supplier."""

    spend: Spend
    bills: pl.DataFrame
    most_common: pl.DataFrame


def judge(spend: Spend) -> Judged:
    """
    Give every bill a method and every supplier its most common ones.

    A bill counts under the method that paid most of it; where nothing was paid yet,
    under its supplier's most common one.
    """
    most_common = _most_common(spend, "method", "inferred").join(
        _most_common(spend.only_recorded(), "recorded", "as_recorded"),
        on=["book", "supplier"],
        how="left",
    )
    expected = most_common.select("book", "supplier", "inferred")
    unknown = pl.lit(Method.UNKNOWN, METHOD)
    bills = spend.bills.join(
        expected, on=["book", "supplier"], how="left", maintain_order="left"
    ).with_columns(pl.coalesce("method", "inferred", unknown).alias("method"))
    return Judged(spend, bills.drop("inferred"), most_common)


def _most_common(spend: Spend, method: str, name: str) -> pl.DataFrame:
    """By number, then by amount, then in the order of the methods."""
    paid = pl.concat(
        frame.select("book", "supplier", "amount", pl.col(method).alias(name))
        for frame in (spend.payments, spend.expenses)
    )
    return (
        paid.group_by("book", "supplier", name)
        .agg(pl.len().alias("times"), pl.col("amount").sum())
        .sort(["times", "amount", name], descending=[True, True, False])
        .group_by("book", "supplier", maintain_order=True)
        .agg(pl.col(name).first())
    )


def measure(judged: Judged, by: Sequence[str]) -> pl.DataFrame:
    """Measure everything that the documents of each group add up to."""
    keys = list(by)
    measured = (
        judged.bills.group_by(keys).agg(_BILLS),
        judged.spend.payments.group_by(keys).agg(_PAYMENTS),
        judged.spend.expenses.group_by(keys).agg(_EXPENSES),
    )
    joined = reduce(
        lambda left, right: left.join(
            right, on=keys, how="full", coalesce=True, nulls_equal=True
        ),
        measured,
    )
    return (
        joined.with_columns(pl.col(_COUNTS).fill_null(0), pl.col(_AMOUNTS).fill_null(0))
        .with_columns(
            (pl.col("bills_amount") + pl.col("expenses_amount")).alias("spend")
        )
        .with_columns(
            _ratio(pl.col("bills_outstanding_amount"), pl.col("bills_amount")).alias(
                "bills_outstanding_share"
            ),
            _ratio(pl.col("bills_late_amount"), pl.col("bills_amount")).alias(
                "bills_late_share"
            ),
            _average(pl.col("payments_amount"), pl.col("payments")).alias(
                "payments_average"
            ),
        )
    )


def _average(amount: pl.Expr, count: pl.Expr) -> pl.Expr:
    return pl.when(count > 0).then(
        (amount / count.cast(MONEY)).round(2, mode="half_away_from_zero")
    )


def share_of(column: str, name: str) -> pl.Expr:
    """What part of its currency's total each row is."""
    return _ratio(pl.col(column), pl.col(column).sum().over("currency")).alias(name)


def common_terms(judged: Judged) -> pl.DataFrame:
    """The most frequent terms of each supplier; ties: highest amount, then fewest days."""
    return (
        judged.bills.with_columns(_TERMS.alias("common_terms"))
        .drop_nulls("common_terms")
        .group_by("book", "supplier", "common_terms")
        .agg(pl.len().alias("times"), _AMOUNT.sum())
        .sort(["times", "amount", "common_terms"], descending=[True, True, False])
        .group_by("book", "supplier", maintain_order=True)
        .agg(pl.col("common_terms").first())
    )


def by_month(judged: Judged) -> pl.DataFrame:
    """Spend of every month of the period, the empty ones too."""
    months = pl.DataFrame({"month": judged.spend.period.months}, {"month": pl.Date})
    currencies = pl.concat(
        frame.select(pl.col("currency").unique())
        for frame in (judged.bills, judged.spend.expenses)
    ).unique(maintain_order=True)
    spent = pl.concat(
        frame.select(
            "currency",
            pl.col(day).dt.month_start().alias("month"),
            _AMOUNT.alias("spend"),
        )
        for frame, day in (
            (judged.bills, "issued_on"),
            (judged.spend.expenses, "paid_on"),
        )
    )
    summed = spent.group_by("currency", "month").agg(pl.col("spend").sum())
    return (
        currencies.join(months, how="cross")
        .join(summed, on=["currency", "month"], how="left", maintain_order="left")
        .with_columns(pl.col("spend").fill_null(0))
    )


def weighted_lateness(judged: Judged, currency: str) -> float | None:
    """Days that late bills were paid after they were due, weighted by amount."""
    late = judged.bills.filter(_LATE, pl.col("currency").cast(pl.String) == currency)
    days: float | None = late.select(_weighted(_DAYS_LATE)).item()
    return days
