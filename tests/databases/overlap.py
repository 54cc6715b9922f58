"""Two processes that write at the same time, one a moment before the other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.database import Database

First = TypeVar("First")
Second = TypeVar("Second")
FAR_ENOUGH = 0.15
"""Seconds in which the second one gets as far as it can: to the end, or to a lock."""


async def overlap(
    database: Database,
    first: Callable[[AsyncSession], Awaitable[First]],
    second: Callable[[AsyncSession], Awaitable[Second]],
    rest: Callable[[AsyncSession], Awaitable[object]] | None = None,
) -> tuple[First, Second]:
    """
    Let `second` begin when `first` has written everything and committed nothing.

    `rest` is what `first` does only then. They have an engine each, as two processes
    do. Return what they returned.
    """
    other = Database(database.url)

    async def write() -> Second:
        async with other.transaction() as session:
            return await second(session)

    try:
        async with database.transaction() as session:
            one = await first(session)
            writing = asyncio.create_task(write())
            await asyncio.wait([writing], timeout=FAR_ENOUGH)
            if rest is not None:
                await rest(session)
        return one, await writing
    finally:
        await other.close()


async def all_of(database: Database, row: type[Any]) -> list[Any]:
    """Return every row of a table."""
    async with database.reading() as session:
        return list((await session.exec(select(row))).all())
