"""The tests' own database keeps the law that nobody writes inside a reading."""

import asyncio

import pytest

from store.database import Database
from tests.databases.watched import WatchedDatabase


async def test_a_transaction_inside_a_reading_is_refused(database: Database) -> None:
    """
    Every test's database does that: what is read is closed before anything is written.
    """
    assert isinstance(database, WatchedDatabase)

    async with database.reading():
        with pytest.raises(AssertionError, match="inside an open reading"):
            async with database.transaction():
                pass

    async with database.transaction():
        pass


async def test_somebody_else_may_write_meanwhile(database: Database) -> None:
    """
    The law is about one request or one step, not about the process.
    """

    async def write() -> None:
        async with database.transaction():
            pass

    async with database.reading():
        await asyncio.create_task(write())
