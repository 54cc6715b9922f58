"""Who the suppliers are: as recorded, also those whom the books no longer hold."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from domain.datasets import Dataset
from reports.books import Book
from reports.spend.facts import Spend
from reports.spend.keys import supplier_id, supplier_name

NOBODY: Final = "Supplier not recorded"
DETAILS: Final = ("contact_name", "phone", "email", "address", "tax_number")
_DATED: Final[Mapping[Dataset, str]] = {
    Dataset.BILLS: "issued_on",
    Dataset.EXPENSES: "paid_on",
}
_PARTS: Final = ("line1", "line2", "city", "region", "postal_code", "country")


def names(book: Book) -> pl.LazyFrame:
    """
    Every supplier's id and name: its own today, or the last one on a document.

    A supplier that was deleted at the source is still known by its documents.
    """
    current = book.scan(Dataset.SUPPLIERS).select("id", "name")
    written = [
        book.scan(dataset).select(
            id="supplier_id", name="supplier_name", day=pl.col(day)
        )
        for dataset, day in _DATED.items()
    ]
    last = (
        pl.concat(written)
        .drop_nulls(["id", "name"])
        .group_by("id")
        .agg(pl.col("name").get(pl.col("day").arg_max()))
    )
    known = current.unique("id", keep="first", maintain_order=True)
    return pl.concat([known, last.join(known, on="id", how="anti")])


def details(spend: Spend) -> pl.DataFrame:
    """What is on record of the suppliers of all books, with their names."""
    return pl.concat(_details(book) for book in spend.books)


def _details(book: Book) -> pl.DataFrame:
    recorded = (
        book.scan(Dataset.SUPPLIERS)
        .unique("id", keep="first", maintain_order=True)
        .select("id", *_without_address(), address=addresses(pl.col("addresses")))
    )
    return (
        names(book)
        .join(recorded, on="id", how="left")
        .select(pl.lit(book.number, pl.UInt16).alias("book"), "id", "name", *DETAILS)
        .collect()
    )


def _without_address() -> tuple[str, ...]:
    return tuple(name for name in DETAILS if name != "address")


def addresses(column: pl.Expr) -> pl.Expr:
    """Write addresses on one line each, as they are recorded."""
    parts = [pl.element().struct.field(name) for name in _PARTS]
    written = [pl.when(part.str.len_chars() > 0).then(part) for part in parts]
    one_line = pl.concat_str(written, separator=", ", ignore_nulls=True)
    joined = column.list.eval(one_line).list.join("; ", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def with_details(frame: pl.DataFrame, spend: Spend) -> pl.DataFrame:
    """Add id, name and details to rows that know their supplier."""
    key = pl.col("supplier")
    return (
        frame.with_columns(
            supplier_id(key).alias("supplier_id"),
            supplier_name(key).alias("written_name"),
        )
        .join(
            details(spend),
            left_on=["book", "supplier_id"],
            right_on=["book", "id"],
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.coalesce("name", "written_name", pl.lit(NOBODY)).alias("name"))
        .drop("written_name")
    )
