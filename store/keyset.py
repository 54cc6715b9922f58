"""Pages of a list that go on from where the last one ended, at the same cost at any depth."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, literal, tuple_
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from store.glance import glance

Row = TypeVar("Row", bound=SQLModel)


class Position(NamedTuple):
    """
    The last row of a page: what it is sorted by, as text, and its key.

    `value` is None among the rows that have no value, at the end of the list.
    """

    value: str | None
    key: str


class Sort(NamedTuple):
    """An order by one column, then by a key. Rows without a value come last, both ways."""

    column: Any
    key: Any
    write: Callable[[Any], str] = str
    read: Callable[[str], Any] = str
    optional: bool = False
    descending: bool = False

    def place(self, row: Any) -> Position:
        """Return where `row` stands in this order."""
        value = getattr(row, self.column.key)
        written = None if value is None else self.write(value)
        return Position(written, str(getattr(row, self.key.key)))


def by_time(column: Any, key: Any, *, optional: bool = False) -> Sort:
    """Return the order by a column of times."""
    return Sort(
        col(column), col(key), datetime.isoformat, datetime.fromisoformat, optional
    )


def by_text(column: Any, key: Any) -> Sort:
    """Return the order by a column of text."""
    return Sort(col(column), col(key))


def by_key(key: Any, read: Callable[[str], Any] = str) -> Sort:
    """Return the order by a column that no two rows share."""
    return Sort(col(key), col(key), read=read)


class Cut(NamedTuple):
    """
    Which part of a list: up to `limit` rows after the last one of the page before.

    `backwards`: those that come before that row, in the same order.
    """

    sort: Sort
    after: Position | None = None
    limit: int = 50
    backwards: bool = False


async def page(
    session: AsyncSession, statement: SelectOfScalar[Row], cut: Cut
) -> list[Row]:
    """Return the next `limit` rows of `statement`, and one more if there is one."""
    rows: list[Row] = []
    read = _sections_back if cut.backwards else _sections
    for section in read(statement, cut.sort, cut.after):
        left = cut.limit + 1 - len(rows)
        if left > 0:
            rows += await glance(session, section.limit(left))
    return rows[::-1] if cut.backwards else rows


def _sections(
    statement: SelectOfScalar[Row], sort: Sort, after: Position | None
) -> Iterator[SelectOfScalar[Row]]:
    """Yield the rows with a value, then those without: an index serves each of both."""
    if after is None or after.value is not None:
        yield _with_value(statement, sort, after)
    if sort.optional:
        yield _without_value(statement, sort, after)


def _sections_back(
    statement: SelectOfScalar[Row], sort: Sort, before: Position | None
) -> Iterator[SelectOfScalar[Row]]:
    """Yield the same from the end: rows without a value are the last, and so the first."""
    back = sort._replace(descending=not sort.descending)
    among_values = before is not None and before.value is not None
    if sort.optional and not among_values:
        yield _without_value(statement, back, before)
    yield _with_value(statement, back, before if among_values else None)


def _with_value(
    statement: SelectOfScalar[Row], sort: Sort, after: Position | None
) -> SelectOfScalar[Row]:
    columns = [sort.column] if sort.key is sort.column else [sort.column, sort.key]
    if sort.optional:
        statement = statement.where(sort.column.is_not(None))
    if after is not None and after.value is not None:
        values = (sort.read(after.value), after.key)[: len(columns)]
        last = tuple_(
            *(
                literal(value, column.type)
                for value, column in zip(values, columns, strict=True)
            )
        )
        statement = statement.where(_beyond(tuple_(*columns), last, sort))
    return statement.order_by(*(_directed(column, sort) for column in columns))


def _without_value(
    statement: SelectOfScalar[Row], sort: Sort, after: Position | None
) -> SelectOfScalar[Row]:
    statement = statement.where(sort.column.is_(None))
    if after is not None and after.value is None:
        statement = statement.where(_beyond(sort.key, literal(after.key), sort))
    # All have the same column; PostgreSQL reads in an index's order if it is named.
    columns = (sort.column, sort.key)
    return statement.order_by(*(_directed(column, sort) for column in columns))


def _beyond(here: Any, last: Any, sort: Sort) -> ColumnElement[bool]:
    beyond: ColumnElement[bool] = here < last if sort.descending else here > last
    return beyond


def _directed(column: Any, sort: Sort) -> Any:
    return column.desc() if sort.descending else column.asc()
