"""SQLite without a thread: who waits, and who goes on meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from store.database import OUT_OF_REACH, Database
from store.migrate import migrate
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


async def test_writers_give_up_in_the_end(url: str, another: Database) -> None:
    """
    Where somebody never ends, the first in line says so soon, and so do those behind it.
    """
    impatient = Database(url, patience=0.2)

    async with asyncio.timeout(5), another.transaction() as session:
        await session.exec(select(ChangeRow))
        writes = [write(impatient, f"{number}") for number in range(8)]
        errors = await asyncio.gather(*writes, return_exceptions=True)

    await write(impatient, "afterwards")
    assert all(isinstance(error, OUT_OF_REACH) for error in errors)
    assert await written(impatient) == {"afterwards"}
    await impatient.close()


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
