"""
A document as CSV: one file for each table in a zip.

A text that a spreadsheet program would take for a formula gets an apostrophe in
front; everything else is written as it is.
"""

import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from reports.document import Column, Document, Facts, Kind, Listing, Table, Value
from reports.writers.as_json import exact, written

_FORMULA: Final = r"^[\s\x00]*[=+\-@\t\r\n]"
_FASTEST: Final = 1
_DIGITS: Final = (Kind.MONEY, Kind.RATE)


def write_csv(document: Document, path: Path) -> None:
    """Write the zip. Memory does not grow with the listings."""
    with zipfile.ZipFile(
        path, "w", zipfile.ZIP_DEFLATED, compresslevel=_FASTEST
    ) as folder:
        for name, frames in _files(document):
            with folder.open(f"{name}.csv", "w", force_zip64=True) as file:
                for number, frame in enumerate(frames):
                    file.write(frame.write_csv(include_header=number == 0).encode())


def _files(document: Document) -> Iterator[tuple[str, Iterator[pl.DataFrame]]]:
    for block in document.facts():
        yield block.key, _facts(block)
    for table in document.tables():
        frames = _table(table) if isinstance(table, Table) else _listing(table)
        yield table.key, frames


def _facts(block: Facts) -> Iterator[pl.DataFrame]:
    lines = [(fact.label, _text(fact.value)) for fact in block.facts]
    yield pl.DataFrame(lines, _PAIR, orient="row")


_PAIR: Final = {"Item": pl.String, "Value": pl.String}


def _table(table: Table) -> Iterator[pl.DataFrame]:
    schema = {column.title: pl.String for column in table.columns}
    rows = [[_text(row[column.key]) for column in table.columns] for row in table.rows]
    yield pl.DataFrame(rows, schema, orient="row")


def _text(value: Value) -> str | None:
    match value:
        case None:
            return None
        case Decimal():
            return written(value)
        case str() if re.match(_FORMULA, value):
            return f"'{value}"
    return str(value)


def _listing(listing: Listing) -> Iterator[pl.DataFrame]:
    shown = [_column(column) for column in listing.columns]
    texts = [column.title for column in listing.columns]
    yield pl.DataFrame(schema=dict.fromkeys(texts, pl.String))
    for frame in listing.batches():
        yield frame.select(shown)


def _column(column: Column) -> pl.Expr:
    value = pl.col(column.key)
    if column.kind is Kind.TEXT:
        value = guard(value)
    elif column.kind in _DIGITS:
        value = exact(value)
    return value.alias(column.title)


def guard(text: pl.Expr) -> pl.Expr:
    """Keep spreadsheet programs from reading a text as a formula."""
    is_formula = text.str.contains(_FORMULA)
    return pl.when(is_formula).then(pl.lit("'") + text).otherwise(text)
