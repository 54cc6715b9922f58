"""
Rows that are only looked at.

An object of the ORM notices each change and is one with its likes; making fifty of them
costs more than all else that a page of a list takes. A glance has the same names and
values, as a tuple that can't be changed.
"""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Executable
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

Row = TypeVar("Row", bound=SQLModel)


async def glance(
    session: AsyncSession, statement: SelectOfScalar[Row]
) -> Sequence[Row]:
    """Return what a `select` of one table finds; whoever wants to write reads it anew."""
    return cast("Sequence[Row]", await plain(session, statement))


async def plain(
    session: AsyncSession, statement: Executable, **values: object
) -> Sequence[Any]:
    """Return the rows of any statement as tuples, past the ORM; `values` are what it leaves open."""
    await session.flush()
    return (await (await session.connection()).execute(statement, values)).all()
