"""
Rows as the XML of a worksheet, made by column expressions instead of cell by cell.

Texts are inline strings and never formulas, amounts are written digit for digit.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from reports.document import Column, Kind

LONGEST_TEXT: Final = 32_767  # characters in a cell
ROWS_A_SHEET: Final = 1_048_576

_ILLEGAL: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
# Spreadsheet programs read "_x000D_" in a text as the character with that number.
_ESCAPED: Final = "_(x[0-9A-Fa-f]{4}_)"
_SUSPECT: Final = "[&<>\x00-\x1f\ufffe\uffff]|_x"
_XML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EPOCH: Final = date(1899, 12, 31)
_LEAP_DAY_THAT_NEVER_WAS: Final = 59


def clean(text: pl.Expr) -> pl.Expr:
    """Take out what XML can't hold, and what a cell can't."""
    kept = text.str.replace_all(_ILLEGAL, "")
    return kept.str.slice(0, LONGEST_TEXT)


def rows_xml(
    frame: pl.DataFrame, columns: Sequence[Column], styles: Sequence[str], first: int
) -> bytes:
    """Write rows; `first` is the number of the first one, `styles` one for each column."""
    unsafe = _unsafe(frame, columns)
    cells = [
        _cell(column, letters(place), style, is_safe=column.key not in unsafe)
        for place, (column, style) in enumerate(zip(columns, styles, strict=True))
    ]
    row = pl.concat_str([pl.lit('<row r="'), _ROW, pl.lit('">'), *cells, _END])
    numbered = frame.with_row_index(_ROW_NAME, first).with_columns(_ROW.cast(pl.String))
    written = numbered.select(row.str.join(""))
    return (written.item() or "").encode()


_ROW_NAME: Final = "row number"
_ROW: Final = pl.col(_ROW_NAME)
_END: Final = pl.lit("</row>")


def _unsafe(frame: pl.DataFrame, columns: Sequence[Column]) -> set[str]:
    """Texts that can't go into XML as they are: looking first is cheaper than replacing."""
    texts = [column.key for column in columns if column.kind is Kind.TEXT]
    if not texts:
        return set()
    suspect = pl.col(texts).str.contains(_SUSPECT)
    too_long = pl.col(texts).str.len_bytes() > LONGEST_TEXT
    found = frame.select((suspect | too_long).any()).row(0, named=True)
    return {name for name, is_unsafe in found.items() if is_unsafe}


def _cell(column: Column, letter: str, style: str, *, is_safe: bool) -> pl.Expr:
    """One cell, or nothing where there is no value."""
    value = pl.col(column.key)
    if column.kind is Kind.TEXT:
        kind = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        written, closing = value if is_safe else _escape(clean(value)), "</t></is></c>"
    else:
        kind, closing = f'" s="{style}"><v>', "</v></c>"
        written = _number(column.kind, value)
    parts = [pl.lit(f'<c r="{letter}'), _ROW, pl.lit(kind), written, pl.lit(closing)]
    return pl.concat_str(parts).fill_null("")


def _escape(text: pl.Expr) -> pl.Expr:
    text = text.str.replace_all(_ESCAPED, "_x005F_$1")
    for character, entity in _XML.items():
        text = text.str.replace_all(character, entity, literal=True)
    return text


def _number(kind: Kind, value: pl.Expr) -> pl.Expr:
    if kind in (Kind.DATE, Kind.MONTH):
        days = (value - pl.lit(_EPOCH)).dt.total_days()
        counted = days + (days > _LEAP_DAY_THAT_NEVER_WAS).cast(pl.Int64)
        return counted.cast(pl.String)
    digits = value.cast(pl.String)
    if kind in (Kind.MONEY, Kind.RATE):
        return digits.str.strip_chars_end("0").str.strip_chars_end(".")
    return digits


def letters(place: int) -> str:
    """How a spreadsheet calls its columns: A, B, … Z, AA."""
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
