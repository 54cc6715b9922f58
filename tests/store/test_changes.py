"""What changed lately."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import literal
from sqlmodel import delete, select

from domain.datasets import Dataset, Part
from domain.messages import SyncState
from store.changes import changes, last_change, touch
from store.columns import UtcTime
from store.database import Database
from store.pages import note_page
from store.states import DatasetState
from store.tables import ChangeRow, CompanyRow, SyncDatasetRow
from store.writes import put_all
from tests.api.given import Bank, open_bank

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
async def bank(database: Database) -> Bank:
    return await open_bank(database, "Meridian Bank", "a key")


async def changed(bank: Bank, since: datetime = LONG_AGO) -> list[str]:
    async with bank.given.database.reading() as session:
        rows = await changes(session, bank.id, since)
    return [row.company_id for row in rows]


async def last(bank: Bank) -> datetime:
    async with bank.given.database.reading() as session:
        found = await last_change(session, bank.id)
    assert found is not None
    return found


async def test_what_is_written_of_a_company_is_a_change(bank: Bank) -> None:
    """
    A company, its journey and its sync each leave a newer time at it.
    """
    company = await bank.given.company()
    added = await last(bank)
    await bank.given.journey(company)
    asked = await last(bank)
    await bank.given.sync(company)

    assert added < asked < await last(bank)
    assert [company.id] == await changed(bank)


async def test_a_legal_entity_changes_its_client(bank: Bank) -> None:
    """
    What happens to a legal entity is a change of the client that it is shown under.
    """
    client = await bank.given.company()
    entity = await bank.given.company(parent_id=client.id)
    before = await last(bank)

    await bank.given.sync(entity)

    assert [client.id] == await changed(bank, before)


async def test_rows_that_are_put_together_are_counted_and_replaced(bank: Bank) -> None:
    """
    The first time they are new, later they are there already: it is as many.
    """
    companies = [await bank.given.company() for _ in range(3)]
    found = select(
        CompanyRow.id, CompanyRow.organization_id, literal(LONG_AGO, UtcTime)
    ).where(CompanyRow.organization_id == bank.id)
    async with bank.given.database.transaction() as session:
        await session.exec(delete(ChangeRow))
        counts = [await put_all(session, ChangeRow, found) for _ in range(2)]

    assert [3, 3] == counts
    assert LONG_AGO == await last(bank)
    assert {each.id for each in companies} == set(
        await changed(bank, LONG_AGO - timedelta(days=1))
    )


async def test_progress_is_a_change(bank: Bank) -> None:
    """
    Each page that a sync stores shows on the open pages of its company.
    """
    company = await bank.given.company()
    sync = await bank.given.sync(company, state=SyncState.RUNNING)
    await bank.given.written(
        SyncDatasetRow(
            sync_id=sync.id,
            dataset=Dataset.ACCOUNTS,
            position=0,
            state=DatasetState.PENDING,
        )
    )
    before = await last(bank)
    part = Part(dataset=Dataset.ACCOUNTS, number=0, rows=1, bytes=1, sha256="0" * 64)

    async with bank.given.database.transaction() as session:
        await note_page(session, sync.id, part, None)

    assert [company.id] == await changed(bank, before)


async def test_reading_is_no_change(bank: Bank) -> None:
    """
    A transaction that writes nothing leaves nothing.
    """
    company = await bank.given.company()
    before = await last(bank)

    async with bank.given.database.transaction() as session:
        await session.get_one(CompanyRow, company.id)

    assert before == await last(bank)


async def test_what_fails_is_no_change(bank: Bank) -> None:
    """
    What was rolled back was never there, and no page hears of it.
    """
    company = await bank.given.company()
    before = await last(bank)

    with pytest.raises(ZeroDivisionError):
        async with bank.given.database.transaction() as session:
            touch(session, [company.id])
            raise ZeroDivisionError

    assert before == await last(bank)


async def test_a_company_that_goes_is_a_change(bank: Bank) -> None:
    """
    A page on which a company still stands hears that it is gone.
    """
    company = await bank.given.company()
    before = await last(bank)

    async with bank.given.database.transaction() as session:
        await session.delete(await session.get_one(CompanyRow, company.id))

    assert [company.id] == await changed(bank, before)


async def test_changes_have_an_order(bank: Bank) -> None:
    """
    The earliest change comes first, and nothing comes from after the last one.
    """
    first, second = await bank.given.company(), await bank.given.company()
    await bank.given.sync(first)

    assert [second.id, first.id] == await changed(bank)
    assert [] == await changed(bank, await last(bank) + timedelta(seconds=1))
