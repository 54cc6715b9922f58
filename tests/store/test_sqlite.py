"""SQLite without a thread: who waits, and who goes on meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from store.database import Database
from store.migrate import migrate
from store.sqlite import sqlite_engine
from store.tables import ChangeRow

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """A database of the test's own."""
    url = f"sqlite:///{tmp_path}/rapport.db"
    await migrate(url)
    return url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
async def another(url: str) -> AsyncIterator[Database]:
    """The same file, as another process sees it."""
    another = Database(url)
    yield another
    await another.close()


async def write(database: Database, company_id: str) -> None:
    async with database.transaction() as session:
        session.add(ChangeRow(company_id=company_id, organization_id="or_1", at=NOW))


async def written(database: Database) -> set[str]:
    async with database.reading() as session:
        return set((await session.exec(select(ChangeRow.company_id))).all())


async def test_a_writer_waits_for_another_process_and_holds_nobody_up(
    database: Database, another: Database
) -> None:
    """
    While it waits for its turn, its own process reads and goes on.
    """
    async with asyncio.timeout(10), another.transaction() as session:
        session.add(ChangeRow(company_id="first", organization_id="or_1", at=NOW))
        await session.flush()
        waiting = asyncio.create_task(write(database, "second"))
        for _ in range(20):
            await asyncio.sleep(0.001)
            assert await written(database) == set()

    await waiting
    assert await written(another) == {"first", "second"}


async def test_a_writer_gives_up_in_the_end(url: str, another: Database) -> None:
    """
    Somebody who never ends is reported as a database that can't be written to for now.
    """
    impatient = sqlite_engine(make_url(url), patience=0.02)

    async with another.transaction() as session:
        await session.exec(select(ChangeRow))
        with pytest.raises(OperationalError, match="locked"):
            async with impatient.begin():
                pass

    async with impatient.begin() as connection:
        await connection.execute(text("DELETE FROM changes"))
    await impatient.dispose()


async def test_one_transaction_after_the_other_lets_others_go_on(
    database: Database,
) -> None:
    """
    A task that never waits for anything else is no reason for the rest to stand still.
    """
    others = 0

    async def count() -> None:
        nonlocal others
        while True:
            await asyncio.sleep(0)
            others += 1

    counting = asyncio.create_task(count())
    for number in range(10):
        await write(database, f"{number}")
        await written(database)

    counting.cancel()
    assert others >= 20
