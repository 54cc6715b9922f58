"""A document with everything that a writer may be given."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

import polars as pl

from domain.reports import ReportType
from reports.books import MONEY
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
    batches_of,
)
from tests.reports.given import AS_OF

COLUMNS: Final = (
    Column("id", "Id"),
    Column("name", "Name"),
    Column("day", "Day", Kind.DATE),
    Column("amount", "Amount", Kind.MONEY),
    Column("share", "Share", Kind.SHARE),
    Column("number", "Number", Kind.INTEGER),
)
SCHEMA: Final = {
    "id": pl.String(),
    "name": pl.String(),
    "day": pl.Date(),
    "amount": MONEY,
    "share": pl.Float64(),
    "number": pl.Int64(),
}


def row(name: str | None, **changes: Any) -> dict[str, Any]:
    return {
        "id": "0001",
        "name": name,
        "day": date(2026, 7, 1),
        "amount": Decimal("12.50"),
        "share": 0.25,
        "number": 3,
        **changes,
    }


def listing(*rows: dict[str, Any], columns: tuple[Column, ...] = COLUMNS) -> Listing:
    frame = pl.DataFrame(list(rows), SCHEMA, orient="row")
    return Listing("rows", "Rows", columns, frame.height, partial(batches_of, frame, 2))


def document(*rows: dict[str, Any], name: str = "Tea Ltd") -> Document:
    """Facts and a table with a chart on one sheet, a listing on the other."""
    table = Table("few", "Few", COLUMNS, list(rows))
    facts = Facts(
        "about",
        "About",
        (
            Fact("name", "Name", name),
            Fact("owed", "Owed", Decimal("-3.00"), Kind.MONEY),
            Fact("since", "Since", date(2024, 2, 29), Kind.DATE),
            Fact("nothing", "Nothing", None),
        ),
    )
    chart = Chart(
        "Amounts", ChartKind.COLUMN, "few", "name", ("amount",), range(len(rows))
    )
    return Document(
        ReportType.SPEND_ANALYSIS,
        "Spend analysis",
        f"{name} · GBP",
        AS_OF,
        (
            Sheet("Page", (facts, table), (chart,)),
            Sheet("Rows", listing=listing(*rows)),
        ),
    )
