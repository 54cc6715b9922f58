"""Canonical rows as columns: the one place where a row's shape becomes a table's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import accumulate
from types import NoneType, UnionType
from typing import (
    Any,
    Final,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import polars as pl
from polars.datatypes import DataTypeClass
from typing_extensions import is_typeddict

from domain.datasets import DECIMAL_PLACES, ROWS, Dataset, Row

Kind = pl.DataType | DataTypeClass
Schema = Mapping[str, Kind]

_AMOUNT: Final = pl.Decimal(38, DECIMAL_PLACES)
_TYPES: Final[Mapping[type, pl.DataType]] = {
    str: pl.String(),
    bool: pl.Boolean(),
    int: pl.Int64(),
    date: pl.Date(),
    Decimal: _AMOUNT,
}


@cache
def schema_of(dataset: Dataset) -> Schema:
    """Return the dataset's columns, in order, and their types."""
    return _schema(ROWS[dataset])


def to_frame(dataset: Dataset, rows: Sequence[Row]) -> pl.DataFrame:
    """Turn rows into columns, exactly. Keeps a core busy: call it in a thread."""
    return _frame(schema_of(dataset), rows)


def _frame(schema: Schema, rows: Sequence[Row]) -> pl.DataFrame:
    columns = [
        _column(name, kind, [row[name] for row in rows])
        for name, kind in schema.items()
    ]
    return pl.DataFrame(columns)


def _column(name: str, kind: Kind, values: Sequence[Any]) -> pl.Series:
    """Build a column. Decimals go as text and nested rows as columns: many times faster."""
    match kind:
        case pl.Decimal():
            texts = [None if value is None else str(value) for value in values]
            return pl.Series(name, texts, pl.String).cast(kind)
        case pl.List(inner=pl.Struct() as inner):
            return _nested(name, inner, values)
        case _:
            return pl.Series(name, values, kind)


def _nested(name: str, inner: pl.Struct, values: Iterable[Sequence[Row]]) -> pl.Series:
    """Build one long column of all nested rows, then cut it where each row's end."""
    lengths = [len(nested) for nested in values]
    flat = _frame(
        inner.to_schema(), [row for nested in values for row in nested]
    ).to_struct(name)
    starts = accumulate(lengths, initial=0)
    cuts = [
        flat.slice(start, length)
        for start, length in zip(starts, lengths, strict=False)
    ]
    # A type named here would be gone through value by value; the cuts carry theirs.
    return pl.Series(name, cuts, None if cuts else pl.List(inner))


def _schema(row: type) -> Schema:
    return {name: _kind(hint) for name, hint in get_type_hints(row).items()}


def _kind(hint: Any) -> Kind:
    """Return the column type for a field's annotation; every column may be empty."""
    arguments = [argument for argument in get_args(hint) if argument is not NoneType]
    match get_origin(hint):
        case origin if origin in (Union, UnionType):
            return _kind(arguments[0])
        case origin if origin is Literal:
            return pl.String()
        case origin if origin is list:
            return pl.List(_kind(arguments[0]))
    return pl.Struct(_schema(hint)) if is_typeddict(hint) else _TYPES[hint]
