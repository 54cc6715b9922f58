"""Measured spend laid out: by payment method, by supplier, by company and by month."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import polars as pl

from reports.document import (
    Column,
    Kind,
    Listing,
    Look,
    Table,
    Value,
    Weight,
    batches_of,
)
from reports.spend import columns
from reports.spend.listings import COMPANY
from reports.spend.methods import METHODS, Group, Method
from reports.spend.sums import Judged, by_month, common_terms, measure, share_of
from reports.spend.suppliers import with_details

OVERALL: Final = "Overall"
TOP: Final = 10
_TITLES: Final[Mapping[str, str]] = {key: shown.title for key, shown in METHODS.items()}
_SHARES: Final = {
    "suppliers": "suppliers_share",
    "bills": "bills_share",
    "bills_amount": "bills_amount_share",
    "expenses": "expenses_share",
    "expenses_amount": "expenses_amount_share",
}
_GROUPS: Final[Mapping[str, str]] = {key: shown.group for key, shown in METHODS.items()}
_SUPPLIER: Final = ("book", "currency", "supplier")

Rows = list[dict[str, Value]]


def supplier_rows(judged: Judged) -> pl.DataFrame:
    """Everything about every supplier with a document in the period, largest spend first."""
    keys = ["book", "supplier"]
    unknown = METHODS[Method.UNKNOWN].title
    measured = (
        measure(judged, _SUPPLIER)
        .join(judged.most_common, on=keys, how="left")
        .join(common_terms(judged), on=keys, how="left")
        .join(judged.spend.first_seen, on=keys, how="left")
        .join(judged.spend.card_takers, on=keys, how="left")
        .with_columns(
            pl.col("took_credit_card").fill_null("No"),
            _titled("as_recorded", unknown),
            _titled("inferred", unknown),
        )
    )
    named = with_details(measured, judged.spend)
    return named.sort(
        [pl.col("currency").cast(pl.String), "spend", "name", "supplier_id", "book"],
        descending=[False, True, False, False, False],
    )


def _titled(column: str, otherwise: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).replace(_TITLES).fill_null(otherwise)


def supplier_listing(
    judged: Judged, suppliers: pl.DataFrame, *, with_company: bool
) -> Listing:
    """One row a supplier; `suppliers` are those at or above the threshold."""
    shown = (*(COMPANY if with_company else ()), *columns.SUPPLIER)
    owners = pl.DataFrame(
        {
            "book": [book.number for book in judged.spend.books],
            "company_id": [book.company_id for book in judged.spend.books],
            "company": [book.info.name for book in judged.spend.books],
        },
        {"book": pl.UInt16, "company_id": pl.String, "company": pl.String},
    )
    frame = (
        suppliers.join(owners, on="book", how="left", maintain_order="left")
        .with_columns(pl.col("currency").cast(pl.String))
        .select(column.key for column in shown)
    )
    batches = partial(batches_of, frame)
    return Listing("suppliers", "Supplier Analysis", shown, frame.height, batches)


def method_table(judged: Judged, suppliers: pl.DataFrame) -> Table:
    """One row a payment method, with its groups and everything overall, by currency."""
    by_method = _with_shares(_by(judged, suppliers, {key: key for key in METHODS}))
    by_group = _with_shares(_by(judged, suppliers, _GROUPS))
    overall = _with_shares(_by(judged, suppliers, dict.fromkeys(METHODS, OVERALL)))
    rows: Rows = []
    looks: list[Look] = []
    for currency in currencies(judged):
        rows += [_row(by_method, currency, key) for key in METHODS]
        rows += [_row(by_group, currency, group) for group in Group]
        looks += [*[Look()] * len(METHODS), *[Look(Weight.SUBTOTAL)] * len(Group)]
        rows.append(_row(overall, currency, OVERALL))
        looks.append(Look(Weight.TOTAL))
    return Table(
        "methods", "Spend by payment method", columns.METHOD, rows, tuple(looks)
    )


def currencies(judged: Judged) -> list[str]:
    """The base currencies, in the order of the companies; amounts of two never meet."""
    return list(dict.fromkeys(book.info.currency for book in judged.spend.books))


def _by(
    judged: Judged, suppliers: pl.DataFrame, groups: Mapping[str, str]
) -> pl.DataFrame:
    """Measure with methods put together; a supplier counts under its most common one."""
    names = pl.Enum(list(dict.fromkeys(str(group) for group in groups.values())))
    grouped = pl.col("method").replace_strict(
        {str(method): str(group) for method, group in groups.items()},
        return_dtype=names,
    )
    spend = judged.spend
    renamed = judged._replace(
        bills=judged.bills.with_columns(grouped),
        spend=spend._replace(
            payments=spend.payments.with_columns(grouped),
            expenses=spend.expenses.with_columns(grouped),
        ),
    )
    by_title = {_TITLES[key]: str(group) for key, group in groups.items()}
    counted = suppliers.group_by(
        "currency",
        pl.col("inferred").replace_strict(by_title, return_dtype=names).alias("method"),
    ).agg(pl.len().alias("suppliers"))
    return measure(renamed, ["currency", "method"]).join(
        counted, on=["currency", "method"], how="full", coalesce=True
    )


def _with_shares(measured: pl.DataFrame) -> pl.DataFrame:
    shares = [share_of(column, name) for column, name in _SHARES.items()]
    counted = pl.col("suppliers").fill_null(0)
    return measured.with_columns(counted).with_columns(shares)


def _row(measured: pl.DataFrame, currency: str, method: str) -> dict[str, Value]:
    """Return the row of a method or a group, of zeros where nothing was paid that way."""
    found = measured.filter(
        pl.col("currency").cast(pl.String) == currency,
        pl.col("method").cast(pl.String) == method,
    )
    row: dict[str, Any] = next(iter(found.to_dicts()), {})
    plain = {column.key: row.get(column.key) for column in columns.METHOD}
    zeros = {
        column.key: 0
        for column in columns.METHOD
        if column.kind in (Kind.INTEGER, Kind.MONEY)
        and column.key != "payments_average"
        and plain[column.key] is None
    }
    named = {"currency": currency, "group": _GROUPS.get(method, method)}
    title = _TITLES.get(method, method if method == OVERALL else f"{method} total")
    return {**plain, **zeros, **named, "method": title}


_MONTHS: Final = (
    Column("month", "Month", Kind.MONTH),
    columns.CURRENCY,
    Column("spend", "Total spend", Kind.MONEY),
)
_TOP: Final = (
    Column("name", "Supplier", width=32),
    columns.CURRENCY,
    Column("spend", "Total spend", Kind.MONEY),
)


def month_table(judged: Judged, currency: str | None = None) -> Table:
    """Spend of each month, of one currency or all; the last month may not be over."""
    rows = by_month(judged).with_columns(pl.col("currency").cast(pl.String))
    if currency is not None:
        rows = rows.filter(pl.col("currency") == currency)
    key = f"months_{currency}" if currency else "months"
    return Table(key, "Spend by month", _MONTHS, _plain(rows, _MONTHS))


def top_table(suppliers: pl.DataFrame) -> Table:
    """The suppliers with the largest spend, in each currency."""
    largest = suppliers.with_columns(pl.col("currency").cast(pl.String)).filter(
        pl.int_range(pl.len()).over("currency") < TOP
    )
    return Table("top_suppliers", "Largest suppliers", _TOP, _plain(largest, _TOP))


def _plain(frame: pl.DataFrame, shown: Sequence[Column]) -> Rows:
    return frame.select(column.key for column in shown).to_dicts()


_ENTITIES: Final = (
    *COMPANY,
    columns.CURRENCY,
    Column("bills_amount", "Bills amount", Kind.MONEY),
    Column("expenses_amount", "Expenses amount", Kind.MONEY),
    Column("spend", "Total spend", Kind.MONEY),
)
_SUMMED: Final = ("bills_amount", "expenses_amount", "spend")


def entity_table(judged: Judged) -> Table:
    """What each company of the client spends, with a total for every currency."""
    measured = {row["book"]: row for row in measure(judged, ["book"]).to_dicts()}
    rows: Rows = []
    looks: list[Look] = []
    for currency in currencies(judged):
        own = [book for book in judged.spend.books if book.info.currency == currency]
        entities: Rows = [
            {
                "company_id": book.company_id,
                "company": book.info.name,
                "currency": currency,
                **_amounts([measured.get(book.number, {})]),
            }
            for book in own
        ]
        total = {"company_id": None, "company": "Total", "currency": currency}
        rows += [*entities, {**total, **_amounts(entities)}]
        looks += [*[Look()] * len(own), Look(Weight.TOTAL)]
    return Table("entities", "Entity Spend Breakdown", _ENTITIES, rows, tuple(looks))


def _amounts(rows: Iterable[Mapping[str, Any]]) -> dict[str, Value]:
    kept = list(rows)
    return {name: sum(row.get(name, 0) for row in kept) for name in _SUMMED}
