"""A stored workbook is read like software: page by page, once, and whole."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.access import Access
from activities.builder import Builder
from activities.building import Press
from activities.reading import Reader
from activities.reports import Publisher
from activities.syncs import SyncActivities
from domain.datasets import Dataset
from domain.journey import DataType
from domain.messages import BeginSync, ReadBooks, RunSync, SyncEnded
from domain.reasons import Reason, Refused
from domain.uploads import UPLOADED_FILE
from settings import Settings
from store import pages, uploads
from store.database import Database
from store.objects import Objects
from store.plans import Terms
from store.tables import ConnectionRow
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    JOURNEY,
    NOW,
    VAULT,
    Killed,
    MortalDatabase,
    a_connection,
    given,
    given_request,
)
from tests.providers.workbook.workbooks import BASE, BILL, GOOD, SUPPLIER, filled

SPEND = (DataType.SPEND_ANALYSIS,)
READ = ReadBooks(
    sync_id="sy_1", company_id=COMPANY, connection_id=CONNECTION, data_types=SPEND
)
RUN = RunSync(
    sync_id="sy_1",
    organization_id="or_1",
    company_id=COMPANY,
    connection_id=CONNECTION,
    journey_id=JOURNEY,
    data_types=SPEND,
)
BEGIN = BeginSync(sync=RUN, workflow_id="sync-co_1", run_id="run 1", at=NOW)
BOOKS = filled(GOOD)
WRONG = filled({**BASE, "Bills": [{"Bill ID": f"B{number}"} for number in range(4)]})
MANY = 5_002


class Shelf:
    """Stored workbooks, and the step that reads them."""

    def __init__(self, database: Database, objects: Objects, builder: Builder) -> None:
        self.database, self.objects, self.builder = database, objects, builder

    async def holds(self, workbook: bytes = BOOKS, **changes: Any) -> None:
        """Store what a customer uploaded, and begin to read it."""
        sha256 = hashlib.sha256(workbook).hexdigest()
        await given_request(self.database)
        connection = {"software": UPLOADED_FILE.key, "upload": sha256, **changes}
        await given(self.database, a_connection(**connection))
        async with self.database.transaction() as session:
            await uploads.note(session, JOURNEY, sha256, NOW)
        await self.objects.put(uploads.key_of(JOURNEY, sha256), workbook)
        await ActivityEnvironment().run(self.steps().begin_sync, BEGIN)

    async def is_read(self, database: Database | None = None) -> SyncEnded:
        return await ActivityEnvironment().run(self.steps(database).read_books, READ)

    async def records(self) -> dict[Dataset, tuple[int, int]]:
        """Count the rows and the pages of every dataset."""
        async with self.database.reading() as session:
            read = await pages.progress(session, "sy_1")
        return {each.dataset: (each.records, each.pages) for each in read}

    async def connection(self) -> ConnectionRow:
        async with self.database.reading() as session:
            return await session.get_one(ConnectionRow, CONNECTION)

    def steps(self, database: Database | None = None) -> SyncActivities:
        database = database or self.database
        return SyncActivities(
            database,
            self.objects,
            {},
            Reader(
                database,
                self.objects,
                Access(database, VAULT),
                give_up=timedelta(seconds=1),
            ),
            Publisher(database, Press(self.objects, Terms(), self.builder)),
        )


@pytest.fixture
def shelf(database: Database, settings: Settings, builder: Builder) -> Shelf:
    return Shelf(database, Objects(settings.objects_url), builder)


async def test_a_workbook_becomes_pages(shelf: Shelf) -> None:
    """
    Every dataset of the data type is read to its end, also one without rows.
    """
    await shelf.holds()

    ended = await shelf.is_read()

    records = await shelf.records()
    assert ended.reason is None
    assert (1, 1) == records[Dataset.SUPPLIERS] == records[Dataset.BILLS]
    assert all(count == 1 for _, count in records.values())


async def test_a_long_sheet_is_several_pages(shelf: Shelf) -> None:
    """
    Whoever dies between two of them goes on with the next, and no row is there twice.
    """
    suppliers = [{**SUPPLIER, "Supplier ID": f"S{each}"} for each in range(MANY)]
    await shelf.holds(filled({**BASE, "Suppliers": suppliers, "Bills": [BILL]}))

    for lives in (2, 3):
        mortal = MortalDatabase(shelf.database.url, lives)
        with pytest.raises(Killed):
            await shelf.is_read(mortal)
        await mortal.close()
    await shelf.is_read()

    assert (MANY, 2) == (await shelf.records())[Dataset.SUPPLIERS]


async def test_a_file_that_is_gone_has_to_be_uploaded_again(shelf: Shelf) -> None:
    """
    It is for the customer to do, and nothing is tried again until then.
    """
    await shelf.holds(upload="another file")

    with pytest.raises(Refused) as refused:
        await shelf.is_read()

    assert Reason.UPLOAD_REJECTED is refused.value.reason


async def test_a_file_that_can_not_be_read_any_more_says_where(shelf: Shelf) -> None:
    """
    The first places are named, and how many more there are.
    """
    await shelf.holds(WRONG)

    with pytest.raises(Refused) as refused:
        await shelf.is_read()

    assert Reason.UPLOAD_REJECTED is refused.value.reason
    assert "Bills, row 2, " in refused.value.detail
    assert "more." in refused.value.detail


async def test_what_is_no_workbook_is_said_without_a_place(shelf: Shelf) -> None:
    """
    There is no sheet to name.
    """
    await shelf.holds(b"a letter")

    with pytest.raises(Refused) as refused:
        await shelf.is_read()

    assert "more." not in refused.value.detail
    assert refused.value.detail


async def test_what_was_taken_back_is_not_read(shelf: Shelf) -> None:
    """
    A revoked connection opens no file either.
    """
    await shelf.holds(revoked_at=NOW)

    with pytest.raises(Refused) as refused:
        await shelf.is_read()

    assert Reason.ACCESS_REVOKED is refused.value.reason


async def test_a_newer_upload_is_leave_anew(shelf: Shelf) -> None:
    """
    Who uploads after having taken leave back gives it again.
    """
    await shelf.holds(revoked_at=NOW - timedelta(minutes=1))

    await shelf.is_read()

    assert (await shelf.connection()).revoked_at is None
