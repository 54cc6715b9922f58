"""
A report before it has a form: sheets of facts, tables, listings and charts.

Every writer reads this and nothing else, so that xlsx, JSON and CSV say the same.
Money is `Decimal`, shares and ratios are fractions of 1, months are their first day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import polars as pl

from domain.reports import ReportType

Value = str | int | float | Decimal | date | None


class Kind(StrEnum):
    """What a cell holds, hence how it is shown."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    RATE = "rate"
    DAYS = "days"
    SHARE = "share"
    RATIO = "ratio"
    DATE = "date"
    MONTH = "month"


class Column(NamedTuple):
    """One column: `key` in files for machines, `title` for people, `section` above it."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    section: str = ""
    width: int = 0

    @property
    def characters(self) -> int:
        """How wide it is when nothing else is said."""
        return self.width or _WIDTHS[self.kind]


_WIDTHS: Mapping[Kind, int] = {
    Kind.TEXT: 24,
    Kind.INTEGER: 12,
    Kind.MONEY: 16,
    Kind.RATE: 12,
    Kind.DAYS: 12,
    Kind.SHARE: 12,
    Kind.RATIO: 12,
    Kind.DATE: 12,
    Kind.MONTH: 12,
}


class Fact(NamedTuple):
    """One thing worth knowing: a label and what it is."""

    key: str
    label: str
    value: Value
    kind: Kind = Kind.TEXT


class Facts(NamedTuple):
    """Labels and values, one below the other."""

    key: str
    title: str
    facts: tuple[Fact, ...]


class Weight(StrEnum):
    """How much a row of a table stands out."""

    LINE = "line"
    HEADING = "heading"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


class Look(NamedTuple):
    """How one row of a table is set."""

    weight: Weight = Weight.LINE
    indent: int = 0


class Table(NamedTuple):
    """A table that a person reads as a whole; `looks` is empty or one for each row."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Value]]
    looks: tuple[Look, ...] = ()


class Listing(NamedTuple):
    """
    A table that may be far too long to read or to hold: it comes in batches.

    `batches` gives the same rows each time it is called, `length` of them, each
    batch with exactly these columns.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    length: int
    batches: Callable[[], Iterator[pl.DataFrame]]


class ChartKind(StrEnum):
    """The few shapes that are needed."""

    COLUMN = "column"
    BAR = "bar"
    LINE = "line"


class Chart(NamedTuple):
    """
    A picture of columns of a table on the same sheet.

    `rows` are the rows of the table that it shows.
    """

    title: str
    kind: ChartKind
    table: str
    categories: str
    values: tuple[str, ...]
    rows: range


class Sheet(NamedTuple):
    """Facts and tables below each other with charts beside them, or one listing."""

    title: str
    blocks: tuple[Facts | Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    listing: Listing | None = None


class Document(NamedTuple):
    """A whole report; `subtitle` says whose, for when and in which currency."""

    report: ReportType
    title: str
    subtitle: str
    as_of: datetime
    sheets: tuple[Sheet, ...]

    def tables(self) -> Iterator[Table | Listing]:
        """Every table, in the order of the sheets."""
        for sheet in self.sheets:
            yield from (block for block in sheet.blocks if isinstance(block, Table))
            if sheet.listing is not None:
                yield sheet.listing

    def facts(self) -> Iterator[Facts]:
        """Every block of facts, in the order of the sheets."""
        for sheet in self.sheets:
            yield from (block for block in sheet.blocks if isinstance(block, Facts))


def batches_of(frame: pl.DataFrame, rows: int = 20_000) -> Iterator[pl.DataFrame]:
    """Cut what is in memory anyway into batches."""
    yield from frame.iter_slices(rows)
