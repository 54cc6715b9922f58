"""What two processes do to a company's syncs at once comes out as if one had waited."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.datasets import Dataset, Part
from domain.journey import DataType, Status
from domain.messages import (
    BeginSync,
    EndSync,
    RunSync,
    SyncState,
    Trigger,
)
from domain.reasons import Reason
from store import pages, syncs
from store.database import Database
from store.journeys import write_move
from store.states import DatasetState
from store.tables import (
    CompanyRow,
    SnapshotRow,
    SyncDatasetRow,
    SyncPartRow,
    SyncRow,
)
from tests.activities.given import (
    COMPANY,
    CONNECTION,
    NOW,
    Recorder,
    a_company,
    a_connection,
    a_journey,
    given,
    given_request,
)
from tests.databases.overlap import all_of, overlap

HOUR = timedelta(hours=1)
PAGE = Part(dataset=Dataset.ACCOUNTS, number=0, rows=3, bytes=9, sha256="0" * 64)


def a_run(sync_id: str, **changes: Any) -> BeginSync:
    values: dict[str, Any] = {
        "sync_id": sync_id,
        "organization_id": "or_1",
        "company_id": COMPANY,
        "connection_id": CONNECTION,
        "trigger": Trigger.MANUAL,
        "data_types": (DataType.FINANCIALS,),
    }
    sync = RunSync(**{**values, **changes})
    return BeginSync(sync=sync, workflow_id="w", run_id="r", at=NOW)


async def given_sync(database: Database, *sync_ids: str) -> None:
    """Store a client whose books are being read."""
    await given_request(database)
    await given(database, a_connection())
    for sync_id in sync_ids:
        async with database.transaction() as session:
            await syncs.begin(session, a_run(sync_id))


async def test_a_sync_that_begins_twice_is_one(database: Database) -> None:
    """
    Both are told the same, down to the syncs of the legal entities.
    """
    await given_request(database)
    north = a_company("co_north", parent_id=COMPANY)
    theirs = a_connection("cn_north", company_id="co_north")
    await given(database, a_connection(), north, theirs)

    async def begin(session: AsyncSession) -> Any:
        return await syncs.begin(session, a_run("sy_1", connection_id=None))

    one, other = await overlap(database, begin, begin)

    assert one == other
    assert 1 == len(one.children)
    assert 2 == len(await all_of(database, SyncRow))


async def test_a_sync_that_begins_again_while_it_ends_waits_for_the_end(
    database: Database,
) -> None:
    """
    Both lock the sync before its company, so that neither waits for the other for ever.
    """
    await given_sync(database, "sy_1")

    _, begun = await overlap(
        database,
        lambda s: s.get(SyncRow, "sy_1", with_for_update=True),
        lambda s: syncs.begin(s, a_run("sy_1")),
        lambda s: syncs.end(s, EndSync(sync_id="sy_1", at=NOW)),
    )

    (row,) = await all_of(database, SyncRow)
    assert CONNECTION == begun.connection_id
    assert SyncState.SUCCEEDED is row.state


async def test_a_page_that_two_bring_counts_once(database: Database) -> None:
    """
    Its rows are not added up twice.
    """
    await given_sync(database, "sy_1")

    async def note(session: AsyncSession) -> None:
        await pages.note_page(session, "sy_1", PAGE, "1")

    await overlap(database, note, note)

    async with database.reading() as session:
        row = await session.get_one(SyncDatasetRow, ("sy_1", PAGE.dataset))
    assert (1, 3) == (row.pages, row.records)
    assert 1 == len(await all_of(database, SyncPartRow))


@pytest.mark.parametrize("reason", [None, Reason.ACCESS_REVOKED])
async def test_a_page_that_comes_with_the_end_is_too_late(
    database: Database, reason: Reason | None
) -> None:
    """
    What was said of a sync that has ended stays said, and neither waits for the other in vain.
    """
    await given_sync(database, "sy_1")
    ended = EndSync(sync_id="sy_1", at=NOW, reason=reason)

    await overlap(
        database,
        lambda s: syncs.end(s, ended),
        lambda s: pages.note_page(s, "sy_1", PAGE, "1"),
    )

    states = {row.state for row in await all_of(database, SyncDatasetRow)}
    assert DatasetState.RUNNING not in states
    assert [] == await all_of(database, SyncPartRow)


async def test_a_sync_ends_once(database: Database) -> None:
    """
    The first end stays; the second one learns of it.
    """
    await given_sync(database, "sy_1")
    well = EndSync(sync_id="sy_1", at=NOW)
    badly = EndSync(sync_id="sy_1", at=NOW + HOUR, reason=Reason.INTERNAL)

    one, other = await overlap(
        database, lambda s: syncs.end(s, well), lambda s: syncs.end(s, badly)
    )

    assert one is not None
    assert other is not None
    assert one.state is other.state
    assert (NOW, None) == (other.finished_at, other.reason)


@pytest.mark.parametrize("order", [("sy_1", "sy_2"), ("sy_2", "sy_1")])
async def test_of_two_syncs_that_end_at_once_the_newer_snapshot_stays(
    database: Database, order: tuple[str, str]
) -> None:
    """
    Whichever of them was quicker.
    """
    await given_sync(database, "sy_1", "sy_2")
    one, other = (EndSync(sync_id=each, at=NOW) for each in order)

    await overlap(database, lambda s: syncs.end(s, one), lambda s: syncs.end(s, other))

    snapshots = await all_of(database, SnapshotRow)
    assert {"sy_2"} == {row.sync_id for row in snapshots}


async def test_a_status_is_computed_from_what_both_have_written(
    database: Database,
) -> None:
    """
    A journey moves while a refresh fails: the newest fact is shown, whoever comes last.
    """
    await given_sync(database, "sy_1")
    sent = Recorder(a_journey()).begin(NOW)
    failed = EndSync(sync_id="sy_1", at=NOW + HOUR, reason=Reason.ACCESS_REVOKED)

    await overlap(
        database, lambda s: syncs.end(s, failed), lambda s: write_move(s, sent)
    )

    async with database.reading() as session:
        row = await session.get_one(CompanyRow, COMPANY)
    assert (Status.ERROR, Reason.ACCESS_REVOKED) == (row.status, row.reason)
