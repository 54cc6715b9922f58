"""
Rows that two may write at once: one statement each, so that neither fails.

Under PostgreSQL's READ COMMITTED, looking for a row and writing it when it is not
there leaves room in between for somebody else. SQLite lets one in at a time.

Whoever locks several rows takes them in this order, so that no two ever wait for
each other: a journey or a sync; a connection; a client; its legal entities by id;
and what belongs to each of these last.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import FromClause, SelectBase, inspect, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

_INSERT: Final[Mapping[str, Callable[..., Any]]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


async def insert_new(session: AsyncSession, row: SQLModel) -> bool:
    """
    Insert `row` unless it is there already; say whether it was new.

    Who comes second waits until the first is done, and can then read what that wrote.
    """
    statement = _insert(session, row).on_conflict_do_nothing().returning(true())
    return (await session.exec(statement)).first() is not None


async def put(session: AsyncSession, row: SQLModel) -> None:
    """Insert `row`; one of its key that is there already is replaced."""
    table = inspect(type(row)).local_table
    await session.exec(_replacing(_insert(session, row), table))


async def put_all(
    session: AsyncSession, kind: type[SQLModel], found: SelectBase
) -> int:
    """
    Put what `found` selects, in its order: the columns of `kind` in theirs. Return how many.

    It needs a WHERE: SQLite would take the ON of what follows for a join's.
    """
    table = inspect(kind).local_table
    columns = [column.name for column in table.columns]
    statement = _into(session, table).from_select(columns, found)
    result = await session.exec(
        _replacing(statement, table), execution_options={"preserve_rowcount": True}
    )
    return int(result.rowcount)


def _replacing(statement: Any, table: FromClause) -> Any:
    values = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    keys = [column for column in table.columns if column.primary_key]
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


def _insert(session: AsyncSession, row: SQLModel) -> Any:
    table = inspect(type(row)).local_table
    values = {column.name: getattr(row, column.name) for column in table.columns}
    return _into(session, table).values(values)


def _into(session: AsyncSession, table: FromClause) -> Any:
    return _INSERT[session.get_bind().dialect.name](table)
