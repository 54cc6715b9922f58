"""
A document as JSON, row by row.

Money and rates are decimal strings, never floats; days are ISO dates, months their
first day. Facts and tables stand under their keys.
"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

import polars as pl

from reports.document import Column, Document, Facts, Kind, Listing, Table

FORMAT_VERSION: Final = 1


def write_json(document: Document, path: Path) -> None:
    """Write the document. Memory does not grow with the listings."""
    with path.open("w", encoding="utf-8") as file:
        head = {
            "format_version": FORMAT_VERSION,
            "report": document.report,
            "title": document.title,
            "subtitle": document.subtitle,
            "as_of": document.as_of.isoformat(),
            "facts": {block.key: _facts(block) for block in document.facts()},
        }
        file.write(dumped(head)[:-1] + ', "tables": {')
        for number, table in enumerate(document.tables()):
            file.write(",\n" if number else "\n")
            _table(file, table)
        file.write("}}\n")


def dumped(value: Any) -> str:
    """Write any value of a document as JSON."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    match value:
        case Decimal():
            return written(value)
        case date():
            return value.isoformat()
    raise TypeError(type(value).__name__)


def written(amount: Decimal) -> str:
    """Write an amount with its cents and no needless digits."""
    whole, _, rest = f"{amount:f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def _facts(block: Facts) -> dict[str, Any]:
    return {fact.key: fact.value for fact in block.facts}


def _table(file: IO[str], table: Table | Listing) -> None:
    columns = [
        {"key": column.key, "title": column.title, "kind": column.kind}
        for column in table.columns
    ]
    head = {"title": table.title, "columns": columns}
    file.write(f'{dumped(table.key)}: {dumped(head)[:-1]}, "rows": [')
    separator = "\n"
    for rows in _rows(table):
        file.write(separator + rows)
        separator = ",\n"
    file.write("]}")


def _rows(table: Table | Listing) -> Any:
    if isinstance(table, Table):
        yield from (dumped(dict(row)) for row in table.rows)
        return
    shown = [_text(column) for column in table.columns]
    for frame in table.batches():
        if not frame.is_empty():
            row = pl.struct(shown).struct.json_encode()
            yield frame.select(row.str.join(",\n")).item()


def _text(column: Column) -> pl.Expr:
    value = pl.col(column.key)
    return exact(value) if column.kind in (Kind.MONEY, Kind.RATE) else value


def exact(amount: pl.Expr) -> pl.Expr:
    """Write amounts with at least two digits after the point and no needless ones."""
    text = amount.cast(pl.String)
    return text.str.replace(r"(\.\d\d\d*?)0+$", "$1")
