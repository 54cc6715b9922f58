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

from sqlalchemy import inspect, true
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
    statement = _insert(session, row)
    columns = inspect(type(row)).local_table.columns
    values = {
        column.name: statement.excluded[column.name]
        for column in columns
        if not column.primary_key
    }
    keys = [column for column in columns if column.primary_key]
    await session.exec(
        statement.on_conflict_do_update(index_elements=keys, set_=values)
    )


def _insert(session: AsyncSession, row: SQLModel) -> Any:
    table = inspect(type(row)).local_table
    values = {column.name: getattr(row, column.name) for column in table.columns}
    return _INSERT[session.get_bind().dialect.name](table).values(values)
