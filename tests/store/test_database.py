"""Transactions that somebody breaks off."""

import asyncio
from datetime import UTC, datetime

from sqlmodel import select

from store.database import Database
from store.tables import ChangeRow

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TRIES = 40
ROWS = 50
"""More than one: on PostgreSQL a statement can be cancelled between two rows."""


async def test_a_transaction_that_is_cancelled_lets_go_of_everything(
    database: Database,
) -> None:
    """
    At a statement or between two, and while its error is still at hand: the next one can write at once.
    """
    async with database.transaction() as session:
        session.add_all(
            ChangeRow(company_id=f"co_{number}", organization_id="or_1", at=NOW)
            for number in range(ROWS)
        )
    other = Database(database.url)
    errors: list[BaseException | None] = []

    for turn in range(TRIES):
        errors += await asyncio.gather(
            _cancelled(database, after=turn / 4000), return_exceptions=True
        )
        async with asyncio.timeout(10), other.transaction() as session:
            session.add(ChangeRow(company_id=f"{turn}", organization_id="", at=NOW))

    await other.close()
    assert any(isinstance(error, asyncio.CancelledError) for error in errors)


async def _cancelled(database: Database, after: float) -> None:
    """Read all rows again and again in one transaction, until it is broken off."""

    async def read() -> None:
        async with database.transaction() as session:
            while True:
                (await session.exec(select(ChangeRow))).all()
                await asyncio.sleep(0)

    reading = asyncio.create_task(read())
    await asyncio.sleep(after)
    reading.cancel()
    await reading
