"""Spend analysis: with whom a company spends, how much, how it pays and how late."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from domain.datasets import Dataset
from domain.reports import REPORTS, ReportType
from reports.books import Book
from reports.document import (
    Chart,
    ChartKind,
    Document,
    Fact,
    Facts,
    Kind,
    Listing,
    Sheet,
    Table,
)
from reports.period import Period
from reports.request import BuildReports
from reports.spend.facts import Spend, gather
from reports.spend.listings import listings
from reports.spend.methods import METHODS
from reports.spend.sums import Judged, judge, measure
from reports.spend.suppliers import addresses
from reports.spend.tables import (
    currencies,
    entity_table,
    method_table,
    month_table,
    supplier_listing,
    supplier_rows,
    top_table,
)

_TOTALS: Final = (
    ("bills", "Number of bills", Kind.INTEGER),
    ("bills_amount", "Bills amount", Kind.MONEY),
    ("payments", "Number of payments", Kind.INTEGER),
    ("payments_amount", "Payments amount", Kind.MONEY),
    ("expenses", "Number of expenses", Kind.INTEGER),
    ("expenses_amount", "Expenses amount", Kind.MONEY),
    ("spend", "Total spend (bills and expenses)", Kind.MONEY),
)


def build(books: tuple[Book, ...], request: BuildReports) -> Document:
    """Build the report; the source rows are read only when they are written."""
    report = REPORTS[ReportType.SPEND_ANALYSIS]
    period = Period.before(request.as_of, request.months)
    judged = judge(gather(books, period))
    suppliers = supplier_rows(judged)
    return Document(
        ReportType.SPEND_ANALYSIS,
        report.title,
        _subtitle(books, period),
        request.as_of,
        (
            _customer(judged, suppliers, request),
            *([_entities(judged)] if request.consolidated else []),
            _analysis(judged, suppliers),
            *_sheets(judged, suppliers, request),
        ),
    )


def _subtitle(books: tuple[Book, ...], period: Period) -> str:
    told = " and ".join(dict.fromkeys(book.info.currency or "?" for book in books))
    return f"{books[0].info.name} · {period.start} to {period.end} · {told}"


def _sheets(
    judged: Judged, suppliers: pl.DataFrame, request: BuildReports
) -> tuple[Sheet, ...]:
    above = _above(suppliers, request)
    listed: tuple[Listing, ...] = (
        supplier_listing(judged, above, with_company=request.consolidated),
        *listings(judged.spend, with_company=request.consolidated),
    )
    return tuple(Sheet(listing.title, listing=listing) for listing in listed)


def _above(suppliers: pl.DataFrame, request: BuildReports) -> pl.DataFrame:
    """Leave small suppliers out; without a threshold one that paid back stays in."""
    if not request.threshold:
        return suppliers
    return suppliers.filter(pl.col("spend") >= request.threshold)


def _entities(judged: Judged) -> Sheet:
    return Sheet("Entity Spend Breakdown", (entity_table(judged),))


def _analysis(judged: Judged, suppliers: pl.DataFrame) -> Sheet:
    methods = method_table(judged, suppliers)
    months = month_table(judged)
    top = top_table(suppliers)
    charts = tuple(
        chart
        for currency in currencies(judged)
        for chart in _charts(currency, methods, months, top)
    )
    return Sheet("Spend Analysis", (methods, months, top), charts)


def _charts(
    currency: str, methods: Table, months: Table, top: Table
) -> tuple[Chart, ...]:
    """Show one currency's spend by method, by supplier and by month."""
    ending = f" ({currency})" if currency else ""
    single = _rows_of(methods, currency, len(METHODS))
    pictures = (
        ("Spend by payment method", ChartKind.COLUMN, methods, "method", single),
        (
            "Largest suppliers",
            ChartKind.BAR,
            top,
            "name",
            _rows_of(top, currency),
        ),
        (
            "Spend by month",
            ChartKind.LINE,
            months,
            "month",
            _rows_of(months, currency),
        ),
    )
    return tuple(
        Chart(title + ending, kind, table.key, categories, ("spend",), rows)
        for title, kind, table, categories, rows in pictures
        if rows
    )


def _rows_of(table: Table, currency: str, count: int | None = None) -> range:
    """Where a currency's rows are; of the methods only the single ones."""
    found = [
        number for number, row in enumerate(table.rows) if row["currency"] == currency
    ][:count]
    return range(found[0], found[-1] + 1) if found else range(0)


def _customer(judged: Judged, suppliers: pl.DataFrame, request: BuildReports) -> Sheet:
    books, period = judged.spend.books, judged.spend.period
    blocks = [_who(book, number) for number, book in enumerate(books)]
    review = Facts(
        "review",
        "Review",
        (
            Fact("start_date", "Start date", period.start, Kind.DATE),
            Fact("end_date", "End date", period.end, Kind.DATE),
            Fact("months", "Months reviewed", len(period.months), Kind.INTEGER),
            Fact("fetched_at", "Fetched", f"{request.as_of:%Y-%m-%d %H:%M} UTC"),
            Fact(
                "threshold",
                "Leaves out suppliers with spend below",
                request.threshold,
                Kind.MONEY,
            ),
            *_copies(judged.spend),
        ),
    )
    totals = [_totals(judged, suppliers, each, request) for each in currencies(judged)]
    return Sheet("Customer", (*blocks, review, *totals))


def _copies(spend: Spend) -> tuple[Fact, ...]:
    count = sum(len(ids) for ids in spend.copies)
    label = "Expenses left out because they are entered as bill and payment too"
    return (Fact("copies", label, count, Kind.INTEGER),) if count else ()


def _who(book: Book, number: int) -> Facts:
    row: Mapping[str, Any] = book.info.row
    links = "; ".join(link["url"] for link in row.get("web_links") or ())
    return Facts(
        f"company_{number}" if number else "company",
        "Legal entity" if book.company.is_entity else "Company",
        (
            Fact("name", "Company name", book.info.name),
            Fact("legal_name", "Legal name", row.get("legal_name")),
            Fact("registration", "Registration number", row.get("registration_number")),
            Fact("tax_number", "Tax number", row.get("tax_number")),
            Fact("phone", "Phone", row.get("phone")),
            Fact("addresses", "Addresses", _addresses(book)),
            Fact("web_links", "Web links", links or None),
            Fact("currency", "Base currency", book.info.currency or "not recorded"),
        ),
    )


def _addresses(book: Book) -> str | None:
    info = book.frame(Dataset.COMPANY_INFO).head(1)
    written: list[str | None] = (
        info.select(addresses(pl.col("addresses"))).to_series().to_list()
    )
    return next(iter(written), None)


def _totals(
    judged: Judged, suppliers: pl.DataFrame, currency: str, request: BuildReports
) -> Facts:
    own = pl.col("currency").cast(pl.String) == currency
    measured = measure(judged, ["currency"]).filter(own)
    row: dict[str, Any] = next(iter(measured.to_dicts()), {})
    known = suppliers.filter(own)
    above = _above(known, request)
    return Facts(
        f"totals_{currency}",
        f"Totals in {currency or 'the base currency'}",
        (
            Fact("suppliers", "Suppliers", known.height, Kind.INTEGER),
            Fact(
                "suppliers_listed",
                "Suppliers at or above the threshold",
                above.height,
                Kind.INTEGER,
            ),
            *(
                Fact(key, label, row.get(key, Decimal(0)), kind)
                for key, label, kind in _TOTALS
            ),
        ),
    )
